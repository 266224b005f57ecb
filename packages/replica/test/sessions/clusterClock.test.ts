import { expect, it, describe } from "vitest";
import { ClusterClock } from "../../src/sessions/index.js";

describe("the cluster clock", () => {
  it("runs on, during a reign, from where the last leader's entries left it", () => {
    const clock = new ClusterClock();
    clock.startReign(5_000, 70);
    expect(clock.stamp(5_000, 70)).toBe(5_000);
    expect(clock.stamp(5_000, 101.9)).toBe(5_031);
  });

  it("stands still while nobody leads", () => {
    const clock = new ClusterClock();
    clock.startReign(0, 0);
    const last = clock.stamp(0, 1_000);
    clock.startReign(last, 900_000);
    expect(clock.stamp(last, 900_010)).toBe(1_010);
  });

  it("does not fall behind entries of earlier leaders that are applied late", () => {
    const clock = new ClusterClock();
    clock.startReign(100, 0);
    expect(clock.stamp(700, 10)).toBe(700);
    expect(clock.stamp(700, 800)).toBe(900);
  });
});
