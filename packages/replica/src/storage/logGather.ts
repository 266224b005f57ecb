import { invariant, type Persist } from "@balsa/core";
import type { Done } from "../disk.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { encodeBatch } from "./logBatch.js";
import { beginRecord, MAX_RECORD_BYTES, RECORD_BATCH } from "./logRecord.js";

/** A buffer that has grown beyond this is not kept. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

export interface GatheredBatch {
  readonly group: number;
  readonly persist: Persist;
  /** What the group had compacted when this was appended. */
  readonly compactedIndex: number;
  readonly done: Done;
  /** Its record in `bytes`. */
  readonly start: number;
  readonly end: number;
}

/** Records of batches, encoded one behind the other, that wait to be written together. */
export class LogGather {
  #writer = new ByteWriter(1024);
  #batches: GatheredBatch[] = [];
  /** The batches before this one are durable. */
  #next = 0;

  get isEmpty(): boolean {
    return this.#next === this.#batches.length;
  }

  /** Bytes of the first record. */
  get nextBytes(): number {
    const batch = this.#batches[this.#next] as GatheredBatch;
    return batch.end - batch.start;
  }

  /** Bytes of all records that were not taken. */
  get waitingBytes(): number {
    return this.isEmpty ? 0 : this.#writer.length - (this.#batches[this.#next] as GatheredBatch).start;
  }

  get bytes(): Uint8Array {
    return this.#writer.view();
  }

  add(group: number, persist: Persist, compactedIndex: number, done: Done): void {
    const start = this.#writer.length;
    beginRecord(this.#writer, RECORD_BATCH, group);
    encodeBatch(this.#writer, persist);
    const end = this.#writer.length;
    invariant(end - start <= MAX_RECORD_BYTES, `a batch has at most ${String(MAX_RECORD_BYTES)} bytes`);
    this.#batches.push({ group, persist, compactedIndex, done, start, end });
  }

  /** Takes as many batches as have room in `maxBytes`; possibly none. */
  take(maxBytes: number): readonly GatheredBatch[] {
    const first = this.#next;
    const start = this.#batches[first]?.start ?? 0;
    while (!this.isEmpty && (this.#batches[this.#next] as GatheredBatch).end - start <= maxBytes) this.#next++;
    return this.#batches.slice(first, this.#next);
  }

  /** Empties it. */
  reset(): void {
    if (this.#writer.length > MAX_KEPT_BYTES) this.#writer = new ByteWriter(64 * 1024);
    this.#writer.reset();
    this.#batches = [];
    this.#next = 0;
  }
}
