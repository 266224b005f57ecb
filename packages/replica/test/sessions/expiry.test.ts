import { InvalidOptionError } from "@balsa/core";
import { describe, expect, it } from "vitest";
import { KeyValueMachine } from "../../src/machines/index.js";
import { SessionedMachine } from "../../src/sessions/index.js";
import { refused, World } from "./world.js";

describe("the expiry of sessions", () => {
  it("comes when a session was idle for longer than the timeout, by the time stamped on entries", () => {
    const world = new World({ sessionTimeoutMs: 100 });
    const [idle, busy] = [world.register(), world.register()];
    world.timeMs = 60;
    world.append(busy, 1, "a");
    world.timeMs = 100;
    world.append(busy, 2, "b");
    expect(world.machine.takeExpiredSessions()).toEqual([]);
    world.timeMs = 101;
    world.append(busy, 3, "c");
    expect(world.machine.takeExpiredSessions()).toEqual([idle]);
    expect(world.append(idle, 1, "x")).toEqual(refused("SESSION_EXPIRED"));
    expect(world.text).toBe("abc");
  });

  it("hits a session whose next command comes too late", () => {
    const world = new World({ sessionTimeoutMs: 100 });
    const id = world.register();
    world.timeMs = 101;
    expect(world.append(id, 1, "x")).toEqual(refused("SESSION_EXPIRED"));
    expect(world.text).toBeNull();
  });

  it("is put off by every command of the session, even by one that has no effect", () => {
    const world = new World({ sessionTimeoutMs: 100 });
    const id = world.register();
    world.append(id, 1, "x");
    world.timeMs = 80;
    world.append(id, 1, "x");
    world.timeMs = 160;
    world.append(id, 9, "early");
    world.timeMs = 240;
    expect(world.append(id, 2, "y").status).toBe("applied");
  });

  it("goes by a clock that never falls, though a new leader's stamps may", () => {
    const world = new World({ sessionTimeoutMs: 100 });
    world.timeMs = 500;
    const id = world.register();
    world.timeMs = 10;
    world.append(id, 1, "x");
    expect(world.machine.clusterTimeMs).toBe(500);
    world.timeMs = 600;
    expect(world.append(id, 2, "y").status).toBe("applied");
  });

  it("takes the least recently active first", () => {
    const world = new World({ sessionTimeoutMs: 100 });
    const [a, b, c] = [world.register(), world.register(), world.register()];
    world.timeMs = 1;
    world.append(a, 1, "a");
    world.timeMs = 500;
    world.register();
    expect(world.machine.takeExpiredSessions()).toEqual([b, c, a]);
  });

  it("makes room for a new session when there are too many", () => {
    const world = new World({ maxSessions: 2 });
    const [a, b] = [world.register(), world.register()];
    world.append(a, 1, "a");
    const c = world.register();
    expect(world.machine.takeExpiredSessions()).toEqual([b]);
    expect(world.append(b, 1, "b")).toEqual(refused("SESSION_EXPIRED"));
    expect(world.append(a, 2, "a").status).toBe("applied");
    expect(world.append(c, 1, "c").status).toBe("applied");
    expect(world.machine.sessionCount).toBe(2);
  });

  it("is the same after a restore: order of activity and time come with the snapshot", () => {
    const world = new World({ sessionTimeoutMs: 100, maxSessions: 3 });
    const [a, b, c] = [world.register(), world.register(), world.register()];
    world.timeMs = 50;
    world.append(a, 1, "a");
    world.restart();
    expect(world.machine.clusterTimeMs).toBe(50);
    world.register();
    expect(world.machine.takeExpiredSessions()).toEqual([b]);
    world.timeMs = 120;
    expect(world.append(c, 1, "c")).toEqual(refused("SESSION_EXPIRED"));
    expect(world.append(a, 2, "a").status).toBe("applied");
  });

  it("has limits that are whole numbers of at least 1", () => {
    for (const options of [{ sessionTimeoutMs: 0 }, { maxSessions: 1.5 }, { maxCachedResults: NaN }]) {
      expect(() => new SessionedMachine(new KeyValueMachine(), options)).toThrow(InvalidOptionError);
    }
  });
});
