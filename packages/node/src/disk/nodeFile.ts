import { constants } from "node:fs";
import type { Completion, DiskFile, Done } from "@balsa/replica";
import { DiskError, diskError } from "./diskError.js";
import type { FileSystem } from "./fileSystem.js";
import type { SyncStatistics } from "./syncStatistics.js";

/** How much is reserved with one call. */
const RESERVE_BYTES = 1024 * 1024;
const ZEROS = new Uint8Array(RESERVE_BYTES);

interface Write {
  readonly kind: "write";
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly done: Done;
}

interface Sync {
  readonly kind: "sync";
  readonly done: Done;
}

interface Other {
  readonly kind: "other";
  run(end: () => void): void;
}

type Operation = Write | Sync | Other;

/**
 * An open file. Operations run one after the other, in the order of their calls.
 *
 * A write with a sync right behind it, which is what the log does for each batch, is one system call on a descriptor of
 * its own that was opened with `O_DSYNC`: one way through the thread pool instead of two. That holds only while nothing
 * else in the file waits to be synced, and not on macOS, whose `O_DSYNC` stops at the drive's cache; there Node's `fsync`
 * goes on to the medium.
 */
export class NodeFile implements DiskFile {
  readonly name: string;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #fs: FileSystem;
  readonly #statistics: SyncStatistics;
  #synchronous: number | null = null;
  #queue: Operation[] = [];
  #running = false;
  /** Something was written, or the length changed, and no sync has come since. */
  #dirty = false;
  /** A sync failed: what the file holds is not known any more, and nothing more is done with it. */
  #failure: Error | null = null;
  #closed = false;

  constructor(name: string, path: string, descriptor: number, fileSystem: FileSystem, statistics: SyncStatistics) {
    this.name = name;
    this.#path = path;
    this.#descriptor = descriptor;
    this.#fs = fileSystem;
    this.#statistics = statistics;
  }

