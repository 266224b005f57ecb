import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock, Timer } from "../../src/clock.js";
import { HostClock } from "../../src/host/hostClock.js";

/** Goes on by hand, and counts what it is asked for. */
class HandClock implements Clock {
  time = 0;
  set = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.time;
  }

  soon(callback: () => void): void {
    callback();
  }

  setTimer(at: number, callback: () => void): Timer {
    this.set += 1;
    const timer = { at, callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  get armed(): number {
    return this.#timers.size;
  }

  goTo(time: number): void {
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= time).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.callback();
    }
    this.time = time;
  }
}

describe("the timers of all groups of a host", () => {
  it("fire once each, not before their deadlines and within a tick, however many are set, cancelled or set anew", () => {
    const action = fc.record({
      inMs: fc.integer({ min: -5, max: 300 }),
      cancelAfterMs: fc.option(fc.nat({ max: 300 })),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const hand = new HandClock();
        const clock = new HostClock(hand, 10);
        const set = actions.map(({ inMs, cancelAfterMs }, i) => {
          const startAt = i * 7;
          hand.goTo(startAt);
          const deadline = startAt + inMs;
          const firedAt: number[] = [];
          const timer = clock.setTimer(deadline, () => firedAt.push(hand.time));
          const cancelAt = cancelAfterMs === null ? Infinity : startAt + cancelAfterMs;
          if (cancelAt < Infinity) hand.setTimer(cancelAt, () => timer.cancel());
          return { startAt, deadline, cancelAt, firedAt };
        });
        hand.goTo(10_000);
        for (const { startAt, deadline, cancelAt, firedAt } of set) {
          expect(firedAt.length).toBeLessThanOrEqual(1);
          const due = Math.max(startAt, Math.ceil(deadline / 10) * 10);
          if (firedAt[0] !== undefined) expect([firedAt[0] >= deadline, firedAt[0]]).toEqual([true, due]);
          else expect(cancelAt).toBeLessThanOrEqual(due);
        }
        expect(hand.armed).toBe(0);
      }),
    );
  });

  it("are one timer of the process, and what is due in the same tick is done together and in order", () => {
    const hand = new HandClock();
    const clock = new HostClock(hand, 10);
    const done: string[] = [];
    for (let i = 0; i < 100; i++) clock.setTimer(91 + i / 20, () => done.push(String(i)));
    expect([hand.armed, hand.set]).toEqual([1, 1]);
    hand.goTo(99);
    expect(done).toEqual([]);
    hand.goTo(100);
    expect(done).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  });

  it("let one that fires cancel another of the same tick", () => {
    const hand = new HandClock();
    const clock = new HostClock(hand, 10);
    const done: string[] = [];
    clock.setTimer(5, () => {
      done.push("first");
      second.cancel();
    });
    const second = clock.setTimer(6, () => done.push("second"));
    hand.goTo(20);
    expect(done).toEqual(["first"]);
  });

  it("never fire for a deadline at infinity", () => {
    const hand = new HandClock();
    new HostClock(hand, 10).setTimer(Infinity, () => expect.unreachable()).cancel();
    expect(hand.armed).toBe(0);
  });
});
