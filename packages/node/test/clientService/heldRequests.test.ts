import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectFramed } from "@balsa/client/connection";
import {
  decodeClientResponse,
  encodeClientRequest,
  MAX_PROTOCOL_VERSION,
  MIN_PROTOCOL_VERSION,
  type ClientRequest,
  type ClientRequestBody,
} from "@balsa/replica";
import { describe, expect, it, vi } from "vitest";
import { HeldRequests } from "../../src/clientService/heldRequests.js";
import { RaftNode } from "../../src/index.js";
import { Counter } from "../support/counter.js";

/** One client's requests, and a leader that comes and goes as the test says. */
function world() {
  const performed: number[] = [];
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const state = { now: 0, leaderIsThere: false };
  const held = new HeldRequests({
    clock: {
      now: () => state.now,
      soon: (run) => run(),
      setTimer: (at, run) => {
        const timer = { at, run };
        timers.add(timer);
        return { cancel: () => timers.delete(timer) };
      },
    },
    isLeaderThere: () => state.leaderIsThere,
    perform: ({ requestId }) => performed.push(requestId),
  });
  let requestId = 0;
  const ask = (body: ClientRequestBody): void => {
    const request: ClientRequest = { requestId: ++requestId, ...body };
    if (!held.take(request)) performed.push(requestId);
  };
  const passUntil = (now: number): void => {
    state.now = now;
    for (const timer of [...timers]) if (timer.at <= now) timer.run();
  };
  return { held, state, performed, timers, ask, passUntil };
}

const propose = (bytes: number): ClientRequestBody => ({
  type: "propose",
  session: null,
  command: new Uint8Array(bytes),
  forward: false,
});
const read = (consistency: "linearizable" | "lease" | "stale"): ClientRequestBody => ({
  type: "read",
  consistency,
  question: new Uint8Array(1),
});

describe("a client's requests that need a leader", () => {
  it("are performed at once while there is one", () => {
    const { state, ask, performed } = world();
    state.leaderIsThere = true;
    ask(propose(1));
    ask({ type: "register" });
    expect(performed).toEqual([1, 2]);
  });

  it("wait for one while there is none, and keep their order", () => {
    const { held, state, ask, performed } = world();
    ask({ type: "register" });
    ask(propose(1));
    ask(read("linearizable"));
    held.releaseIfDue();
    expect(performed).toEqual([]);
    state.leaderIsThere = true;
    ask(propose(1));
    ask({ type: "closeSession", sessionId: 1 });
    held.releaseIfDue();
    ask(propose(1));
    expect(performed).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("wait a while at most, and so do those that come after that", () => {
    const { ask, passUntil, performed, timers } = world();
    ask(propose(1));
    passUntil(399);
    expect(performed).toEqual([]);
    passUntil(400);
    expect(performed).toEqual([1]);
    ask(propose(1));
    passUntil(799);
    expect(performed).toEqual([1]);
    passUntil(800);
    expect(performed).toEqual([1, 2]);
    expect(timers.size).toBe(0);
  });

  it("let pass what needs none", () => {
    const { ask, performed } = world();
    ask(propose(1));
    ask(read("stale"));
    ask({ type: "admin", json: "{}" });
    expect(performed).toEqual([2, 3]);
  });

  it("are bounded in bytes", () => {
    const { ask, performed } = world();
    ask(propose(4 * 1024 * 1024));
    ask(propose(1));
    ask(propose(1));
    expect(performed).toEqual([3]);
  });

  it("are let go of when the client has gone", () => {
    const { held, ask, passUntil, performed } = world();
    ask(propose(1));
    held.end();
    passUntil(10_000);
    expect(performed).toEqual([]);
  });

  it("are answered by a node as soon as there is a leader", async () => {
    const folder = mkdtempSync(join(tmpdir(), "balsa-held-"));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      await using node = await RaftNode.open({
        id: "a",
        dataDirectory: join(folder, "a"),
        listen: "127.0.0.1:0",
        members: { a: "127.0.0.1:0" },
        raft: { electionTimeoutMs: 100, heartbeatIntervalMs: 20 },
        stateMachine: new Counter(),
      });
      const versions = { minVersion: MIN_PROTOCOL_VERSION, maxVersion: MAX_PROTOCOL_VERSION };
      const whom = { role: "client" as const, clusterId: "balsa", from: "test", to: "", group: 1, address: "" };
      const { connection } = await connectFramed({ address: node.address, tls: null, hello: { ...versions, ...whom } });
      const answers: string[] = [];
      let arrived = (): void => undefined;
      connection.onFrames((payloads) => {
        answers.push(...payloads.map((payload) => decodeClientResponse(payload).type));
        arrived();
      });
      const answer = (): Promise<void> => new Promise((resolve) => (arrived = resolve));
      connection.send(encodeClientRequest({ requestId: 1, type: "register" }));
      // Its answer shows that the one before has come, too.
      connection.send(encodeClientRequest({ requestId: 2, type: "admin", json: "{}" }));
      await answer();
      expect(answers).toEqual(["admin"]);
      // An election timeout, and less than anything waits for a leader.
      vi.advanceTimersByTime(200);
      await answer();
      expect(answers).toEqual(["admin", "registered"]);
      connection.destroy();
    } finally {
      vi.useRealTimers();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
