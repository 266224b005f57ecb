import { invariant } from "@balsa/core";
import type { DiskFile, Done } from "../disk.js";
import { StorageFailedError } from "./storageFailedError.js";

/** What is read at once. Entries are views on the piece that they came in, so no larger than is well kept for one of them. */
const PIECE_BYTES = 1024 * 1024;

/** A file of any size, read piece by piece; one piece is held at a time. */
export class FilePieces {
  readonly file: DiskFile;
  readonly sizeBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;

  constructor(file: DiskFile, sizeBytes: number) {
    this.file = file;
    this.sizeBytes = sizeBytes;
  }

  /** The piece that is held. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where in the file it begins. */
  get start(): number {
    return this.#start;
  }

  holds(offset: number, length: number): boolean {
    return offset >= this.#start && offset + length <= this.#start + this.#bytes.length;
  }

  /** Takes up the piece that begins at `offset` and has at least `length` bytes, which the file must have. */
  load(offset: number, length: number, done: Done): void {
    invariant(offset >= 0 && offset + length <= this.sizeBytes, "what is read lies within the file");
    const wanted = Math.min(Math.max(length, PIECE_BYTES), this.sizeBytes - offset);
    this.file.read(offset, wanted, (error, bytes) => {
      if (error !== null) return done(new StorageFailedError(`read ${this.file.name}`, error));
      if (bytes.length !== wanted) {
        const found = `${String(bytes.length)} bytes at ${String(offset)} where ${String(wanted)} were`;
        return done(new StorageFailedError(`read ${this.file.name}`, new Error(`there are ${found}`)));
      }
      this.#bytes = bytes;
      this.#start = offset;
      done(null);
    });
  }
}
