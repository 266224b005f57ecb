import { RaftHost, type TypedStateMachine } from "@balsa/node";
import { RefusedError } from "@balsa/replica";
import type { FromHost, HostSetup, ToHost } from "./hostsProtocol.js";

/** A host in a process of its own, which adds one to the tallies of groups drawn at random, and tells of each attempt. */

const WORKERS = 40;
const PAUSE_MS = 30;
const PATIENCE_MS = 20_000;

class Tally implements TypedStateMachine<number, number> {
  value = 0;

  apply(add: number): number {
    this.value += add;
    return this.value;
  }

  snapshot(): number {
    return this.value;
  }

  restore(value: number): void {
    this.value = value;
  }
}

const { id, hosts, dataDirectory, groups } = JSON.parse(process.argv[2] ?? "{}") as HostSetup;
const host = await RaftHost.open({
  id,
  hosts,
  dataDirectory,
  listen: hosts[id] as string,
  // Small, so that in half a minute files of the log come and go, and groups rest.
  settings: { segmentBytes: 1024 * 1024, maxLogBytes: 4 * 1024 * 1024 },
  raft: { restAfterMs: 500 },
});
const limits = { snapshotEveryBytes: 64 * 1024 };
const nodes = await Promise.all(
  Array.from({ length: groups }, (_, i) => host.openGroup({ group: i + 1, stateMachine: new Tally(), limits })),
);
process.on("message", (order: ToHost) => {
  if (order === "work") for (let worker = 0; worker < WORKERS; worker++) void work();
  else void read();
});
tell({ type: "open" });

async function work(): Promise<void> {
  for (;;) {
    const group = Math.floor(Math.random() * groups);
    tell({ type: "tried", group });
    try {
      await nodes[group]!.propose(1, { timeoutMs: PATIENCE_MS });
      tell({ type: "done", group });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      tell({ type: "refused", code: error.code });
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MS));
  }
}

async function read(): Promise<void> {
  const values = await Promise.all(nodes.map((node) => node.read(({ value }) => value, { timeoutMs: PATIENCE_MS })));
  tell({ type: "values", values, logSizeBytes: host.status().logSizeBytes });
}

function tell(message: FromHost): void {
  process.send?.(message);
}
