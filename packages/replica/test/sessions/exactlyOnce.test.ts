import { describe, expect, it } from "vitest";
import { encodeKeyValueCommand } from "../../src/machines/index.js";
import { encodeEnvelope } from "../../src/sessions/index.js";
import { answerOf, refused, World } from "./world.js";

describe("a client's session", () => {
  it("is named after the entry that registers it, so no two have one id", () => {
    const world = new World();
    expect(world.register()).toBe(1);
    expect(world.register()).toBe(2);
    expect(world.machine.sessionCount).toBe(2);
  });

  it("applies a command once, and answers from its memory when it comes again", () => {
    const world = new World();
    const id = world.register();
    world.append(id, 1, "x");
    const first = world.command(id, 2, { type: "get", key: "log" });
    expect(first.status).toBe("applied");
    world.append(id, 3, "y");
    const again = world.command(id, 2, { type: "get", key: "log" });
    expect(again.status).toBe("duplicate");
    expect(answerOf(again)).toEqual({ type: "value", value: "x" });
    expect(world.append(id, 1, "x").status).toBe("duplicate");
    expect(world.text).toBe("xy");
  });

  it("applies a command once when it stands twice in one batch", () => {
    const world = new World();
    const id = world.register();
    const session = { sessionId: id, sequence: 1, firstOpenSequence: 1 };
    const payload = encodeKeyValueCommand({ type: "append", key: "log", value: "x" });
    const data = encodeEnvelope({ kind: "command", clusterTimeMs: 0, session, payload });
    const results = world.machine.apply([
      { index: 2, data },
      { index: 3, data },
      { index: 4, data },
    ]);
    expect(results.map((result) => result.status)).toEqual(["applied", "duplicate", "duplicate"]);
    expect(results.map(answerOf)).toEqual([{ type: "done" }, { type: "done" }, { type: "done" }]);
    expect(world.text).toBe("x");
  });

  it("remembers over a snapshot and a restore", () => {
    const world = new World();
    const id = world.register();
    world.append(id, 1, "x");
    world.command(id, 2, { type: "get", key: "log" });
    world.restart();
    expect(world.append(id, 1, "x").status).toBe("duplicate");
    expect(answerOf(world.command(id, 2, { type: "get", key: "log" }))).toEqual({ type: "value", value: "x" });
    expect(world.append(id, 3, "y").status).toBe("applied");
    expect(world.text).toBe("xy");
  });

  it("applies its commands in the order of their sequences, whatever order the log has", () => {
    const world = new World();
    const id = world.register();
    expect(world.append(id, 2, "b")).toEqual(refused("OUT_OF_ORDER"));
    expect(world.append(id, 3, "c")).toEqual(refused("OUT_OF_ORDER"));
    expect(world.append(id, 1, "a").status).toBe("applied");
    expect(world.append(id, 3, "c")).toEqual(refused("OUT_OF_ORDER"));
    expect(world.append(id, 2, "b").status).toBe("applied");
    expect(world.append(id, 3, "c").status).toBe("applied");
    expect(world.text).toBe("abc");
  });

  it("forgets answers that the client says it has, and no others", () => {
    const world = new World();
    const id = world.register();
    for (const [i, text] of ["a", "b", "c"].entries()) world.append(id, i + 1, text);
    world.append(id, 4, "d", 3);
    expect(world.append(id, 1, "a")).toEqual(refused("STALE_SEQUENCE"));
    expect(world.append(id, 2, "b")).toEqual(refused("STALE_SEQUENCE"));
    expect(world.append(id, 3, "c").status).toBe("duplicate");
    expect(world.append(id, 4, "d").status).toBe("duplicate");
    expect(world.text).toBe("abcd");
  });

  it("is told no news by a message from before: what is forgotten stays so, what is kept stays kept", () => {
    const world = new World();
    const id = world.register();
    world.append(id, 1, "a");
    world.append(id, 2, "b", 2);
    expect(world.append(id, 1, "a", 1)).toEqual(refused("STALE_SEQUENCE"));
    expect(world.append(id, 2, "b", 1).status).toBe("duplicate");
  });

  it("keeps only so many answers of a client that never says it has them", () => {
    const world = new World({ maxCachedResults: 2 });
    const id = world.register();
    for (let sequence = 1; sequence <= 4; sequence++) world.append(id, sequence, "x");
    expect(world.append(id, 2, "x")).toEqual(refused("STALE_SEQUENCE"));
    expect(world.append(id, 3, "x").status).toBe("duplicate");
    expect(world.text).toBe("xxxx");
  });

  it("keeps only so many bytes of answers, but always the newest", () => {
    const world = new World({ maxCachedResultBytes: 100 });
    const id = world.register();
    world.command(id, 1, { type: "put", key: "k", value: "v".repeat(60) });
    for (const sequence of [2, 3]) world.command(id, sequence, { type: "get", key: "k" });
    expect(world.command(id, 2, { type: "get", key: "k" })).toEqual(refused("STALE_SEQUENCE"));
    expect(world.command(id, 3, { type: "get", key: "k" }).status).toBe("duplicate");
    world.command(id, 4, { type: "put", key: "k", value: "v".repeat(1_000) });
    world.command(id, 5, { type: "get", key: "k" });
    expect(world.command(id, 5, { type: "get", key: "k" }).status).toBe("duplicate");
    expect(world.command(id, 4, { type: "get", key: "k" })).toEqual(refused("STALE_SEQUENCE"));
  });

  it("does not mix with another client's", () => {
    const world = new World();
    const [one, other] = [world.register(), world.register()];
    expect(world.append(one, 1, "a").status).toBe("applied");
    expect(world.append(other, 1, "b").status).toBe("applied");
    expect(world.text).toBe("ab");
  });

  it("is over when closed, which may be asked for twice", () => {
    const world = new World();
    const id = world.register();
    expect(world.close(id)).toEqual({ status: "closed" });
    expect(world.close(id)).toEqual({ status: "closed" });
    expect(world.append(id, 1, "x")).toEqual(refused("SESSION_EXPIRED"));
    expect(world.text).toBeNull();
    expect(world.machine.takeExpiredSessions()).toEqual([]);
  });

  it("is not needed for a command that may be applied twice", () => {
    const world = new World();
    const payload = encodeKeyValueCommand({ type: "append", key: "log", value: "x" });
    for (let i = 0; i < 2; i++) world.apply(encodeEnvelope({ kind: "plain", clusterTimeMs: 0, payload }));
    expect(world.text).toBe("xx");
  });

  it("is spared by entries that are no envelopes, which are refused and change nothing", () => {
    const world = new World();
    world.append(world.register(), 1, "x");
    const before = world.snapshotBytes();
    for (const data of [[], [0x12], [0x13, 0, 0], [0x15, 0], [0xff, 1, 2, 3]]) {
      expect(world.apply(Uint8Array.from(data))).toEqual(refused("MALFORMED"));
    }
    expect(world.snapshotBytes()).toEqual(before);
  });
});
