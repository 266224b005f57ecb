import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NodeClock, NodeProcess, VirtualTime } from "../../src/substrate.js";

function world(startLocalMs = 0) {
  const time = new VirtualTime();
  const process = new NodeProcess("a", time);
  const hardware = new NodeClock(time, startLocalMs);
  const clock = hardware.attach(process);
  const fired: { virtualMs: number; localMs: number }[] = [];
  const timer = (deadline: number) =>
    clock.setTimer(deadline, () => fired.push({ virtualMs: time.now, localMs: clock.now() }));
  return { time, process, hardware, clock, fired, timer };
}

describe("the clock of a node", () => {
  it("shows virtual time from its own start on", () => {
    const { time, clock } = world(1_000);
    time.runUntil(30);
    expect(clock.now()).toBe(1_030);
  });

  it("drifts at its rate from when that was set", () => {
    const { time, hardware, clock } = world();
    time.runUntil(100);
    hardware.setRate(1.5);
    time.runUntil(300);
    expect(clock.now()).toBe(400);
    hardware.setRate(0.5);
    time.runUntil(400);
    expect(clock.now()).toBe(450);
  });

  it("jumps forward, but stands still in place of going back", () => {
    const { time, hardware, clock } = world();
    time.runUntil(100);
    hardware.skew(50);
    expect(clock.now()).toBe(150);
    hardware.skew(-30);
    expect(clock.now()).toBe(150);
    time.runUntil(130);
    expect(clock.now()).toBe(150);
    time.runUntil(140);
    expect(clock.now()).toBe(160);
  });

  it("refuses a rate or an amount that means nothing", () => {
    const { hardware } = world();
    for (const rate of [0, -1, NaN, Infinity]) expect(() => hardware.setRate(rate)).toThrow(RangeError);
    expect(() => hardware.skew(NaN)).toThrow(RangeError);
  });

  it("fires a timer when local time comes to the deadline", () => {
    const { time, hardware, fired, timer } = world(1_000);
    hardware.setRate(2);
    timer(1_100);
    time.runUntil(49);
    expect(fired).toEqual([]);
    time.runUntil(50);
    expect(fired).toEqual([{ virtualMs: 50, localMs: 1_100 }]);
    time.runUntil(200);
    expect(fired.length).toBe(1);
  });

  it("fires a timer whose deadline is past soon, but not before the call returned", () => {
    const { time, fired, timer } = world(1_000);
    timer(3);
    expect(fired).toEqual([]);
    time.runNext();
    expect(fired).toEqual([{ virtualMs: 0, localMs: 1_000 }]);
  });

  it("moves waiting timers when the clock changes", () => {
    const { time, hardware, fired, timer } = world();
    timer(100);
    time.runUntil(50);
    hardware.setRate(5);
    time.runUntil(60);
    expect(fired).toEqual([{ virtualMs: 60, localMs: 100 }]);
    timer(200);
    hardware.skew(100);
    time.runUntil(61);
    expect(fired[1]?.virtualMs).toBe(60);
  });

  it("does not fire a timer that was cancelled, even where its time came in a pause", () => {
    const { time, process, fired, timer } = world();
    timer(10).cancel();
    const waiting = timer(20);
    process.pause();
    time.runUntil(30);
    waiting.cancel();
    waiting.cancel();
    process.resume();
    time.runUntil(40);
    expect(fired).toEqual([]);
  });

  it("fires timers that came due in a pause once the process resumes, in order", () => {
    const { time, process, clock } = world();
    const order: number[] = [];
    for (const deadline of [30, 10, 20]) clock.setTimer(deadline, () => order.push(deadline));
    process.pause();
    time.runUntil(100);
    expect(order).toEqual([]);
    process.resume();
    time.runUntil(100);
    expect(order).toEqual([10, 20, 30]);
  });

  it("fires nothing for a dead process, and goes on for the next one", () => {
    const { time, process, hardware, fired, timer } = world();
    timer(10);
    process.kill();
    timer(5);
    hardware.setRate(2);
    const next = new NodeProcess("a", time);
    const seen: number[] = [];
    hardware.attach(next).setTimer(10, () => seen.push(time.now));
    time.runUntil(20);
    expect(fired).toEqual([]);
    expect(seen).toEqual([5]);
  });

  it("never falls and never fires early, whatever changes", () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("rate" as const), value: fc.double({ min: 0.01, max: 100, noNaN: true }) }),
      fc.record({ type: fc.constant("skew" as const), value: fc.double({ min: -500, max: 500, noNaN: true }) }),
      fc.record({ type: fc.constant("pass" as const), value: fc.double({ min: 0, max: 1_000, noNaN: true }) }),
      fc.record({ type: fc.constant("timer" as const), value: fc.double({ min: -10, max: 1_000, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { time, hardware, clock } = world();
        let last = clock.now();
        let waiting = 0;
        const check = () => {
          expect(clock.now()).toBeGreaterThanOrEqual(last);
          last = clock.now();
        };
        for (const { type, value } of steps) {
          if (type === "rate") hardware.setRate(value);
          else if (type === "skew") hardware.skew(value);
          else if (type === "pass") time.runUntil(time.now + value);
          else {
            const deadline = clock.now() + value;
            waiting += 1;
            clock.setTimer(deadline, () => {
              check();
              expect(clock.now()).toBeGreaterThanOrEqual(deadline);
              waiting -= 1;
            });
          }
          check();
        }
        while (time.runNext());
        expect(waiting).toBe(0);
      }),
    );
  });
});
