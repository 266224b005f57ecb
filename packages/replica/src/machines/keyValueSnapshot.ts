import { invariant } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import type { SnapshotSource } from "../stateMachine.js";
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from "./keyValueCodec.js";

/*
 * Format, number of pairs, then each pair's key and value in ascending order of the keys: the same bytes for the same
 * pairs, whatever commands led to them and however the bytes are cut into chunks.
 */
const SNAPSHOT_FORMAT = 1;

type Pair = readonly [key: string, value: string];

/** By code units, which is the language's own order of strings. */
export function compareKeys(left: Pair, right: Pair): number {
  return left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0;
}

export class KeyValueSnapshotSource implements SnapshotSource {
  #pairs: Pair[];
  #begun = false;
  #nextPair = 0;
  /** Encoded, and not handed out from `#offset` on. */
  #encoded: Uint8Array = new Uint8Array(0);
  #offset = 0;

  /** Takes ownership of the array, which may be in any order. */
  constructor(pairs: Pair[]) {
    this.#pairs = pairs;
  }

  read(maxBytes: number): Uint8Array | null {
    invariant(maxBytes >= 1, "a chunk of a snapshot has at least one byte");
    if (this.#offset === this.#encoded.length) this.#encodeMore(maxBytes);
    if (this.#offset === this.#encoded.length) return null;
    const chunk = this.#encoded.subarray(this.#offset, this.#offset + maxBytes);
    this.#offset += chunk.length;
    return chunk;
  }

  release(): void {
    this.#begun = true;
    this.#pairs = [];
    this.#encoded = new Uint8Array(0);
    this.#offset = 0;
  }

  #encodeMore(enoughBytes: number): void {
    const writer = new ByteWriter();
    if (!this.#begun) {
      this.#begun = true;
      this.#pairs.sort(compareKeys);
      writer.u8(SNAPSHOT_FORMAT);
      writer.uint(this.#pairs.length);
    }
    while (writer.length < enoughBytes) {
      const pair = this.#pairs[this.#nextPair];
      if (pair === undefined) break;
      this.#nextPair++;
      writer.text(pair[0]);
      writer.text(pair[1]);
    }
    this.#encoded = writer.view();
    this.#offset = 0;
  }
}

/** @throws DecodeError unless these are the bytes of a snapshot, from its first to its last. */
export function decodeKeyValueSnapshot(bytes: Uint8Array): Map<string, string> {
  const reader = new ByteReader(bytes);
  const format = reader.u8();
  if (format !== SNAPSHOT_FORMAT) {
    throw new DecodeError(`unknown format ${String(format)} of a key-value snapshot`, 0);
  }
  const count = reader.uint();
  const values = new Map<string, string>();
  let previous: string | null = null;
  for (let i = 0; i < count; i++) {
    const at = reader.offset;
    const key = reader.text(MAX_KEY_BYTES);
    if (previous !== null && key <= previous) throw new DecodeError("keys out of order", at);
    previous = key;
    values.set(key, reader.text(MAX_VALUE_BYTES));
  }
  reader.expectEnd();
  return values;
}
