import { describe, expect, it } from "vitest";
import { HostWatch } from "../../src/host/hostWatch.js";

const SILENCE_MS = 300;

function watching() {
  const gone: [string, number][] = [];
  const watch = new HostWatch(SILENCE_MS, (host, heardAt) => gone.push([host, heardAt]));
  watch.attend(new Set(["b"]));
  const beacon = (now: number, incarnation = 1, leaving = false): void => {
    watch.heardFrom("b", now);
    watch.beacon({ type: "beacon", from: "b", to: "a", term: 0, incarnation, leaving }, now);
  };
  /** Looks as a host does, so many milliseconds long. */
  const look = (from: number, to: number): void => {
    for (let now = from; now <= to; now += 100) watch.look(now);
  };
  return { watch, gone, beacon, look };
}

describe("what a host knows of the others", () => {
  it("is since when each has been there", () => {
    const { watch, beacon } = watching();
    expect(watch.hereSince("b")).toBeNull();
    beacon(100);
    beacon(200);
    expect(watch.hereSince("b")).toBe(100);
  });

  it("is nothing of those with whom it shares no group, whatever they say, and of one that comes back only what is new", () => {
    const { watch, gone, beacon, look } = watching();
    watch.heardFrom("x", 100);
    watch.beacon({ type: "beacon", from: "x", to: "a", term: 0, incarnation: 1, leaving: false }, 100);
    expect(watch.hereSince("x")).toBeNull();
    beacon(100);
    watch.attend(new Set());
    watch.attend(new Set(["b"]));
    look(100, 1_000);
    expect([gone, watch.hereSince("b")]).toEqual([[], null]);
  });

  it("is that one is gone, told once, when nothing was heard of it for long enough", () => {
    const { watch, gone, beacon, look } = watching();
    beacon(100);
    look(100, 300);
    expect(gone).toEqual([]);
    look(400, 2_000);
    expect([gone, watch.hereSince("b")]).toEqual([[["b", 100]], null]);
    beacon(2_100);
    look(2_100, 3_000);
    expect(gone).toEqual([
      ["b", 100],
      ["b", 2_100],
    ]);
  });

  it("counts every message as a sign, not only beacons", () => {
    const { watch, gone, beacon } = watching();
    beacon(0);
    for (let now = 0; now <= 2_000; now += 100) {
      watch.heardFrom("b", now);
      watch.look(now);
    }
    expect([gone, watch.hereSince("b")]).toEqual([[], 0]);
  });

  it("is that another process has taken one's place, though nothing was missing in between", () => {
    const { watch, gone, beacon, look } = watching();
    beacon(100);
    look(100, 200);
    beacon(250, 2);
    expect([gone, watch.hereSince("b")]).toEqual([[["b", 250 - SILENCE_MS]], 250]);
  });

  it("is that one is about to leave: it is not to be relied on, and still watched", () => {
    const { watch, gone, beacon, look } = watching();
    beacon(100);
    beacon(200, 1, true);
    expect([gone, watch.hereSince("b")]).toEqual([[], null]);
    look(200, 600);
    expect(gone).toEqual([["b", 200]]);
  });

  it("is not that all others are gone when it stood still itself", () => {
    const { gone, beacon, watch, look } = watching();
    beacon(100);
    look(100, 200);
    watch.look(60_000);
    beacon(60_001);
    look(60_100, 60_300);
    expect(gone).toEqual([]);
    look(60_400, 60_400);
    expect(gone).toEqual([["b", 60_001]]);
  });
});
