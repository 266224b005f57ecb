import type { SnapshotMetadata } from "@balsa/core";
import type { Completion, Disk, DiskFile } from "../disk.js";
import { DecodeError } from "../encoding/decodeError.js";
import { crc32c } from "./crc32c.js";
import type { SnapshotNameParts } from "./fileName.js";
import { SnapshotCorruptError } from "./snapshotCorruptError.js";
import { decodeSnapshotEnds, FOOTER_BYTES, HEADER_START, snapshotHeaderEnd } from "./snapshotFile.js";
import { StorageFailedError } from "./storageFailedError.js";

const CHUNK_BYTES = 1024 * 1024;

export interface StoredSnapshot {
  readonly name: string;
  readonly group: number;
  readonly metadata: SnapshotMetadata;
  /** Where the snapshot's bytes begin in the file. */
  readonly contentStart: number;
  /** Reads under way. */
  reads: number;
  /** Whether somebody is in the middle of reading it, chunk by chunk. */
  beingRead: boolean;
}

/** Reads a whole snapshot file and checks it against its checksums. `done` may get `SnapshotCorruptError`. */
export function verifySnapshot(
  disk: Disk,
  name: string,
  parts: SnapshotNameParts,
  done: Completion<StoredSnapshot | null>,
): void {
  disk.open(name, false, (error, file) => {
    if (error !== null) return done(new StorageFailedError(`open ${name}`, error), null);
    verifySnapshotFile(file, parts, (failure, stored) => {
      file.close((closeError) => {
        if (failure !== null) done(failure, null);
        else if (closeError !== null) done(new StorageFailedError(`close ${name}`, closeError), null);
        else done(null, stored);
      });
    });
  });
}

/** The same of an open file. `parts` is null where its name says nothing of what is in it. */
export function verifySnapshotFile(
  file: DiskFile,
  parts: SnapshotNameParts | null,
  done: Completion<StoredSnapshot | null>,
): void {
  new Verification(file, parts, done).start();
}

class Verification {
  readonly #file: DiskFile;
  readonly #parts: SnapshotNameParts | null;
  readonly #done: Completion<StoredSnapshot | null>;
  #checksum = 0;

  constructor(file: DiskFile, parts: SnapshotNameParts | null, done: Completion<StoredSnapshot | null>) {
    this.#file = file;
    this.#parts = parts;
    this.#done = done;
  }

  start(): void {
    this.#file.size((error, size) => {
      if (error !== null) return this.#done(new StorageFailedError(`ask the size of ${this.#file.name}`, error), null);
      this.#read(0, HEADER_START, (start) => {
        const headerEnd = snapshotHeaderEnd(this.#file.name, start);
        if (headerEnd + FOOTER_BYTES > size) throw new DecodeError("the file is too short", size);
        this.#readEnds(headerEnd, size - FOOTER_BYTES);
      });
    });
  }

  #readEnds(headerEnd: number, footerStart: number): void {
    this.#read(0, headerEnd, (header) => {
      this.#read(footerStart, FOOTER_BYTES, (footer) => {
        const { group, ...metadata } = decodeSnapshotEnds(header, footer, footerStart);
        if (!isNamed({ group, ...metadata }, this.#parts)) {
          throw new DecodeError("the file holds another snapshot than its name says", 0);
        }
        if (headerEnd + metadata.sizeBytes !== footerStart) throw new DecodeError("the length is wrong", footerStart);
        const stored = { name: this.#file.name, group, metadata, contentStart: headerEnd, reads: 0, beingRead: false };
        this.#readContent(stored, headerEnd, footerStart);
      });
    });
  }

  #readContent(stored: StoredSnapshot, from: number, end: number): void {
    if (from === end) {
      if (this.#checksum !== stored.metadata.checksum)
        throw new DecodeError("the checksum of its bytes is wrong", stored.contentStart);
      return this.#done(null, stored);
    }
    this.#read(from, Math.min(CHUNK_BYTES, end - from), (chunk) => {
      this.#checksum = crc32c(chunk, 0, chunk.length, this.#checksum);
      this.#readContent(stored, from + chunk.length, end);
    });
  }

  /** `take` may throw what is wrong with the bytes. */
  #read(offset: number, length: number, take: (bytes: Uint8Array) => void): void {
    const { name } = this.#file;
    this.#file.read(offset, length, (error, bytes) => {
      if (error !== null) return this.#done(new StorageFailedError(`read ${name}`, error), null);
      try {
        if (bytes.length !== length) throw new DecodeError("the file is too short", offset + bytes.length);
        take(bytes);
      } catch (failure) {
        if (!(failure instanceof DecodeError)) return this.#done(failure as Error, null);
        if (this.#parts === null) {
          return this.#done(
            new SnapshotCorruptError(name, failure.message, "Take another copy.", { cause: failure }),
            null,
          );
        }
        const advice =
          "No older one is used in its place, for the log between them may be gone. Check the disk; then restore all " +
          "files of this member, or remove it from the cluster and add a new one with an empty data directory.";
        this.#done(new SnapshotCorruptError(name, failure.message, advice, { cause: failure }), null);
      }
    });
  }
}

function isNamed(found: SnapshotNameParts, parts: SnapshotNameParts | null): boolean {
  if (parts === null) return true;
  return found.group === parts.group && found.index === parts.index && found.term === parts.term;
}
