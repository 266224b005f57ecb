import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CounterMachine, encodeCounterCommand, Replica, type DiskFile, type Done, type Network } from "@balsa/replica";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileDisk, REAL_FILE_SYSTEM, SystemClock, type FileSystem } from "../../src/index.js";
import { until } from "../support/cluster.js";

let folder: string;
let broken: { write: string | null; grow: string | null; sync: string | null; syncDirectory: string | null };
let writes: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "balsa-failure-"));
  broken = { write: null, grow: null, sync: null, syncDirectory: null };
  writes = 0;
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The real one, with writes that fail when the test says so; those that reserve room are told by their length. */
const fileSystem = {
  ...REAL_FILE_SYSTEM,
  write: ((...args: Parameters<typeof REAL_FILE_SYSTEM.write>) => {
    const bytes = args[1] as unknown as Uint8Array;
    const done = args.at(-1) as (error: Error | null, count: number) => void;
    const code = bytes.length >= 16 * 1024 ? broken.grow : broken.write;
    writes += 1;
    if (code !== null) setImmediate(done, Object.assign(new Error(code), { code }), 0);
    else (REAL_FILE_SYSTEM.write as (...all: unknown[]) => void)(...args);
  }) as FileSystem["write"],
  fdatasync: (descriptor: number, done: (error: Error | null) => void) => {
    if (broken.sync === null) REAL_FILE_SYSTEM.fdatasync(descriptor, done);
    else setImmediate(done, Object.assign(new Error(broken.sync), { code: broken.sync }));
  },
  fsync: (descriptor: number, done: (error: Error | null) => void) => {
    if (broken.syncDirectory === null) REAL_FILE_SYSTEM.fsync(descriptor, done);
    else setImmediate(done, Object.assign(new Error(broken.syncDirectory), { code: broken.syncDirectory }));
  },
} as FileSystem;

const nobody: Network = { send: () => undefined, onMessage: () => undefined };

async function open(): Promise<Replica> {
  const replica = await new Promise<Replica>((resolve, reject) => {
    Replica.open(
      {
        id: "a",
        disk: new FileDisk(folder, [], fileSystem),
        network: nobody,
        clock: new SystemClock(),
        random: Math.random,
        stateMachine: new CounterMachine(),
        founders: ["a"],
        limits: { segmentBytes: 32 * 1024 },
        onEvent: (event) => {
          if (event.type === "stopped") reason = event.reason;
        },
      },
      (error, opened) => (opened === null ? reject(error ?? new Error("no reason")) : resolve(opened)),
    );
  });
  await until(() => replica.raft.role === "leader");
  return replica;
}

let reason: Error | null = null;

const add = (replica: Replica): Promise<string> =>
  new Promise((resolve) => {
    replica.propose(encodeCounterCommand({ type: "add", amount: 1 }), null, (outcome) => {
      resolve(outcome.ok ? "ok" : outcome.code);
    });
  });

const stop = (replica: Replica): Promise<void> => new Promise((resolve) => replica.stop(() => resolve()));

describe("a disk that fails", () => {
  it("stops the replica with the cause, and nothing is written after that", async () => {
    const replica = await open();
    expect(await add(replica)).toBe("ok");
    broken.write = "EIO";
    expect(await add(replica)).toBe("UNKNOWN_OUTCOME");
    expect(replica.isStopped).toBe(true);
    expect(reason).toMatchObject({ code: "STORAGE_FAILED", cause: { cause: { code: "EIO" } } });
    const after = writes;
    expect(await add(replica)).toBe("STOPPED");
    await stop(replica);
    expect(writes).toBe(after);
    broken.write = null;
    const again = await open();
    expect(await add(again)).toBe("ok");
    await stop(again);
  });

  it.each(["sync", "syncDirectory"] as const)("in a %s stops the replica with the cause", async (which) => {
    const replica = await open();
    broken[which] = "EIO";
    // Segments are small, so that others are soon made, synced, and given a name in the directory.
    for (let i = 0; i < 100 && !replica.isStopped; i++) {
      await Promise.all(Array.from({ length: 100 }, () => add(replica)));
    }
    expect(reason).toMatchObject({ code: "STORAGE_FAILED", cause: { cause: { code: "EIO" } } });
    await stop(replica);
    broken[which] = null;
    const again = await open();
    expect(await add(again)).toBe("ok");
    await stop(again);
  });

  it("that failed a sync of a file does nothing more with that file", async () => {
    const file = await new Promise<DiskFile>((resolve, reject) => {
      new FileDisk(folder, [], fileSystem).open("f", true, (error, opened) =>
        error === null ? resolve(opened) : reject(error),
      );
    });
    const ended = (act: (done: Done) => void): Promise<Error | null> => new Promise((resolve) => act(resolve));
    expect(await ended((done) => file.write(0, Uint8Array.of(1), done))).toBeNull();
    broken.sync = "EIO";
    expect(await ended((done) => file.sync(done))).toMatchObject({ code: "DISK_ERROR" });
    broken.sync = null;
    expect(await ended((done) => file.sync(done))).toMatchObject({ code: "DISK_ERROR" });
    expect(await ended((done) => file.write(1, Uint8Array.of(1), done))).toMatchObject({ code: "DISK_ERROR" });
    expect(await ended((done) => file.close(done))).toBeNull();
  });

  it("that is full has proposals refused before the log is hurt, and taken again when there is room", async () => {
    const replica = await open();
    broken.grow = "ENOSPC";
    let acknowledged = 0;
    const outcomes = new Set<string>();
    for (let i = 0; i < 4_000 && !outcomes.has("DISK_FULL"); i++) {
      const outcome = await add(replica);
      outcomes.add(outcome);
      if (outcome === "ok") acknowledged += 1;
    }
    expect([...outcomes]).toEqual(["ok", "DISK_FULL"]);
    expect(replica.isStopped).toBe(false);
    await stop(replica);
    broken.grow = null;
    const again = await open();
    expect(await add(again)).toBe("ok");
    expect(again.lastApplied).toBeGreaterThan(acknowledged);
    await stop(again);
  });
});
