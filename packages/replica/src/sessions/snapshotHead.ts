import type { NodeId } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { AddressBook } from "./addressBook.js";
import { encodeSnapshotHead, snapshotHeadBytes, SNAPSHOT_HEADER_BYTES } from "./sessionedSnapshot.js";
import { SessionTable } from "./sessionTable.js";

/** What stands in a snapshot before the state machine's own bytes. */
export interface SnapshotHead {
  /** Sessions that were open. */
  readonly sessions: number;
  readonly addresses: ReadonlyMap<NodeId, string>;
}

/**
 * Reads the head of a snapshot whose bytes are given chunk by chunk, and gives them back, with other addresses in the place
 * of its own where there are some.
 */
export class SnapshotHeadReader {
  readonly #addresses: ReadonlyMap<NodeId, string> | null;
  readonly #gathered = new ByteWriter();
  #head: SnapshotHead | null = null;

  constructor(addresses: ReadonlyMap<NodeId, string> | null = null) {
    this.#addresses = addresses;
  }

  /** The bytes that come out for these. @throws DecodeError */
  take(chunk: Uint8Array): Uint8Array {
    if (this.#head !== null) return chunk;
    this.#gathered.bytes(chunk);
    const bytes = this.#gathered.view();
    if (bytes.length < SNAPSHOT_HEADER_BYTES) return new Uint8Array(0);
    const headEnd = SNAPSHOT_HEADER_BYTES + snapshotHeadBytes(bytes);
    if (bytes.length < headEnd) return new Uint8Array(0);
    return this.#readHead(bytes, headEnd);
  }

  /** What it said. @throws DecodeError where the snapshot ended before its head did */
  finish(): SnapshotHead {
    if (this.#head === null) throw new DecodeError("the snapshot ends within the sessions", this.#gathered.length);
    return this.#head;
  }

  #readHead(bytes: Uint8Array, headEnd: number): Uint8Array {
    const reader = new ByteReader(bytes, SNAPSHOT_HEADER_BYTES, headEnd);
    const table = reader.lengthPrefixed(reader.remaining);
    const { addresses } = AddressBook.decode(reader);
    reader.expectEnd();
    this.#head = { sessions: SessionTable.decode(table).size, addresses };
    if (this.#addresses === null) return bytes.slice();
    const book = new AddressBook();
    for (const [id, address] of this.#addresses) book.set(id, address);
    const head = encodeSnapshotHead(table, book);
    const rest = bytes.subarray(headEnd);
    const all = new Uint8Array(head.length + rest.length);
    all.set(head);
    all.set(rest, head.length);
    return all;
  }
}
