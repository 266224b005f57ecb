import { open } from "node:fs";
import { basename } from "node:path";
import { NodeFile, REAL_FILE_SYSTEM, SyncStatistics } from "@balsa/node";
import {
  DecodeError,
  SnapshotCorruptError,
  SnapshotHeadReader,
  verifySnapshotFile,
  type DiskFile,
  type SnapshotHead,
  type StoredSnapshot,
} from "@balsa/replica";
import { fileError } from "../usageError.js";
import type { ReadPiece } from "./snapshotWriting.js";

const PIECE_BYTES = 1024 * 1024;

/** A snapshot in a file of any name, checked from end to end. Whoever opens it closes it. */
export interface OpenedSnapshot {
  readonly stored: StoredSnapshot;
  readonly head: SnapshotHead;
  /** Its bytes; with addresses in the place of its own. */
  read(addresses: ReadonlyMap<string, string>): ReadPiece;
  close(): Promise<void>;
}

/** @throws UsageError, SnapshotCorruptError, UnknownFormatError, StorageFailedError */
export async function openSnapshotFile(path: string): Promise<OpenedSnapshot> {
  const file = await openFile(path);
  const close = (): Promise<void> => new Promise((closed) => file.close(() => closed()));
  try {
    const stored = await verify(file);
    const head = await readHead(file, stored);
    return { stored, head, read: (addresses) => reading(file, stored, new SnapshotHeadReader(addresses)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openFile(path: string): Promise<DiskFile> {
  return new Promise((opened, failed) => {
    open(path, "r", (cause, descriptor) => {
      if (cause !== null) return failed(fileError("FILE", "read", path, cause));
      opened(new NodeFile(basename(path), path, descriptor, REAL_FILE_SYSTEM, new SyncStatistics()));
    });
  });
}

function verify(file: DiskFile): Promise<StoredSnapshot> {
  return new Promise((verified, failed) => {
    verifySnapshotFile(file, null, (error, stored) => {
      if (stored === null) failed(error ?? new Error("The snapshot was not read, and nothing says why."));
      else verified(stored);
    });
  });
}

/** The bytes are those that were written, as the checksum shows; whether they are what they should be shows here. */
async function readHead(file: DiskFile, stored: StoredSnapshot): Promise<SnapshotHead> {
  const reader = new SnapshotHeadReader();
  const read = reading(file, stored, reader);
  try {
    for (let piece = await read(); piece !== null && piece.length === 0; piece = await read());
    return reader.finish();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const what = `its sessions and addresses can't be read (${error.message})`;
    throw new SnapshotCorruptError(file.name, what, "Take another copy.", { cause: error });
  }
}

/** A piece may be empty while the head is gathered. */
function reading(file: DiskFile, { contentStart, metadata }: StoredSnapshot, head: SnapshotHeadReader): ReadPiece {
  let offset = 0;
  return async () => {
    const length = Math.min(PIECE_BYTES, metadata.sizeBytes - offset);
    if (length === 0) return null;
    const bytes = await readAt(file, contentStart + offset, length);
    offset += length;
    return head.take(bytes);
  };
}

function readAt(file: DiskFile, offset: number, length: number): Promise<Uint8Array> {
  return new Promise((read, failed) => {
    file.read(offset, length, (error, bytes) => (error === null ? read(bytes) : failed(error)));
  });
}
