import type { Clock } from "@balsa/replica";
import { describe, expect, it } from "vitest";

/** A clock under test. `pass` lets so much time go by. */
export interface ClockUnderTest {
  readonly clock: Clock;
  pass(ms: number): Promise<void>;
}

/** What `Clock` promises, for whatever implements it. */
export function describeClock(name: string, make: () => ClockUnderTest): void {
  describe(`a clock: ${name}`, () => {
    it("never falls", async () => {
      const { clock, pass } = make();
      let last = clock.now();
      for (let i = 0; i < 5; i++) {
        await pass(1);
        expect(clock.now()).toBeGreaterThanOrEqual(last);
        last = clock.now();
      }
    });

    it("calls back once, and not before the deadline", async () => {
      const { clock, pass } = make();
      const deadline = clock.now() + 5;
      const calledAt: number[] = [];
      clock.setTimer(deadline, () => calledAt.push(clock.now()));
      await pass(30);
      expect(calledAt).toHaveLength(1);
      expect(calledAt[0]).toBeGreaterThanOrEqual(deadline);
    });

    it("calls back for a deadline that is over", async () => {
      const { clock, pass } = make();
      let calls = 0;
      clock.setTimer(clock.now() - 10, () => (calls += 1));
      expect(calls).toBe(0);
      await pass(10);
      expect(calls).toBe(1);
    });

    it("does not call back what was cancelled, and may be told so twice", async () => {
      const { clock, pass } = make();
      let calls = 0;
      const timer = clock.setTimer(clock.now() + 2, () => (calls += 1));
      timer.cancel();
      timer.cancel();
      await pass(20);
      expect(calls).toBe(0);
    });

    it("takes a deadline that never comes", async () => {
      const { clock, pass } = make();
      let calls = 0;
      const timer = clock.setTimer(Infinity, () => (calls += 1));
      await pass(5);
      timer.cancel();
      expect(calls).toBe(0);
    });

    it("calls back soon, once for each call and in their order", async () => {
      const { clock, pass } = make();
      const order: number[] = [];
      clock.soon(() => order.push(1));
      clock.soon(() => {
        order.push(2);
        clock.soon(() => order.push(4));
      });
      clock.soon(() => order.push(3));
      await pass(10);
      expect([...order].sort((a, b) => a - b)).toEqual([1, 2, 3, 4]);
      expect(order.filter((n) => n !== 4)).toEqual([1, 2, 3]);
    });
  });
}
