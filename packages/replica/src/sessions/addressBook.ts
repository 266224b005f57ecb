import type { NodeId } from "@balsa/core";
import type { ByteReader } from "../encoding/byteReader.js";
import type { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeNodeId, encodeNodeId } from "../encoding/entryCodec.js";

/** Of one address, as UTF-8. */
export const MAX_ADDRESS_BYTES = 256;
/** Members whose address is kept: more than a configuration can name. */
export const MAX_ADDRESSES = 256;

/** A member's address has changed; null: it is forgotten. */
export interface AddressChange {
  readonly id: NodeId;
  readonly address: string | null;
}

/**
 * Where the members are to be reached, as the group has agreed: part of the replicated state, so that whoever joins later,
 * or has been away, learns it with the log.
 */
export class AddressBook {
  readonly #addresses = new Map<NodeId, string>();

  get addresses(): ReadonlyMap<NodeId, string> {
    return this.#addresses;
  }

  /** Returns whether there was room for it. */
  set(id: NodeId, address: string | null): boolean {
    if (address === null) {
      this.#addresses.delete(id);
      return true;
    }
    if (!this.#addresses.has(id) && this.#addresses.size >= MAX_ADDRESSES) return false;
    this.#addresses.set(id, address);
    return true;
  }

  encode(writer: ByteWriter): void {
    writer.uint(this.#addresses.size);
    for (const [id, address] of this.#addresses) {
      encodeNodeId(writer, id);
      writer.text(address);
    }
  }

  /** @throws DecodeError */
  static decode(reader: ByteReader): AddressBook {
    const book = new AddressBook();
    const at = reader.offset;
    const count = reader.uint();
    if (count > MAX_ADDRESSES) throw new DecodeError("too many addresses", at);
    for (let i = 0; i < count; i++) {
      const id = decodeNodeId(reader);
      book.#addresses.set(id, reader.text(MAX_ADDRESS_BYTES));
    }
    if (book.#addresses.size !== count) throw new DecodeError("a member with two addresses", at);
    return book;
  }
}
