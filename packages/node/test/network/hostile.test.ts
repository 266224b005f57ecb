import { connect, type Socket } from "node:net";
import {
  encodeHello,
  encodeMessage,
  FRAME_HEADER_BYTES,
  FrameDecoder,
  decodeWelcome,
  writeFrameHeader,
  type Hello,
} from "@balsa/replica";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Logger } from "../../src/index.js";
import { Cluster, until } from "../support/cluster.js";

let cluster: Cluster;
let lines: string[];
let sockets: Socket[];

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_fields, message) => lines.push(message),
  error: (_fields, message) => lines.push(message),
};

beforeEach(async () => {
  lines = [];
  sockets = [];
  cluster = await Cluster.start(["a"], { logger });
  await cluster.node("a").propose({ add: 7 });
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await cluster.stop();
});

function frame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(bytes, 0, payload);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

const hello = (changes: Partial<Hello> = {}): Uint8Array =>
  frame(
    encodeHello({
      minVersion: 1,
      maxVersion: 1,
      role: "peer",
      clusterId: "balsa",
      from: "b",
      to: "a",
      group: 1,
      address: "127.0.0.1:1",
      ...changes,
    }),
  );

/** Sends bytes, and gives what came back when the node has closed the connection. */
function send(...pieces: readonly Uint8Array[]): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const [host, port] = cluster.node("a").address.split(":");
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), host, () => {
      for (const piece of pieces) socket.write(piece);
    });
    sockets.push(socket);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(chunks)));
  });
}

async function expectUnharmed(): Promise<void> {
  const node = cluster.node("a");
  expect(await node.read(({ value }) => value)).toBe(7);
  expect(node.status().configuration.voters).toEqual(["a"]);
}

describe("whoever calls a node", () => {
  it.each([
    ["another cluster", { clusterId: "other" }, "WRONG_CLUSTER", /belongs to the cluster other/u],
    ["a peer that looks for somebody else", { to: "c" }, "WRONG_NODE", /looks for the member c/u],
    ["a group that is not there", { group: 9 }, "UNKNOWN_GROUP", /no group 9/u],
    ["the node's own name", { from: "a" }, "OWN_ID", /calls itself a/u],
    ["an older protocol", { minVersion: 0, maxVersion: 0 }, "VERSION", /versions 0 to 0/u],
    ["a later protocol", { minVersion: 3, maxVersion: 9 }, "VERSION", /versions 3 to 9/u],
  ])("as %s is told why not, and so is the operator", async (_name, changes, code, line) => {
    const answer = await send(hello(changes));
    const [payload] = new FrameDecoder().push(answer);
    expect(decodeWelcome(payload!)).toMatchObject({ accepted: false, code });
    expect(lines.join("\n")).toMatch(line);
    await expectUnharmed();
  });

  it("with random bytes is closed on, whatever they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 300 }), async (bytes) => {
        bytes[3] = 0xff; // a frame that is too long, so that it need not be waited for
        await send(bytes);
      }),
      { numRuns: 50 },
    );
    expect(lines.length).toBeGreaterThan(0);
    await expectUnharmed();
  });

  it.each(["peer", "client"] as const)(
    "as a %s with a stream whose bytes are changed changes nothing",
    async (role) => {
      const message = encodeMessage({
        group: 1,
        message: { type: "appendAccepted", from: "b", to: "a", term: 1, matchIndex: 99 },
      });
      const stream = Buffer.concat([hello({ role }), frame(message), frame(message)]);
      await fc.assert(
        fc.asyncProperty(fc.nat(stream.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const changed = Uint8Array.from(stream);
          changed[at]! ^= change;
          const closed = send(changed);
          sockets.at(-1)?.end();
          await closed;
        }),
        { numRuns: 60 },
      );
      await expectUnharmed();
    },
  );

  it("with a frame that claims to be longer than is allowed is closed on at once", async () => {
    await send(hello({ role: "client" }), Uint8Array.of(0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0));
    await expectUnharmed();
  });

  it("in another's name, once it is connected, is not heard", async () => {
    const forged = encodeMessage({
      group: 1,
      message: {
        type: "appendRequest",
        from: "c",
        to: "a",
        term: 1_000,
        previousLogIndex: 0,
        previousLogTerm: 0,
        entries: [],
        commitIndex: 0,
      },
    });
    void send(hello(), frame(forged));
    await until(() => lines.some((line) => /meant to be from c/u.test(line)));
    expect(cluster.node("a").status().term).toBeLessThan(1_000);
    await expectUnharmed();
  });

  it("and says nothing is closed on after a while, and others are served meanwhile", async () => {
    const waits = Array.from({ length: 20 }, () => send(Uint8Array.of(1)));
    await expectUnharmed();
    await Promise.all(waits);
    expect(lines.join("\n")).toMatch(/did not say hello in time/u);
  });

  it("as a client with what is no request is closed on, and told of", async () => {
    await send(hello({ role: "client", to: "" }), frame(Uint8Array.of(250, 1, 2, 3)));
    expect(lines.join("\n")).toMatch(/sent no request/u);
    await expectUnharmed();
  });
});
