import { afterEach, describe, expect, it } from "vitest";
import { RaftNode, type NodeEvent, type TypedStateMachine } from "../../src/index.js";
import { Cluster } from "../support/cluster.js";

let cluster: Cluster;

afterEach(async () => {
  await cluster.stop();
});

describe("a change of the membership", () => {
  it("that puts a member in its own place is refused, and takes nobody out", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    const leader = await cluster.leader();
    const address = cluster.addresses["b"]!;
    const change = { type: "replace", replaced: "b", id: "b", address } as const;
    await expect(leader.reconfigure(change)).rejects.toMatchObject({ code: "INVALID_CHANGE" });
    expect(leader.status().configuration.voters).toEqual(["a", "b", "c"]);
  });

  it.each(["nonsense", "127.0.0.1:99999"])(
    "to the address %s is refused, and leaves no learner behind",
    async (address) => {
      cluster = await Cluster.start(["a"]);
      const node = cluster.node("a");
      await expect(node.reconfigure({ type: "add", id: "d", address })).rejects.toMatchObject({
        code: "INVALID_CHANGE",
      });
      expect(node.status().configuration.learners).toEqual([]);
    },
  );

  it("is not begun when its caller's signal is aborted already", async () => {
    cluster = await Cluster.start(["a"]);
    const node = cluster.node("a");
    const change = { type: "add", id: "d", address: "127.0.0.1:9", learner: true } as const;
    const asked = node.reconfigure(change, { signal: AbortSignal.abort() });
    await expect(asked).rejects.toMatchObject({ code: "TIMED_OUT" });
    expect(node.status().configuration.learners).toEqual([]);
  });

  it("is waited for no longer than its caller wants, also while no quorum answers", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    const leader = await cluster.leader();
    for (const id of ["a", "b", "c"]) if (id !== leader.id) await cluster.close(id);
    const change = { type: "add", id: "d", address: "127.0.0.1:9", learner: true } as const;
    const giveUp = new AbortController();
    const asked = leader.reconfigure(change, { signal: giveUp.signal });
    giveUp.abort(new Error("enough"));
    await expect(asked).rejects.toMatchObject({ code: "UNKNOWN_OUTCOME", cause: { message: "enough" } });
    const bounded = leader.propose({ add: 1 }, { forward: false, timeoutMs: 1 });
    await expect(bounded).rejects.toMatchObject({
      code: expect.stringMatching(/UNKNOWN_OUTCOME|NOT_LEADER/u) as string,
    });
  });
});

describe("a wait", () => {
  it.each([NaN, -1, "5000" as unknown as number])("of %s milliseconds is refused", async (timeoutMs) => {
    cluster = await Cluster.start(["a"]);
    const node = cluster.node("a");
    const refused = { code: "INVALID_OPTION", option: "timeoutMs" };
    await expect(node.propose({ add: 1 }, { timeoutMs })).rejects.toMatchObject(refused);
    await expect(node.read(({ value }) => value, { timeoutMs })).rejects.toMatchObject(refused);
    await expect(node.ready({ timeoutMs })).rejects.toMatchObject(refused);
  });
});

describe("events", () => {
  it("are kept from the call on, before the first of them is asked for", async () => {
    cluster = await Cluster.start(["a"]);
    const node = cluster.node("a");
    const events = node.events();
    await node.propose({ add: 1 });
    await cluster.close("a");
    const seen: NodeEvent["type"][] = [];
    for await (const { type } of events) seen.push(type);
    expect(seen).toContain("applied");
    expect(seen.at(-1)).toBe("stopped");
  });

  it("that nobody reads are dropped, the oldest first, and their reader is told how many", async () => {
    cluster = await Cluster.start(["a"], { maxBufferedEvents: 2 });
    const node = cluster.node("a");
    const events = node.events()[Symbol.asyncIterator]();
    for (let i = 0; i < 10; i++) await node.propose({ add: 1 });
    const { value } = (await events.next()) as { value: NodeEvent };
    expect(value).toMatchObject({ type: "eventsDropped" });
    expect(value).toHaveProperty("count", expect.any(Number));
    await events.return?.();
  });
});

type Wish = "nothing" | "a function" | "a failure";

/** Answers what JSON has no word for, or fails. */
class OddMachine implements TypedStateMachine<Wish, unknown> {
  apply(wish: Wish): unknown {
    if (wish === "a failure") throw new Error("the machine is broken");
    return wish === "nothing" ? undefined : () => 1;
  }
  snapshot(): null {
    return null;
  }
  restore(): void {
    // There is nothing to put back.
  }
}

describe("a state machine", () => {
  it("that answers what JSON has no word for has null answered", async () => {
    cluster = new Cluster();
    const node = await openOdd();
    expect(await node.propose("nothing")).toBeNull();
    expect(await node.propose("a function")).toBeNull();
    await node.close();
  });

  it("that throws stops its node, and who waits hears of it without waiting for the end of their time", async () => {
    cluster = new Cluster();
    const node = await openOdd();
    const asked = node.propose("a failure", { timeoutMs: Infinity });
    await expect(asked).rejects.toMatchObject({ code: "UNKNOWN_OUTCOME" });
    expect(await node.stopped).toMatchObject({ message: "the machine is broken" });
    await node.close();
  });

  const openOdd = () =>
    RaftNode.open({
      ...cluster.options("a", { listen: "127.0.0.1:0", members: { a: "127.0.0.1:0" } }),
      stateMachine: new OddMachine(),
    });
});
