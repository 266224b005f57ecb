import type { Disk, DiskFile } from "@balsa/replica";
import { type DiskSettings, NodeProcess, RandomStreams, SimulatedDisk, VirtualTime } from "../../src/substrate.js";

/** A disk, and calls that run the world until the operation has ended. */
export function diskWorld(settings: Partial<DiskSettings> = {}, seed = 1) {
  const time = new VirtualTime();
  const disk = new SimulatedDisk("a", time, new RandomStreams(seed), settings);
  let process = new NodeProcess("a", time);
  let mounted = disk.mount(process);

  /** Returns how a call ended, after checking that it ended once, and not before it returned. */
  function ended<T>(call: (done: (error: Error | null, value?: T) => void) => void): T {
    const ends: { error: Error | null; value: T | undefined }[] = [];
    call((error, value) => ends.push({ error, value }));
    if (ends.length > 0) throw new Error("the completion was called before the call returned");
    while (time.runNext());
    const [end] = ends;
    if (end === undefined || ends.length > 1) throw new Error(`the completion was called ${ends.length} times`);
    if (end.error !== null) throw end.error;
    return end.value as T;
  }

  return {
    time,
    disk,
    ended,
    mounted: (): Disk => mounted,
    process: () => process,
    open: (name: string, create = false): DiskFile => ended((done) => mounted.open(name, create, done)),
    write: (file: DiskFile, offset: number, bytes: Uint8Array) => ended((done) => file.write(offset, bytes, done)),
    resize: (file: DiskFile, sizeBytes: number) => ended((done) => file.resize(sizeBytes, done)),
    read: (file: DiskFile, offset = 0, length = 1 << 20) =>
      ended<Uint8Array>((done) => file.read(offset, length, done)),
    sync: (file: DiskFile) => ended((done) => file.sync(done)),
    syncDirectory: () => ended((done) => mounted.syncDirectory(done)),
    names: () => ended<readonly string[]>((done) => mounted.list(done)),
    /** Power loss and restart. */
    crash: () => {
      process.kill();
      disk.crash();
      process = new NodeProcess("a", time);
      mounted = disk.mount(process);
    },
  };
}

export type DiskWorld = ReturnType<typeof diskWorld>;

/** Creates a file whose name and content are durable. */
export function durableFile(world: DiskWorld, name: string, content: Uint8Array): DiskFile {
  const file = world.open(name, true);
  world.write(file, 0, content);
  world.sync(file);
  world.syncDirectory();
  return file;
}

export function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}
