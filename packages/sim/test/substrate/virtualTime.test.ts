import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventQueue, VirtualTime } from "../../src/substrate.js";

describe("the event queue", () => {
  it("hands out events by time, then in the order they came in, without the cancelled ones", () => {
    const plan = fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 20 }), cancelled: fc.boolean() }));
    fc.assert(
      fc.property(plan, (events) => {
        const queue = new EventQueue();
        const scheduled = events.map(({ atMs }) => queue.push(atMs, () => undefined));
        events.forEach(({ cancelled }, at) => {
          if (cancelled) scheduled[at]?.cancel();
        });
        const expected = events
          .map(({ atMs, cancelled }, at) => ({ atMs, at, cancelled }))
          .filter(({ cancelled }) => !cancelled)
          .sort((left, right) => left.atMs - right.atMs || left.at - right.at)
          .map(({ at }) => at);
        const order: number[] = [];
        for (let event = queue.pop(); event !== null; event = queue.pop()) order.push(event.sequence);
        expect(order).toEqual(expected);
        expect(queue.size).toBe(0);
      }),
    );
  });

  it("keeps the order while events come and go", () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(null)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (plan) => {
        const queue = new EventQueue();
        let model: { atMs: number; sequence: number }[] = [];
        for (const step of plan) {
          if (step !== null) {
            model.push(queue.push(step, () => undefined));
            continue;
          }
          model.sort((left, right) => left.atMs - right.atMs || left.sequence - right.sequence);
          expect(queue.pop()).toBe(model[0] ?? null);
          model = model.slice(1);
        }
      }),
    );
  });
});

describe("virtual time", () => {
  it("jumps to each event and stands still while it runs", () => {
    const time = new VirtualTime();
    const seen: number[] = [];
    time.schedule(2.5, () => {
      seen.push(time.now);
      time.after(1.25, () => seen.push(time.now));
    });
    time.schedule(1, { run: () => seen.push(time.now) });
    expect(time.nextAt).toBe(1);
    while (time.runNext());
    expect(seen).toEqual([1, 2.5, 3.75]);
    expect(time.eventsRun).toBe(3);
    expect(time.nextAt).toBeNull();
  });

  it("runs what is scheduled for the present after what was so before", () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    time.schedule(1, () => {
      seen.push("first");
      time.schedule(1, () => seen.push("third"));
    });
    time.schedule(1, () => seen.push("second"));
    time.runUntil(1);
    expect(seen).toEqual(["first", "second", "third"]);
  });

  it("runs up to and including a time, and no further", () => {
    const time = new VirtualTime();
    const seen: number[] = [];
    for (const atMs of [1, 2, 3]) time.schedule(atMs, () => seen.push(atMs));
    time.runUntil(2);
    expect(seen).toEqual([1, 2]);
    expect(time.now).toBe(2);
    time.runUntil(2.5);
    expect(time.now).toBe(2.5);
    expect(() => time.runUntil(2)).toThrow(RangeError);
  });

  it("does not run a cancelled event, nor one twice", () => {
    const time = new VirtualTime();
    let runs = 0;
    const event = time.schedule(1, () => (runs += 1));
    time.schedule(2, () => (runs += 10)).cancel();
    while (time.runNext());
    event.cancel();
    expect(runs).toBe(1);
    expect(time.runNext()).toBe(false);
  });

  it("refuses the past and what is no time", () => {
    const time = new VirtualTime();
    time.runUntil(5);
    for (const atMs of [4.9, NaN, Infinity]) expect(() => time.schedule(atMs, () => undefined)).toThrow(RangeError);
  });

  it("does at the end of a step what that step has put off, and only then what comes next", () => {
    const time = new VirtualTime();
    const order: string[] = [];
    time.schedule(1, () => {
      time.soon(() => {
        order.push("put off");
        time.soon(() => order.push("put off again"));
      });
      order.push("step");
    });
    time.schedule(1, () => order.push("next step"));
    time.runUntil(1);
    expect(order).toEqual(["step", "put off", "put off again", "next step"]);
    expect(time.eventsRun).toBe(2);
  });
});
