import { RaftHost, type RaftNode } from "@balsa/node";
import type { HostOrder, HostReport, HostSetup } from "./hostProtocol.js";
import { TallyMachine } from "./tallyMachine.js";

/** A host in a process of its own. It does what its parent says, and answers each order once. */

const COMMAND = new Uint8Array(256);

const { id, hosts, dataDirectory, groups } = JSON.parse(process.argv[2] ?? "{}") as HostSetup;
const nodes = new Map<number, RaftNode<Uint8Array, Uint8Array, TallyMachine>>();
const host = await RaftHost.open({ id, hosts, dataDirectory, listen: hosts[id] as string });
await Promise.all(
  Array.from({ length: groups }, async (_, i) => {
    nodes.set(i + 1, await host.openGroup({ group: i + 1, bytesStateMachine: new TallyMachine() }));
  }),
);
process.on("message", (order: HostOrder) => {
  void obey(order).then((report) => process.send?.(report));
});
process.send?.(status());

async function obey(order: HostOrder): Promise<HostReport> {
  switch (order.type) {
    case "status":
      return status();
    case "load": {
      const committed = await load(order.groups, order.inFlight, order.seconds);
      return { ...status(), committed };
    }
    case "close":
      await host.close();
      setImmediate(() => process.exit(0));
      return { ...status(), committed: 0 };
  }
}

function status(): HostReport {
  const { led, resting, leaderless } = host.status();
  const { user, system } = process.cpuUsage();
  const { rss } = process.memoryUsage();
  return { led, resting, leaderless, cpuMs: (user + system) / 1_000, residentMiB: rss / 2 ** 20, committed: 0 };
}

/** Writes to those of the first `count` groups that this host leads, with its share of what is to be under way at once. */
async function load(count: number, inFlight: number, seconds: number): Promise<number> {
  const led = [...nodes].filter(([group, node]) => group <= count && node.metrics().isLeader).map(([, node]) => node);
  const workers = Math.round((inFlight * led.length) / count);
  const endAt = performance.now() + seconds * 1_000;
  let committed = 0;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      const node = led[worker % led.length] as (typeof led)[number];
      while (performance.now() < endAt) {
        await node.propose(COMMAND);
        committed += 1;
      }
    }),
  );
  return committed;
}
