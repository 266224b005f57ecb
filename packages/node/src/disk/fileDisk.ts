import { constants } from "node:fs";
import { join } from "node:path";
import type { Completion, Disk, DiskFile, Done } from "@balsa/replica";
import { diskError, DiskError } from "./diskError.js";
import { REAL_FILE_SYSTEM, type FileSystem } from "./fileSystem.js";
import { NodeFile } from "./nodeFile.js";
import { SyncStatistics } from "./syncStatistics.js";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/u;

/** The files of one directory of the file system. Whoever opens it holds the directory's lock. */
export class FileDisk implements Disk {
  readonly directory: string;
  /** Of the syncs of all files. */
  readonly statistics = new SyncStatistics();
  readonly #fs: FileSystem;
  /** Names that belong to others, and that are neither listed nor touched. */
  readonly #reserved: ReadonlySet<string>;

  constructor(directory: string, reserved: readonly string[] = [], fileSystem: FileSystem = REAL_FILE_SYSTEM) {
    this.directory = directory;
    this.#reserved = new Set(reserved);
    this.#fs = fileSystem;
  }

  list(done: Completion<readonly string[]>): void {
    this.#fs.readdir(this.directory, { withFileTypes: true }, (error, entries) => {
      if (error !== null) return done(diskError("list", this.directory, error), []);
      const names = entries.filter((entry) => entry.isFile() && this.#isOurs(entry.name)).map(({ name }) => name);
      done(null, names.sort(byCodeUnits));
    });
  }

  open(name: string, create: boolean, done: Completion<DiskFile>): void {
    const unusable = null as unknown as DiskFile; // with an error there is no file
    if (!this.#isOurs(name)) return later(done, badName(name), unusable);
    const flags = constants.O_RDWR | (create ? constants.O_CREAT | constants.O_EXCL : 0);
    this.#fs.open(this.#path(name), flags, 0o600, (error, descriptor) => {
      if (error !== null) return done(diskError(create ? "create" : "open", name, error), unusable);
      done(null, new NodeFile(name, this.#path(name), descriptor, this.#fs, this.statistics));
    });
  }

  rename(from: string, to: string, done: Done): void {
    if (!this.#isOurs(from) || !this.#isOurs(to)) return later(done, badName(from), undefined);
    this.#fs.rename(this.#path(from), this.#path(to), (error) => {
      done(error === null ? null : diskError("rename", from, error));
    });
  }

  remove(name: string, done: Done): void {
    if (!this.#isOurs(name)) return later(done, badName(name), undefined);
    this.#fs.unlink(this.#path(name), (error) => {
      done(error === null ? null : diskError("remove", name, error));
    });
  }

  syncDirectory(done: Done): void {
    this.#fs.open(this.directory, constants.O_RDONLY, (openError, descriptor) => {
      if (openError !== null) return done(diskError("open", this.directory, openError));
      this.#fs.fsync(descriptor, (syncError) => {
        this.#fs.close(descriptor, (closeError) => {
          const error = syncError ?? closeError ?? null;
          done(error === null ? null : diskError("sync", this.directory, error));
        });
      });
    });
  }

  #path(name: string): string {
    return join(this.directory, name);
  }

  #isOurs(name: string): boolean {
    return NAME.test(name) && !this.#reserved.has(name);
  }
}

function badName(name: string): DiskError {
  return new DiskError(`${JSON.stringify(name)} is no name that a file of the data directory can have.`);
}

function later<T>(done: (error: Error, value: T) => void, error: Error, value: T): void {
  setImmediate(done, error, value);
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
