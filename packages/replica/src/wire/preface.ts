import type { NodeId } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import { encodeUtf8, utf8Length } from "../encoding/utf8.js";
import { decodeFlag, encodeFlag } from "./bodyCodec.js";
import { MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION } from "./protocolVersion.js";

/*
 * The first frame of each direction. Its first bytes, up to and with the versions, are the same in every version of the
 * protocol there will be, and so is a refusal, so that any two versions can at least tell each other why not.
 */

const MAGIC = "BALSA";

/** A frame before both sides have agreed. */
export const MAX_PREFACE_BYTES = 4_096;
const MAX_NAME_BYTES = 256;
const MAX_REASON_BYTES = 1_024;

export type ConnectionRole = "peer" | "client";
const ROLES: readonly ConnectionRole[] = ["peer", "client"];

/** Who calls, and what for. */
export interface Hello {
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly role: ConnectionRole;
  readonly clusterId: string;
  /** The caller: a member's id, or whatever name a client gives itself. */
  readonly from: string;
  /** Whom the caller means to reach; empty: whoever is there. */
  readonly to: NodeId;
  readonly group: number;
  /** Where the caller is to be reached; empty for clients. */
  readonly address: string;
}

export type Welcome =
  | { readonly accepted: true; readonly version: number; readonly nodeId: NodeId }
  | { readonly accepted: false; readonly code: string; readonly message: string };

export function encodeHello(hello: Hello): Uint8Array {
  const writer = begin();
  writer.u8(hello.minVersion);
  writer.u8(hello.maxVersion);
  writer.u8(ROLES.indexOf(hello.role));
  writer.text(hello.clusterId);
  writer.text(hello.from);
  writer.text(hello.to);
  writer.uint(hello.group);
  writer.text(hello.address);
  return writer.finish();
}

/**
 * What could be read of a hello. Of a version that is not spoken here only the versions are known.
 * @throws DecodeError when it is no hello at all
 */
export function decodeHello(bytes: Uint8Array): Hello | { readonly minVersion: number; readonly maxVersion: number } {
  const reader = new ByteReader(bytes);
  readMagic(reader);
  const minVersion = reader.u8();
  const maxVersion = reader.u8();
  if (commonVersion({ minVersion, maxVersion }) === null) return { minVersion, maxVersion };
  const at = reader.offset;
  const role = ROLES[reader.u8()];
  if (role === undefined) throw new DecodeError("an unknown role", at);
  const clusterId = reader.text(MAX_NAME_BYTES);
  const from = reader.text(MAX_NAME_BYTES);
  const to = reader.text(MAX_NAME_BYTES);
  const group = reader.uint();
  return { minVersion, maxVersion, role, clusterId, from, to, group, address: reader.text(MAX_NAME_BYTES) };
}

/** The newest version that both sides speak, where this one goes no further than `newest`; null when there is none. */
export function commonVersion(
  { minVersion, maxVersion }: Pick<Hello, "minVersion" | "maxVersion">,
  newest = MAX_PROTOCOL_VERSION,
): number | null {
  const version = Math.min(maxVersion, newest);
  return version >= Math.max(minVersion, MIN_PROTOCOL_VERSION) ? version : null;
}

export function encodeWelcome(welcome: Welcome): Uint8Array {
  const writer = begin();
  encodeFlag(writer, welcome.accepted);
  if (welcome.accepted) {
    writer.u8(welcome.version);
    writer.text(welcome.nodeId);
  } else {
    writer.text(welcome.code);
    writer.text(welcome.message.slice(0, MAX_REASON_BYTES / 4));
  }
  return writer.finish();
}

/** @throws DecodeError */
export function decodeWelcome(bytes: Uint8Array): Welcome {
  const reader = new ByteReader(bytes);
  readMagic(reader);
  if (decodeFlag(reader)) {
    const version = reader.u8();
    return { accepted: true, version, nodeId: reader.text(MAX_NAME_BYTES) };
  }
  const code = reader.text(MAX_NAME_BYTES);
  return { accepted: false, code, message: reader.text(MAX_REASON_BYTES) };
}

function begin(): ByteWriter {
  const writer = new ByteWriter();
  const magic = new Uint8Array(utf8Length(MAGIC));
  encodeUtf8(MAGIC, magic, 0);
  writer.bytes(magic);
  return writer;
}

function readMagic(reader: ByteReader): void {
  for (const letter of MAGIC) {
    if (reader.u8() !== letter.charCodeAt(0))
      throw new DecodeError("these are not the first bytes of this protocol", 0);
  }
}
