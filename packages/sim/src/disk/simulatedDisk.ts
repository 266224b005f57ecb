import type { NodeId } from "@balsa/core";
import type { Disk } from "@balsa/replica";
import type { RandomStreams } from "../random/randomStreams.js";
import type { NodeProcess } from "../schedule/nodeProcess.js";
import type { VirtualTime } from "../schedule/virtualTime.js";
import { Directory } from "./directory.js";
import { DiskDevice, type DiskOperationKind } from "./diskDevice.js";
import type { DiskSettings } from "./diskSettings.js";
import { MountedDisk } from "./mountedDisk.js";

/** A byte of a file. */
export interface DiskPlace {
  readonly name: string;
  readonly offset: number;
}

/**
 * The disk of one node, which outlives its processes. What was written is seen at once, but is durable only after a sync;
 * a crash decides what becomes of the rest, as the settings allow.
 */
export class SimulatedDisk {
  readonly #device: DiskDevice;
  #directory = new Directory();
  #mountedBy: NodeProcess | null = null;

  constructor(node: NodeId, time: VirtualTime, streams: RandomStreams, settings: Partial<DiskSettings> = {}) {
    this.#device = new DiskDevice(node, time, streams);
    this.#device.set(settings);
  }

  /** What the sizes of all files add up to. */
  get usedBytes(): number {
    return this.#directory.usedBytes;
  }

  /**
   * Changes these settings and no others.
   * @throws RangeError for a setting that means nothing; then none is changed
   */
  set(settings: Partial<DiskSettings>): void {
    this.#device.set(settings);
  }

  /**
   * The disk as one process sees it.
   * @throws Error unless `crash` was called after the process before
   */
  mount(process: NodeProcess): Disk {
    if (this.#mountedBy !== null) {
      throw new Error(`the disk of ${process.id} is still mounted: kill its process and call crash() first`);
    }
    this.#mountedBy = process;
    return new MountedDisk(this.#directory, this.#device, process);
  }

  /**
   * To be called when the process has died: what was not durable may be gone, as the settings say.
   * @throws Error if the process is alive
   */
  crash(): void {
    if (this.#mountedBy?.alive === true) throw new Error(`kill the process of ${this.#mountedBy.id} before its disk`);
    this.#mountedBy = null;
    this.#directory.crash(this.#device.crashKeepsNames());
    const fate = this.#device.crashFate();
    for (const inode of this.#directory.durableFiles.values()) {
      inode.settle(inode.nextChange, fate);
      inode.busyUntilMs = 0;
    }
  }

  /** Replaces the disk by an empty one. To be called after `crash`, in the place of a restart with the old content. */
  wipe(): void {
    if (this.#mountedBy !== null) throw new Error(`the disk of ${this.#mountedBy.id} is mounted: call crash() first`);
    this.#directory = new Directory();
  }

  /** Makes the next `count` operations of a kind fail with EIO; 0 takes back what is left of an earlier call. */
  failNext(kind: DiskOperationKind, count = 1): void {
    if (!(Number.isSafeInteger(count) && count >= 0)) throw new RangeError(`count must not be negative: ${count}`);
    this.#device.failNext(kind, count);
  }

  /** Nothing that is called from now on, however much, ends within `durationMs`. */
  stall(durationMs: number): void {
    if (!(durationMs >= 0)) throw new RangeError("a stall can't be of negative length");
    this.#device.stall(durationMs);
  }

  /** From now on there is no room for more: what would make a file longer, or a new one, fails with DISK_FULL. */
  fill(): void {
    this.#device.isFull = true;
  }

  /** Ends what `fill` began. */
  makeRoom(): void {
    this.#device.isFull = false;
  }

  /**
   * Bit rot: turns over one bit (0 … 7) of what is durable of a file.
   * @throws RangeError if the file has no such byte
   */
  flipBit(name: string, offset: number, bit = 0): void {
    const content = this.#directory.durableFiles.get(name)?.durable;
    if (content === undefined || !(offset >= 0 && offset < content.sizeBytes)) {
      throw new RangeError(`there is no durable byte ${offset} of a file ${name}`);
    }
    if (!(Number.isInteger(bit) && bit >= 0 && bit <= 7)) throw new RangeError(`a byte has no bit ${bit}`);
    const byte = new Uint8Array(1);
    content.readInto(byte, offset);
    byte[0] = (byte[0] ?? 0) ^ (1 << bit);
    content.write(offset, byte);
  }

  /** Picks one of the bytes that were written and synced, in files whose name is accepted; null if there is none. */
  pickSyncedPlace(accepts: (name: string) => boolean = () => true): DiskPlace | null {
    const files = [...this.#directory.durableFiles].filter(([name]) => accepts(name));
    let total = 0;
    for (const [, inode] of files) total += inode.durable.writtenBytes;
    if (total === 0) return null;
    let offset = this.#device.pickRot(total);
    for (const [name, inode] of files) {
      if (offset < inode.durable.writtenBytes) return { name, offset };
      offset -= inode.durable.writtenBytes;
    }
    throw new Error("a place was picked beyond the last file");
  }
}
