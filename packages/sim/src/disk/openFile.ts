import type { Completion, DiskFile, Done } from "@balsa/replica";
import type { NodeProcess } from "../schedule/nodeProcess.js";
import type { Directory } from "./directory.js";
import type { DiskDevice, DiskEffect, DiskOperationKind } from "./diskDevice.js";
import { SECTOR_BYTES, type Inode } from "./inode.js";
import { SimulatedDiskError } from "./simulatedDiskError.js";

function checkPosition(what: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0)) throw new RangeError(`${what} must be an index, not ${value}`);
}

/** A file as one process has it open. Operations take effect when called, except that a sync does when it ends. */
export class OpenFile implements DiskFile {
  readonly name: string;
  readonly #inode: Inode;
  readonly #directory: Directory;
  readonly #device: DiskDevice;
  readonly #process: NodeProcess;
  #isClosed = false;

  constructor(name: string, inode: Inode, directory: Directory, device: DiskDevice, process: NodeProcess) {
    this.name = name;
    this.#inode = inode;
    this.#directory = directory;
    this.#device = device;
    this.#process = process;
  }

  size(done: Completion<number>): void {
    this.#perform("read", "size", () => this.#inode.sizeBytes, done);
  }

  read(offset: number, length: number, done: Completion<Uint8Array>): void {
    checkPosition("offset", offset);
    checkPosition("length", length);
    this.#perform("read", "read", () => this.#inode.read(offset, length), done);
  }

  write(offset: number, bytes: Uint8Array, done: Done): void {
    checkPosition("offset", offset);
    const write = () => {
      this.#makeRoom("write", offset + bytes.length);
      this.#inode.write(offset, bytes);
    };
    const fail = () => this.#writePart(offset, bytes);
    this.#perform("write", "write", write, done, fail);
  }

  resize(sizeBytes: number, done: Done): void {
    checkPosition("sizeBytes", sizeBytes);
    const resize = () => {
      this.#makeRoom("resize", sizeBytes);
      this.#inode.resize(sizeBytes);
    };
    this.#perform("write", "resize", resize, done);
  }

  sync(done: Done): void {
    if (!this.#process.alive) return;
    const inode = this.#inode;
    const end = inode.nextChange;
    const error = this.#obstacle("sync", "sync");
    const effect = new SyncEffect(inode, this.#device, end, error);
    this.#device.complete(this.#process, inode, "sync", effect, error, undefined, done);
  }

  close(done: Done): void {
    this.#perform("directory", "close", () => (this.#isClosed = true), done);
  }

  #obstacle(kind: DiskOperationKind, operation: string): SimulatedDiskError | null {
    if (this.#isClosed) return new SimulatedDiskError("EBADF", operation, this.name);
    return this.#device.takeFailure(kind) ? new SimulatedDiskError("EIO", operation, this.name) : null;
  }

  #perform<T>(
    kind: DiskOperationKind,
    operation: string,
    act: () => T,
    done: Completion<T>,
    onFailure: (() => void) | null = null,
  ): void {
    if (!this.#process.alive) return;
    const obstacle = this.#obstacle(kind, operation);
    if (obstacle?.code === "EIO") onFailure?.();
    this.#device.finish(this.#process, this.#inode, kind, obstacle, act, done);
  }

  #makeRoom(operation: string, sizeBytes: number): void {
    const moreBytes = sizeBytes - this.#inode.sizeBytes;
    if (moreBytes <= 0 || this.#device.hasRoomFor(this.#directory.usedBytes, moreBytes)) return;
    throw new SimulatedDiskError("DISK_FULL", operation, this.name);
  }

  /** A write that fails may have been done in part. */
  #writePart(offset: number, bytes: Uint8Array): void {
    const sectors = this.#device.partialWriteSectors(Math.ceil(bytes.length / SECTOR_BYTES));
    this.#inode.write(offset, bytes.subarray(0, sectors * SECTOR_BYTES));
  }
}

/** Makes durable what was written before the sync was called; one that fails leaves to fate what became of it. */
class SyncEffect implements DiskEffect {
  readonly #inode: Inode;
  readonly #device: DiskDevice;
  readonly #end: number;
  readonly #error: SimulatedDiskError | null;

  constructor(inode: Inode, device: DiskDevice, end: number, error: SimulatedDiskError | null) {
    this.#inode = inode;
    this.#device = device;
    this.#end = end;
    this.#error = error;
  }

  takeEffect(): void {
    if (this.#error === null) this.#inode.sync(this.#end);
    else if (this.#error.code === "EIO") this.#inode.settle(this.#end, this.#device.failedSyncFate());
  }
}
