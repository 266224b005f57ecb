import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { RaftNode, type TlsFiles } from "../../src/index.js";
import { freePorts, type CounterNode } from "../support/cluster.js";
import { Counter } from "../support/counter.js";

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const certificate = (id: string): TlsFiles => ({
  ca: fixture("authority.pem"),
  cert: fixture(`${id}.pem`),
  key: fixture(`${id}.key`),
});

let folder: string;
let nodes: CounterNode[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "balsa-node-"));
  nodes = [];
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close({ timeoutMs: 200 })));
  rmSync(folder, { recursive: true, force: true });
});

it.each([true, false])("tells settings, syncs, and the ways to the others, with TLS: %s", async (withTls) => {
  const ports = await freePorts(3);
  const members = Object.fromEntries(["a", "b", "c"].map((id, i) => [id, `127.0.0.1:${String(ports[i])}`]));
  for (const id of ["a", "b"]) {
    nodes.push(
      await RaftNode.open({
        id,
        members,
        listen: members[id]!,
        dataDirectory: join(folder, id),
        stateMachine: new Counter(),
        raft: { electionTimeoutMs: 500 },
        limits: { segmentBytes: 256 * 1024 },
        ...(withTls && { tls: certificate(id) }),
      }),
    );
  }
  const [node] = nodes as [CounterNode];
  await node.propose({ add: 1 });
  const both = await Promise.all([node.diagnose(), node.diagnose()]);
  expect(both[0]).toBe(both[1]); // it is measured once at a time
  const { id, settings, walSyncs, links } = both[0];
  expect(id).toBe("a");
  expect(settings).toMatchObject({ electionTimeoutMs: 500, heartbeatIntervalMs: 100, leaseReads: false });
  expect(walSyncs.count).toBeGreaterThan(0);
  const [toB, toC] = links as [(typeof links)[0], (typeof links)[0]];
  expect(toB).toMatchObject({ to: "b", address: members["b"], error: null });
  expect(toB.roundTripMs).toBeGreaterThan(0);
  expect(toB.slowestMs).toBeGreaterThanOrEqual(toB.roundTripMs!);
  expect(toC).toMatchObject({ to: "c", roundTripMs: null, slowestMs: null });
  expect(toC.error).toContain(members["c"]);
});
