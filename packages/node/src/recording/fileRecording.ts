import { createWriteStream, mkdirSync, openSync, readdirSync, rmSync, statSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { InvalidOptionError } from "@balsa/core";
import type { RecordingSink } from "@balsa/replica";
import type { Logger } from "../raftNode/logger.js";
import { frameHead, recordingFileName, recordingFileNumber, recordingFiles } from "./recordingFile.js";

export interface RecordOptions {
  /** Made if it is not there. It belongs to one member alone, and is no data directory. */
  readonly directory: string;
  /**
   * The oldest parts go so that it holds about so much at most. Each part begins with the whole state, which may be some tens
   * of MiB. Default 256 MiB, at least 32 MiB.
   */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;
const MIN_MAX_BYTES = 32 * 1024 * 1024;
const PARTS = 8;
/** A block that is not full is written after so long: what a killed process loses of its recording. */
const GATHER_MS = 50;
/** What waits for a disk that is too slow, before nothing more is recorded. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const LAST_WRITE_MS = 2_000;

/**
 * A recording in files, one for each part. Nothing is synced, and nothing waits for it: where it fails, or is too slow,
 * recording ends and the member goes on.
 */
export class FileRecording implements RecordingSink {
  readonly partBytes: number;
  /** Resolves once nothing more is written, or two seconds after the end. Never rejects. */
  readonly ended: Promise<void>;
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #logger: Logger;
  /** Bytes of each file, oldest first. */
  readonly #files = new Map<string, number>();
  #next: number;
  #current: { readonly name: string; readonly stream: WriteStream } | null = null;
  #isTimerSet = false;
  #isOver = false;
  #settle!: () => void;
  #open = 0;

  /** @throws InvalidOptionError, and the error of the directory that can't be made or read */
  constructor({ directory, maxBytes = DEFAULT_MAX_BYTES }: RecordOptions, logger: Logger) {
    if (!(maxBytes >= MIN_MAX_BYTES && maxBytes <= Number.MAX_SAFE_INTEGER)) {
      throw new InvalidOptionError("record.maxBytes", maxBytes, `a number of at least ${String(MIN_MAX_BYTES)}`);
    }
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#logger = logger;
    this.partBytes = Math.floor(maxBytes / PARTS);
    mkdirSync(directory, { recursive: true });
    for (const name of recordingFiles(readdirSync(directory))) {
      this.#files.set(name, statSync(join(directory, name)).size);
    }
    const newest = [...this.#files.keys()].pop() ?? "";
    this.#next = (recordingFileNumber(newest) ?? 0) + 1;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
  }

  begin(): void {
    this.#endFile();
    const name = recordingFileName(this.#next);
    this.#next += 1;
    const path = join(this.#directory, name);
    let stream: WriteStream;
    try {
      this.#removeOldest();
      stream = createWriteStream(path, { fd: openSync(path, "wx") });
    } catch (error) {
      return this.#fail(error as Error); // of the file system
    }
    this.#open += 1;
    stream.on("error", (error) => this.#fail(error));
    stream.on("close", () => {
      this.#open -= 1;
      this.#settleIfOver();
    });
    this.#files.set(name, 0);
    this.#current = { name, stream };
  }

  gathering(flush: () => void): void {
    if (this.#isTimerSet) return;
    this.#isTimerSet = true;
    const write = (): void => {
      this.#isTimerSet = false;
      flush();
    };
    setTimeout(write, GATHER_MS).unref();
  }

  write(block: Uint8Array): boolean {
    if (this.#isOver || this.#current === null) return false;
    const { name, stream } = this.#current;
    const head = frameHead(block);
    this.#files.set(name, (this.#files.get(name) ?? 0) + head.length + block.length);
    stream.cork();
    stream.write(head);
    stream.write(block);
    stream.uncork();
    if (stream.writableLength <= MAX_QUEUED_BYTES) return true;
    this.#fail(new Error(`${String(MAX_QUEUED_BYTES)} bytes wait to be written`));
    return false;
  }

  end(failure: Error | null): void {
    if (failure !== null) return this.#fail(failure);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#endFile();
    this.#settleIfOver();
    setTimeout(this.#settle, LAST_WRITE_MS).unref();
  }

  #fail(reason: Error): void {
    if (!this.#isOver) {
      const what = `recording into ${this.#directory} has ended, and this member goes on: ${reason.message}`;
      this.#logger.error({ err: reason }, what);
    }
    this.end(null);
  }

  #endFile(): void {
    this.#current?.stream.end();
    this.#current = null;
  }

  /** Makes room for one more part, of the size of the last one. */
  #removeOldest(): void {
    const sizes = [...this.#files.values()];
    let sum = Math.max(this.partBytes, sizes[sizes.length - 1] ?? 0);
    for (const bytes of sizes) sum += bytes;
    for (const [name, bytes] of this.#files) {
      if (sum <= this.#maxBytes) return;
      rmSync(join(this.#directory, name), { force: true });
      this.#files.delete(name);
      sum -= bytes;
    }
  }

  #settleIfOver(): void {
    if (this.#isOver && this.#open === 0) this.#settle();
  }
}
