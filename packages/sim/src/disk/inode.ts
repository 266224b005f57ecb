import { FileContent } from "./fileContent.js";

export const SECTOR_BYTES = 512;

interface PendingWrite {
  readonly type: "write";
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface PendingResize {
  readonly type: "resize";
  readonly sizeBytes: number;
}

type PendingChange = PendingWrite | PendingResize;

/**
 * What becomes of changes when the disk loses power or fails to sync. Whether a write is torn is asked of lost ones, too, so
 * that one kind of fault leaves the choices of the other as they were.
 */
export interface FateOfChanges {
  /** Whether a write or change of size makes it to the disk at all. */
  keeps(): boolean;
  /** Whether a write, if it is kept, is torn. */
  tears(): boolean;
  /** Whether one sector of a torn write is kept. */
  keepsSector(): boolean;
}

/**
 * A file apart from its name: its durable content, and what was done to it since, in order. Processes see both together.
 */
export class Inode {
  /** When the last operation on it ends; the next one begins no sooner. */
  busyUntilMs = 0;
  readonly #durable = new FileContent();
  #pending: PendingChange[] = [];
  /** How many changes have become durable, or were given up: the number of the first pending one. */
  #settledCount = 0;
  #sizeBytes = 0;

  /** The size that processes see. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get durable(): FileContent {
    return this.#durable;
  }

  /** The number that the next change will have: a sync called now makes all changes below it durable. */
  get nextChange(): number {
    return this.#settledCount + this.#pending.length;
  }

  /** @param bytes copied, as the caller may use them again */
  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pending.push({ type: "write", offset, bytes: bytes.slice() });
    this.#sizeBytes = Math.max(this.#sizeBytes, offset + bytes.length);
  }

  resize(sizeBytes: number): void {
    this.#pending.push({ type: "resize", sizeBytes });
    this.#sizeBytes = sizeBytes;
  }

  /** A fresh copy of up to `length` bytes, fewer where the file ends. */
  read(offset: number, length: number): Uint8Array {
    const result = new Uint8Array(Math.max(0, Math.min(length, this.#sizeBytes - offset)));
    this.#durable.readInto(result, offset);
    for (const change of this.#pending) {
      if (change.type === "write") overlay(result, offset, change);
      else if (change.sizeBytes < offset + result.length) result.fill(0, Math.max(0, change.sizeBytes - offset));
    }
    return result;
  }

  /** Makes the changes below number `end` durable. */
  sync(end: number): void {
    for (const change of this.#takePending(end)) this.#apply(change);
  }

  /** Lets fate decide on each of the changes below number `end`. */
  settle(end: number, fate: FateOfChanges): void {
    for (const change of this.#takePending(end)) {
      const isKept = fate.keeps();
      const isTorn = fate.tears();
      if (change.type === "write") this.#applySectors(change, () => (!isTorn || fate.keepsSector()) && isKept);
      else if (isKept) this.#apply(change);
    }
    this.#sizeBytes = this.#durable.sizeBytes;
    for (const change of this.#pending) {
      this.#sizeBytes =
        change.type === "resize" ? change.sizeBytes : Math.max(this.#sizeBytes, change.offset + change.bytes.length);
    }
  }

  #takePending(end: number): PendingChange[] {
    const taken = this.#pending.splice(0, Math.max(0, end - this.#settledCount));
    this.#settledCount += taken.length;
    return taken;
  }

  #apply(change: PendingChange): void {
    if (change.type === "write") this.#durable.write(change.offset, change.bytes);
    else this.#durable.resize(change.sizeBytes);
  }

  #applySectors(write: PendingWrite, keepsSector: () => boolean): void {
    const end = write.offset + write.bytes.length;
    let start = write.offset;
    while (start < end) {
      const sectorEnd = Math.min(end, start - (start % SECTOR_BYTES) + SECTOR_BYTES);
      const part = write.bytes.subarray(start - write.offset, sectorEnd - write.offset);
      if (keepsSector()) this.#durable.write(start, part);
      start = sectorEnd;
    }
  }
}

/** Puts the part of a write that falls into `target`, which stands at `offset` of the file, over it. */
function overlay(target: Uint8Array, offset: number, write: PendingWrite): void {
  const start = Math.max(offset, write.offset);
  const end = Math.min(offset + target.length, write.offset + write.bytes.length);
  if (start >= end) return;
  target.set(write.bytes.subarray(start - write.offset, end - write.offset), start - offset);
}
