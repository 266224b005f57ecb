import { constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DiskFile, Done } from "@balsa/replica";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FileDisk, REAL_FILE_SYSTEM, type FileSystem } from "../../src/index.js";

let folder: string;
/** Descriptors that were written to, and not synced since. */
let unsynced: Set<number>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "balsa-durability-"));
  unsynced = new Set();
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Call = (...args: unknown[]) => void;

/** The real one, that keeps account of what is durable: a write is by `O_DSYNC`, or by the sync of its descriptor. */
function accounting(): FileSystem {
  const real = REAL_FILE_SYSTEM as unknown as Record<string, Call>;
  const durable = new Set<number>();
  return {
    ...REAL_FILE_SYSTEM,
    open: (path: string, flags: number, ...rest: unknown[]) => {
      const done = rest.pop() as (error: Error | null, descriptor: number) => void;
      real["open"]!(path, flags, ...rest, (error: Error | null, descriptor: number) => {
        if ((flags & constants.O_DSYNC) === constants.O_DSYNC) durable.add(descriptor);
        done(error, descriptor);
      });
    },
    write: (descriptor: number, ...rest: unknown[]) => {
      if (!durable.has(descriptor)) unsynced.add(descriptor);
      real["write"]!(descriptor, ...rest);
    },
    ftruncate: (descriptor: number, ...rest: unknown[]) => {
      unsynced.add(descriptor);
      real["ftruncate"]!(descriptor, ...rest);
    },
    fdatasync: (descriptor: number, done: Done) => {
      real["fdatasync"]!(descriptor, (error: Error | null) => {
        unsynced.delete(descriptor);
        done(error);
      });
    },
  } as unknown as FileSystem;
}

const ended = (act: (done: Done) => void): Promise<Error | null> => new Promise((resolve) => act(resolve));

it("says that a file is synced when nothing written before waits any more, whatever came in between", async () => {
  const disk = new FileDisk(folder, [], accounting());
  const file = await new Promise<DiskFile>((resolve, reject) => {
    disk.open("f", true, (error, opened) => (error === null ? resolve(opened) : reject(error)));
  });
  const write = (offset: number) => ended((done) => file.write(offset, Uint8Array.of(1, 2, 3), done));
  const sync = () => ended((done) => file.sync(done));
  const orders: (() => Promise<unknown>)[] = [
    () => Promise.all([write(0), sync()]),
    () => write(3).then(sync),
    () => Promise.all([write(6), write(9), sync()]),
    () => Promise.all([ended((done) => file.resize(4096, done)), write(12), sync()]),
    () => Promise.all([ended((done) => file.resize(64, done)), sync()]),
    () => write(15).then(() => Promise.all([write(18), sync()])),
  ];
  for (const order of orders) {
    await order();
    expect(unsynced).toEqual(new Set());
  }
  expect(await ended((done) => file.close(done))).toBeNull();
});
