import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { bytesSource } from "../machines/bytesSource.js";
import type { SnapshotSink, SnapshotSource } from "../stateMachine.js";
import { AddressBook } from "./addressBook.js";
import type { SessionTable } from "./sessionTable.js";

/* Format, length of the head, the head (the table of sessions behind its length, the addresses), the machine's own bytes. */
const SNAPSHOT_FORMAT = 2;
export const SNAPSHOT_HEADER_BYTES = 1 + 4;

export function encodeSnapshotHead(table: Uint8Array, book: AddressBook): Uint8Array {
  const writer = new ByteWriter(SNAPSHOT_HEADER_BYTES + table.length + 64);
  writer.u8(SNAPSHOT_FORMAT);
  writer.u32(0);
  writer.lengthPrefixed(table);
  book.encode(writer);
  writer.setU32(1, writer.length - SNAPSHOT_HEADER_BYTES);
  return writer.finish();
}

/** How long the head is, by the bytes before it. @throws DecodeError for an unknown format. */
export function snapshotHeadBytes(header: Uint8Array): number {
  const reader = new ByteReader(header);
  const format = reader.u8();
  if (format !== SNAPSHOT_FORMAT) throw new DecodeError(`unknown format ${String(format)} of a snapshot`, 0);
  return reader.u32();
}

export class SessionedSnapshotSource implements SnapshotSource {
  readonly #sessions: SnapshotSource;
  readonly #machine: SnapshotSource;

  constructor(table: Uint8Array, book: AddressBook, machine: SnapshotSource) {
    this.#sessions = bytesSource(encodeSnapshotHead(table, book));
    this.#machine = machine;
  }

  read(maxBytes: number): Uint8Array | null {
    return this.#sessions.read(maxBytes) ?? this.#machine.read(maxBytes);
  }

  release(): void {
    this.#sessions.release();
    this.#machine.release();
  }
}

/** Parts the stream again; the machine gets its bytes as they come, the sessions wait for `finish`. */
export class SessionedSnapshotSink implements SnapshotSink {
  readonly #decode: (bytes: Uint8Array) => SessionTable;
  readonly #machine: SnapshotSink;
  readonly #install: (sessions: SessionTable, book: AddressBook) => void;
  readonly #head = new ByteWriter();
  /** How long header and head are; only the header's length until that much is there. */
  #headBytes = SNAPSHOT_HEADER_BYTES;

  constructor(
    decode: (bytes: Uint8Array) => SessionTable,
    machine: SnapshotSink,
    install: (sessions: SessionTable, book: AddressBook) => void,
  ) {
    this.#decode = decode;
    this.#machine = machine;
    this.#install = install;
  }

  /** @throws DecodeError for an unknown format. */
  write(chunk: Uint8Array): void {
    let offset = this.#takeHead(chunk, 0);
    if (this.#head.length === SNAPSHOT_HEADER_BYTES && this.#headBytes === SNAPSHOT_HEADER_BYTES) {
      this.#headBytes += snapshotHeadBytes(this.#head.view());
      offset = this.#takeHead(chunk, offset);
    }
    if (offset < chunk.length) this.#machine.write(chunk.subarray(offset));
  }

  finish(): void {
    const head = this.#head.view();
    if (head.length < this.#headBytes) {
      throw new DecodeError("the snapshot ends within the sessions", head.length);
    }
    // All that can fail comes before the first change: a bad snapshot leaves all parts as they were.
    const reader = new ByteReader(head, SNAPSHOT_HEADER_BYTES);
    const sessions = this.#decode(reader.lengthPrefixed(reader.remaining));
    const book = AddressBook.decode(reader);
    reader.expectEnd();
    this.#machine.finish();
    this.#install(sessions, book);
  }

  /** Takes what the head lacks from the chunk, and returns where the rest begins. */
  #takeHead(chunk: Uint8Array, offset: number): number {
    const end = Math.min(chunk.length, offset + this.#headBytes - this.#head.length);
    if (end > offset) this.#head.bytes(chunk.subarray(offset, end));
    return end;
  }
}
