import type { NodeId } from "@balsa/core";
import type { ByteReader } from "../encoding/byteReader.js";
import type { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import type { PeerMessage } from "../network.js";

/** How the fields that one type of message has of its own stand in the bytes, behind those that all messages have. */
export interface BodyCodec<M extends PeerMessage> {
  /** The byte that names the type. Once published it never means anything else. */
  readonly tag: number;
  /** The first version of the protocol that has this type. Default: every version. */
  readonly sinceVersion?: number;
  encode(writer: ByteWriter, message: M, version: number): void;
  decode(reader: ByteReader, from: NodeId, to: NodeId, term: number, version: number): M;
}

export function encodeFlag(writer: ByteWriter, flag: boolean): void {
  writer.u8(flag ? 1 : 0);
}

export function decodeFlag(reader: ByteReader): boolean {
  const at = reader.offset;
  const byte = reader.u8();
  if (byte > 1) throw new DecodeError(`${String(byte)} where 0 (false) or 1 (true) must stand`, at);
  return byte === 1;
}
