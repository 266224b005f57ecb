import { invariant } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import type { SnapshotSink, SnapshotSource } from "../stateMachine.js";
import { BucketMap, type Capture } from "./bucketMap.js";
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from "./keyValueCodec.js";

/*
 * Format u8 · number of pairs · each pair's key and value, in the order of the map, which is the same on all members that
 * applied the same commands: the same bytes, however they are cut into chunks.
 */
const SNAPSHOT_FORMAT = 2;
/** Of a number as `ByteWriter.uint` writes it. */
const MAX_UINT_BYTES = 8;

export class KeyValueSnapshotSource implements SnapshotSource {
  readonly #capture: Capture;
  #pairs: Iterator<readonly [key: string, value: string]> | null = null;
  #isReleased = false;
  /** Encoded, and not handed out from `#offset` on. */
  #encoded: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(capture: Capture) {
    this.#capture = capture;
  }

  read(maxBytes: number): Uint8Array | null {
    invariant(maxBytes >= 1, "a chunk of a snapshot has at least one byte");
    if (this.#isReleased) return null;
    if (this.#offset === this.#encoded.length) this.#encodeMore(maxBytes);
    if (this.#offset === this.#encoded.length) return null;
    const chunk = this.#encoded.subarray(this.#offset, this.#offset + maxBytes);
    this.#offset += chunk.length;
    return chunk;
  }

  release(): void {
    this.#isReleased = true;
    this.#capture.release();
    this.#pairs = null;
    this.#encoded = new Uint8Array(0);
  }

  #encodeMore(enoughBytes: number): void {
    const writer = new ByteWriter();
    if (this.#pairs === null) {
      this.#pairs = this.#capture.pairs();
      writer.u8(SNAPSHOT_FORMAT);
      writer.uint(this.#capture.size);
    }
    while (writer.length < enoughBytes) {
      const next = this.#pairs.next();
      if (next.done === true) break;
      writer.text(next.value[0]);
      writer.text(next.value[1]);
    }
    this.#encoded = writer.view();
    this.#offset = 0;
  }
}

/** Puts a map together as the bytes come, and hands it over when all of it is there. */
export class KeyValueSnapshotSink implements SnapshotSink {
  readonly #install: (values: BucketMap) => void;
  readonly #values = new BucketMap();
  /** How many pairs there will be; null until that has been read. */
  #count: number | null = null;
  /** The beginning of what could not be read yet, for want of its end: never more than a pair. */
  readonly #rest = new ByteWriter();

  constructor(install: (values: BucketMap) => void) {
    this.#install = install;
  }

  /** @throws DecodeError where the bytes make no sense. */
  write(chunk: Uint8Array): void {
    if (this.#rest.length === 0) {
      this.#rest.bytes(chunk.subarray(this.#take(chunk)));
      return;
    }
    this.#rest.bytes(chunk);
    const bytes = this.#rest.view();
    const taken = this.#take(bytes);
    if (taken === 0) return;
    const left = bytes.slice(taken);
    this.#rest.reset();
    this.#rest.bytes(left);
  }

  /** @throws DecodeError when there are too few bytes, or too many. */
  finish(): void {
    if (this.#values.size !== this.#count) throw new DecodeError("the snapshot ends too early", 0);
    this.#install(this.#values);
  }

  /** Reads as far as the bytes are whole, and returns where that ends. */
  #take(bytes: Uint8Array): number {
    let offset = 0;
    if (this.#count === null) {
      const end = uintEnd(bytes, 1);
      if (end === null) return 0;
      const reader = new ByteReader(bytes, 0, end);
      const format = reader.u8();
      if (format !== SNAPSHOT_FORMAT) {
        throw new DecodeError(`unknown format ${String(format)} of a key-value snapshot`, 0);
      }
      this.#count = reader.uint();
      offset = end;
    }
    while (this.#values.size < this.#count) {
      const keyEnd = textEnd(bytes, offset, MAX_KEY_BYTES);
      const end = keyEnd === null ? null : textEnd(bytes, keyEnd, MAX_VALUE_BYTES);
      if (end === null) return offset;
      const reader = new ByteReader(bytes, offset, end);
      const key = reader.text(MAX_KEY_BYTES);
      if (this.#values.has(key)) throw new DecodeError("a key stands there twice", offset);
      this.#values.set(key, reader.text(MAX_VALUE_BYTES));
      offset = end;
    }
    if (offset < bytes.length) throw new DecodeError(`${String(bytes.length - offset)} bytes too many`, offset);
    return offset;
  }
}

/** Where the number ends that begins at `offset`; null when its end is not there. */
function uintEnd(bytes: Uint8Array, offset: number): number | null {
  for (let at = offset; at < bytes.length; at++) {
    if ((bytes[at] as number) < 0x80 || at - offset === MAX_UINT_BYTES - 1) return at + 1;
  }
  return null;
}

/** Where the text ends that begins at `offset`; null when its end is not there. */
function textEnd(bytes: Uint8Array, offset: number, maxBytes: number): number | null {
  const start = uintEnd(bytes, offset);
  if (start === null) return null;
  const length = new ByteReader(bytes, offset, start).uint();
  if (length > maxBytes) {
    throw new DecodeError(`${String(length)} bytes where ${String(maxBytes)} are allowed`, offset);
  }
  return start + length <= bytes.length ? start + length : null;
}
