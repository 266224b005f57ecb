import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RaftClient } from "@balsa/client";
import { connectFramed, FramedServer, type FramedConnection } from "@balsa/client/connection";
import {
  decodeClientRequest,
  decodeClientResponse,
  encodeClientRequest,
  encodeClientResponse,
  type StateMachine,
} from "@balsa/replica";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RaftNode } from "../../src/index.js";
import { until } from "../support/cluster.js";

const MEBIBYTE = 1024 * 1024;

let folder: string;
let endings: (() => Promise<unknown>)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "balsa-troubles-"));
  endings = [];
});

afterEach(async () => {
  for (const end of endings.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

/** Listens as a member does, and leaves to the test what becomes of a connection. */
async function fakeMember(onConnection: (connection: FramedConnection) => void): Promise<FramedServer> {
  const server = await FramedServer.listen({
    listen: "127.0.0.1:0",
    tls: null,
    insecure: false,
    nodeId: "a",
    admit: () => null,
    onConnection,
    onRefused: () => undefined,
  });
  endings.push(() => server.close());
  return server;
}

const answering = (connection: FramedConnection): void => {
  connection.onFrames((payloads) => {
    for (const payload of payloads) {
      const { requestId, type } = decodeClientRequest(payload);
      const answer = Uint8Array.of(7);
      if (type === "read") connection.send(encodeClientResponse({ requestId, type: "answer", answer }));
      if (type === "register") connection.send(encodeClientResponse({ requestId, type: "registered", sessionId: 1 }));
      if (type !== "propose") continue;
      const applied = { index: 2, term: 1, duplicate: false, result: answer };
      connection.send(encodeClientResponse({ requestId, type: "applied", applied }));
    }
  });
};

function connect(servers: readonly string[], silenceTimeoutMs = 10_000): RaftClient {
  const client = RaftClient.connect({ servers, silenceTimeoutMs });
  endings.push(() => client.close());
  return client;
}

describe("a client", () => {
  it("turns to another member when the one that it has reached answers nothing", async () => {
    let asked = 0;
    const silent = await fakeMember((connection) => connection.onFrames(({ length }) => (asked += length)));
    const other = await fakeMember(answering);
    const readers = connect([silent.address, other.address], 50);
    const writer = connect([silent.address, other.address], 50);
    const [read, written] = await Promise.all([readers.read(Uint8Array.of(1)), writer.propose(Uint8Array.of(1))]);
    expect([...read, ...written]).toEqual([7, 7]);
    expect(asked).toBe(2);
  });

  it("refuses what no member could take, and goes on with what is beside it", async () => {
    const server = await fakeMember(answering);
    const client = connect([server.address]);
    const long = new Uint8Array(16 * MEBIBYTE + 1);
    const beside = client.propose(Uint8Array.of(1));
    await expect(client.propose(long)).rejects.toMatchObject({ code: "TOO_LARGE" });
    await expect(client.read(long)).rejects.toMatchObject({ code: "TOO_LARGE" });
    await expect(client.propose("text" as unknown as Uint8Array)).rejects.toMatchObject({ code: "MALFORMED" });
    expect([...(await beside)]).toEqual([7]);
  });
});

/** Answers each command and question with so many MiB. */
class TalkativeMachine implements StateMachine {
  apply(commands: readonly Uint8Array[]): readonly Uint8Array[] {
    return commands.map((command) => this.query(command));
  }
  query([mebibytes = 0]: Uint8Array): Uint8Array {
    return new Uint8Array(mebibytes * MEBIBYTE);
  }
  snapshot() {
    return { read: () => null, release: () => undefined };
  }
  restore() {
    return { write: () => undefined, finish: () => undefined };
  }
}

describe("an answer that is too long to be sent", () => {
  it("is refused in words, and costs neither the connection nor what is beside it", async () => {
    const node = await RaftNode.open({
      id: "a",
      dataDirectory: folder,
      listen: "127.0.0.1:0",
      members: { a: "127.0.0.1:0" },
      limits: { segmentBytes: 256 * 1024 },
      bytesStateMachine: new TalkativeMachine(),
    });
    endings.push(() => node.close());
    const client = connect([node.address]);
    const [beside] = await Promise.all([
      client.propose(Uint8Array.of(1)),
      expect(client.read(Uint8Array.of(17))).rejects.toMatchObject({ code: "TOO_LARGE" }),
      // It has been carried out, and what it answered can't be known.
      expect(client.propose(Uint8Array.of(17))).rejects.toMatchObject({ code: "UNKNOWN_OUTCOME" }),
    ]);
    expect(beside).toHaveLength(MEBIBYTE);
  });
});

describe("a member that is still opening", () => {
  it("keeps what a client asks of it until it can answer", async () => {
    const held: FramedConnection[] = [];
    const server = await fakeMember((connection) => held.push(connection));
    const hello = { minVersion: 1, maxVersion: 1, clusterId: "balsa", group: 1, address: "", to: "", from: "client" };
    const { connection } = await connectFramed({
      address: server.address,
      tls: null,
      hello: { role: "client", ...hello },
    });
    const answers: unknown[] = [];
    connection.onFrames((payloads) => answers.push(...payloads.map(decodeClientResponse)));
    connection.send(
      encodeClientRequest({ requestId: 1, type: "read", consistency: "stale", question: Uint8Array.of() }),
    );
    await until(() => held.length > 0);
    // Another connection's whole exchange gives those bytes time to arrive.
    (
      await connectFramed({ address: server.address, tls: null, hello: { role: "client", ...hello } })
    ).connection.destroy();
    answering(held[0]!);
    await until(() => answers.length > 0);
    expect(answers).toMatchObject([{ requestId: 1, type: "answer" }]);
    connection.destroy();
  });
});
