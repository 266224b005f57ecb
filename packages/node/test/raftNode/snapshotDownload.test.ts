import { SnapshotDownload } from "@balsa/client";
import { SessionedMachine, type StateMachine } from "@balsa/replica";
import { afterEach, beforeEach, expect, it } from "vitest";
import { adaptTypedMachine } from "../../src/raftNode/machineAdapter.js";
import { Cluster } from "../support/cluster.js";
import { Counter } from "../support/counter.js";

let cluster: Cluster;
let servers: string[];

beforeEach(async () => {
  cluster = await Cluster.start(["a"]);
  servers = Object.values(cluster.addresses);
});

afterEach(() => cluster.stop());

/** What the counter stands at in a state that was read out. */
async function valueIn(download: SnapshotDownload): Promise<number> {
  const counter = new Counter();
  const machine: StateMachine = adaptTypedMachine(counter).bytesMachine;
  const sink = new SessionedMachine(machine).restore();
  for (let piece = await download.next(); piece !== null; piece = await download.next()) sink.write(piece);
  sink.finish();
  return counter.value;
}

it("holds the state as it was when it began, whatever is written while it is read", async () => {
  await cluster.anyNode().propose({ add: 3 });
  const first = await SnapshotDownload.begin({ servers });
  await cluster.anyNode().propose({ add: 4 });
  const second = await SnapshotDownload.begin({ servers });
  expect(second.description.index).toBeGreaterThan(first.description.index);
  expect(first.description.configuration.voters).toEqual(["a"]);
  expect(await valueIn(second)).toBe(7);
  expect(await valueIn(first)).toBe(3);
  first.close();
  second.close();
});

it("is refused where too many are held, and one is let go with its connection, or at its end", async () => {
  const held = await Promise.all([1, 2, 3, 4].map(() => SnapshotDownload.begin({ servers })));
  await expect(SnapshotDownload.begin({ servers })).rejects.toMatchObject({ code: "OVERLOADED" });
  expect(await valueIn(held[0]!)).toBe(0);
  const fifth = await SnapshotDownload.begin({ servers });
  await expect(SnapshotDownload.begin({ servers })).rejects.toMatchObject({ code: "OVERLOADED" });
  await expect(held[0]!.next()).rejects.toMatchObject({ code: "TIMED_OUT" });
  held[1]!.close();
  let sixth: SnapshotDownload | null = null;
  while (sixth === null) sixth = await SnapshotDownload.begin({ servers }).catch(() => null);
  for (const download of [...held, fifth, sixth]) download.close();
  await expect(held[2]!.next()).rejects.toMatchObject({ code: "CLOSED" });
});

it("asks the next member where one is not reached", async () => {
  const download = await SnapshotDownload.begin({ servers: ["127.0.0.1:1", ...servers], timeoutMs: 2_000 });
  expect(download.nodeId).toBe("a");
  download.close();
});