  size(done: Completion<number>): void {
    this.#other(
      (end) => {
        this.#fs.fstat(this.#descriptor, (error, stats) => {
          end();
          if (error === null) done(null, stats.size);
          else done(diskError("ask the size of", this.name, error), 0);
        });
      },
      (error) => done(error, 0),
    );
  }

  read(offset: number, length: number, done: Completion<Uint8Array>): void {
    const bytes = new Uint8Array(length);
    const finish = (error: Error | null, value: Uint8Array, end: () => void): void => {
      end();
      done(error, value);
    };
    this.#other(
      (end) => {
        const readOn = (filled: number): void => {
          if (filled === length) return finish(null, bytes, end);
          this.#fs.read(this.#descriptor, bytes, filled, length - filled, offset + filled, (error, count) => {
            if (error !== null) return finish(diskError("read", this.name, error), EMPTY, end);
            if (count === 0) return finish(null, bytes.subarray(0, filled), end);
            readOn(filled + count);
          });
        };
        if (length === 0) setImmediate(finish, null, bytes, end);
        else readOn(0);
      },
      (error) => done(error, EMPTY),
    );
  }

  write(offset: number, bytes: Uint8Array, done: Done): void {
    this.#push({ kind: "write", offset, bytes, done });
  }

  sync(done: Done): void {
    this.#push({ kind: "sync", done });
  }

  resize(sizeBytes: number, done: Done): void {
    this.#other((end) => {
      const finish: Done = (error) => {
        end();
        done(error);
      };
      this.#dirty = true;
      this.#fs.fstat(this.#descriptor, (error, stats) => {
        if (error !== null) return finish(diskError("ask the size of", this.name, error));
        if (sizeBytes > stats.size) return this.#reserve(stats.size, stats.size, sizeBytes, finish);
        this.#fs.ftruncate(this.#descriptor, sizeBytes, (cutError) => {
          finish(cutError === null ? null : diskError("cut", this.name, cutError));
        });
      });
    }, done);
  }

  close(done: Done): void {
    this.#other((end) => {
      this.#closed = true;
      const synchronous = this.#synchronous;
      const closeMain = (earlier: Error | null): void => {
        this.#fs.close(this.#descriptor, (error) => {
          end();
          const failure = earlier ?? error ?? null;
          done(failure === null ? null : diskError("close", this.name, failure));
        });
      };
      if (synchronous === null) return closeMain(null);
      this.#fs.close(synchronous, (error) => closeMain(error ?? null));
    }, done);
  }

  /** Node has no `fallocate`: only zeros that are written take up room, so that what is written there later needs none. */
  #reserve(from: number, before: number, until: number, done: Done): void {
    if (from === until) return done(null);
    const length = Math.min(RESERVE_BYTES, until - from);
    this.#writeAll(this.#descriptor, ZEROS.subarray(0, length), from, (error) => {
      if (error === null) return this.#reserve(from + length, before, until, done);
      // The room that was taken in vain is given back. Whether that succeeds changes nothing about the error.
      this.#fs.ftruncate(this.#descriptor, before, () => done(error));
    });
  }

  #writeAll(descriptor: number, bytes: Uint8Array, offset: number, done: Done): void {
    this.#fs.write(descriptor, bytes, 0, bytes.length, offset, (error, count) => {
      if (error !== null) return done(diskError("write", this.name, error));
      if (count === bytes.length) return done(null);
      if (count === 0) return done(new DiskError(`Nothing more of a write to ${this.name} was taken.`));
      this.#writeAll(descriptor, bytes.subarray(count), offset + count, done);
    });
  }

  #other(run: (end: () => void) => void, refuse: Done): void {
    this.#push({
      kind: "other",
      run: (end) => {
        const obstacle = this.#closed ? new DiskError(`${this.name} is closed.`) : null;
        if (obstacle === null) return run(end);
        end();
        refuse(obstacle);
      },
    });
  }

  #push(operation: Operation): void {
    this.#queue.push(operation);
    if (this.#running) return;
    this.#running = true;
    // What is called right behind this may go with it.
    queueMicrotask(this.#next);
  }

  readonly #next = (): void => {
    const operation = this.#queue.shift();
    if (operation === undefined) {
      this.#running = false;
      return;
    }
    switch (operation.kind) {
      case "other":
        return operation.run(this.#next);
      case "sync":
        return this.#runSync(operation.done);
      case "write":
        return this.#runWrite(operation);
    }
  };

  #runWrite({ offset, bytes, done }: Write): void {
    const following = this.#queue[0];
    if (following?.kind === "sync" && !this.#dirty && this.#failure === null && SYNCHRONOUS !== 0) {
      this.#queue.shift();
      return this.#writeDurably(bytes, offset, done, following.done);
    }
    this.#dirty = true;
    if (this.#refused(done)) return;
    this.#writeAll(this.#descriptor, bytes, offset, (error) => {
      this.#next();
      done(error);
    });
  }

  #writeDurably(bytes: Uint8Array, offset: number, written: Done, synced: Done): void {
    if (this.#synchronous === null) {
      return this.#fs.open(this.#path, constants.O_RDWR | SYNCHRONOUS, (error, descriptor) => {
        if (error !== null) return this.#fail(diskError("open", this.name, error), written, synced);
        this.#synchronous = descriptor;
        this.#writeDurably(bytes, offset, written, synced);
      });
    }
    const begunAt = performance.now();
    this.#writeAll(this.#synchronous, bytes, offset, (error) => {
      if (error !== null) return this.#fail(error, written, synced);
      this.#statistics.record(performance.now() - begunAt);
      this.#next();
      written(null);
      synced(null);
    });
  }

  #runSync(done: Done): void {
    if (this.#refused(done)) return;
    const begunAt = performance.now();
    this.#fs.fdatasync(this.#descriptor, (error) => {
      if (error !== null) return this.#fail(diskError("sync", this.name, error), done);
      this.#statistics.record(performance.now() - begunAt);
      this.#dirty = false;
      this.#next();
      done(null);
    });
  }

  #fail(error: Error, ...waiting: readonly Done[]): void {
    this.#failure = error;
    this.#next();
    for (const done of waiting) done(error);
  }

  #refused(done: Done): boolean {
    const failure = this.#failure;
    if (failure === null && !this.#closed) return false;
    setImmediate(() => {
      this.#next();
      done(failure ?? new DiskError(`${this.name} is closed.`));
    });
    return true;
  }
}

const EMPTY = new Uint8Array(0);

/** On Linux alone: see above. */
const SYNCHRONOUS = process.platform === "linux" ? constants.O_DSYNC : 0;
