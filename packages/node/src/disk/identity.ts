import { closeSync, fdatasyncSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { NodeId } from "@balsa/core";
import { crc32c } from "@balsa/replica";

export const IDENTITY_FILE = "IDENTITY";
export const IDENTITY_TEMPORARY_FILE = "IDENTITY.tmp";
const FORMAT = 1;

/** Whose a data directory is. */
export interface Identity {
  readonly clusterId: string;
  readonly id: NodeId;
}

/** The data directory belongs to another member, or another cluster. */
export class IdentityMismatchError extends Error {
  readonly code = "IDENTITY_MISMATCH";
  override readonly name = "IdentityMismatchError";
}

/** What says whose the data directory is can't be read. */
export class IdentityDamagedError extends Error {
  readonly code = "IDENTITY_DAMAGED";
  override readonly name = "IdentityDamagedError";
}

/** What is in the directory was written by a later version. */
export class IdentityFormatError extends Error {
  readonly code = "FORMAT_UNKNOWN";
  override readonly name = "IdentityFormatError";
}

/** The identity that the directory has; null when it has none. */
export function readIdentity(directory: string): Identity | null {
  const path = join(directory, IDENTITY_FILE);
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const [first = "", second = ""] = text.split("\n");
  const format = /^balsa data directory, format (\d{1,9}), checksum ([0-9a-f]{8})$/u.exec(first);
  if (format === null) throw damaged(path);
  if (Number(format[1]) !== FORMAT) {
    throw new IdentityFormatError(
      `${path} is of format ${String(format[1])}, and this version reads ${String(FORMAT)}. Use the version that wrote it.`,
    );
  }
  if (text !== encode(second)) throw damaged(path);
  return JSON.parse(second) as Identity; // what was written, as its checksum shows
}

/** Gives the directory to a member, durably. */
export function writeIdentity(directory: string, { clusterId, id }: Identity): void {
  const temporary = join(directory, IDENTITY_TEMPORARY_FILE);
  const descriptor = openSync(temporary, "w", 0o600);
  try {
    writeSync(descriptor, Buffer.from(encode(toAscii(JSON.stringify({ clusterId, id }))), "latin1"));
    fdatasyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, join(directory, IDENTITY_FILE));
  syncDirectory(directory);
}

/** @throws IdentityMismatchError */
export function checkIdentity(directory: string, found: Identity, wanted: Identity): void {
  if (found.clusterId === wanted.clusterId && found.id === wanted.id) return;
  throw new IdentityMismatchError(
    `${directory} belongs to member ${found.id} of the cluster ${found.clusterId}, not to ${wanted.id} of ${wanted.clusterId}. ` +
      "Start that member with it, or give this one a data directory of its own.",
  );
}

export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function encode(json: string): string {
  const checksum = crc32c(Buffer.from(json, "latin1")).toString(16).padStart(8, "0");
  return `balsa data directory, format ${String(FORMAT)}, checksum ${checksum}\n${json}\n`;
}

function toAscii(json: string): string {
  return json.replaceAll(/[\u0080-\uffff]/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function damaged(path: string): IdentityDamagedError {
  return new IdentityDamagedError(
    `${path} is damaged: nothing says whose this data directory is. Put the file back, or replace this member by one with ` +
      "a new name and an empty directory.",
  );
}
