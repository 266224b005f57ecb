import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RaftClient } from "@balsa/client";
import { connectFramed, TlsContext } from "@balsa/client/connection";
import type { Hello } from "@balsa/replica";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RaftNode, type Logger, type TlsFiles } from "../../src/index.js";
import { Counter } from "../support/counter.js";
import { freePorts, until } from "../support/cluster.js";

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));

const files = (name: string, ca = "authority"): TlsFiles => ({
  ca: fixture(`${ca}.pem`),
  cert: fixture(`${name}.pem`),
  key: fixture(`${name}.key`),
});

let folder: string;
let nodes: RaftNode<{ add: number }, number, Counter>[];
let addresses: Record<string, string>;
let lines: string[];

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_fields, message) => lines.push(message),
  error: (_fields, message) => lines.push(message),
};

async function open(id: string, tls: TlsFiles = files(id)): Promise<void> {
  nodes.push(
    await RaftNode.open({
      id,
      dataDirectory: join(folder, id),
      listen: addresses[id]!,
      members: addresses,
      tls,
      logger,
      limits: { segmentBytes: 64 * 1024 },
      stateMachine: new Counter(),
    }),
  );
}

function call(tls: TlsFiles | null, changes: Partial<Hello>) {
  const context = tls === null ? null : new TlsContext(tls, () => undefined);
  const hello = { minVersion: 1, maxVersion: 1, clusterId: "balsa", group: 1, address: "", to: "a", ...changes };
  return connectFramed({ address: addresses["a"]!, tls: context, hello: { role: "client", from: "client", ...hello } });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "balsa-tls-"));
  nodes = [];
  lines = [];
  const ports = await freePorts(3);
  addresses = Object.fromEntries(["a", "b", "c"].map((id, i) => [id, `127.0.0.1:${String(ports[i])}`]));
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close({ timeoutMs: 200 })));
  rmSync(folder, { recursive: true, force: true });
});

describe("nodes with certificates", () => {
  it("form a cluster, and serve a client that has one, too", async () => {
    await Promise.all(["a", "b", "c"].map((id) => open(id)));
    expect(await nodes[0]!.propose({ add: 2 })).toBe(2);
    await using client = RaftClient.connect({ servers: [addresses["b"]!], tls: files("client") });
    const answer = (await client.administer({ op: "status" })) as { status: { id: string } };
    expect(answer.status.id).toBe("b");
  });

  it.each([
    ["signed by a stranger", files("stranger-b"), { role: "peer", from: "b" }],
    ["that has expired", files("expired-b"), { role: "peer", from: "b" }],
    ["of a client, used as a peer's", files("client"), { role: "peer", from: "b" }],
    ["of one member, used as another's", files("c"), { role: "peer", from: "b" }],
  ] as const)("refuse a certificate %s, and say so", async (_name, tls, changes) => {
    await open("a");
    await expect(call(tls, changes)).rejects.toHaveProperty("code");
    await until(() => lines.some((line) => /refused a connection/u.test(line)));
  });

  it("are refused where they show a certificate that does not name them", async () => {
    await open("a", files("c"));
    await expect(call(files("client"), {})).rejects.toMatchObject({ code: "WRONG_CERTIFICATE" });
  });

  it("don't talk to those that have none", async () => {
    await open("a");
    await expect(call(null, {})).rejects.toHaveProperty("code");
  });

  it("use new certificates for new connections when the files change, and keep the old ones when they are broken", async () => {
    const own = { ca: fixture("authority.pem"), cert: join(folder, "own.pem"), key: join(folder, "own.key") };
    copyFileSync(fixture("c.pem"), own.cert);
    copyFileSync(fixture("c.key"), own.key);
    await open("a", own);
    await expect(call(files("client"), {})).rejects.toMatchObject({ code: "WRONG_CERTIFICATE" });
    copyFileSync(fixture("a.pem"), own.cert);
    copyFileSync(fixture("a.key"), own.key);
    const connected = await eventually(() => call(files("client"), {}));
    expect(connected.nodeId).toBe("a");
    connected.connection.destroy();
    writeFileSync(own.cert, "no certificate");
    await eventually(async () => {
      (await call(files("client"), {})).connection.destroy();
      if (!lines.some((line) => /can't be used/u.test(line))) throw new Error("not noticed yet");
      return true;
    });
  });

  it("need them to listen on an address that is no loopback", async () => {
    addresses = { a: "0.0.0.0:0" };
    const options = { id: "a", dataDirectory: join(folder, "a"), listen: "0.0.0.0:0", members: addresses };
    const opened = RaftNode.open({ ...options, stateMachine: new Counter() });
    await expect(opened).rejects.toMatchObject({ code: "INSECURE_LISTEN" });
    nodes.push(await RaftNode.open({ ...options, insecure: true, stateMachine: new Counter() }));
  });
});

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
