import { invariant, type SnapshotMetadata } from "@balsa/core";
import type { Completion, Disk, DiskFile, Done } from "../disk.js";
import { crc32c } from "./crc32c.js";
import { inTurn, type DiskStep } from "./inTurn.js";
import { SnapshotCorruptError } from "./snapshotCorruptError.js";
import { encodeSnapshotFooter, encodeSnapshotHeader, type SnapshotDraft } from "./snapshotFile.js";
import type { StoredSnapshot } from "./snapshotVerification.js";

/**
 * So much is made durable at once. Left to the end, a large snapshot would fill the system's memory, and the log's syncs would
 * wait for all of it.
 */
const SYNC_EVERY_BYTES = 8 * 1024 * 1024;

export interface SnapshotFileNames {
  /** While it is being written. */
  readonly partial: string;
  readonly final: (metadata: SnapshotMetadata) => string;
}

interface Task {
  readonly steps: () => readonly DiskStep[];
  readonly done: Done;
  readonly evenAfterFailure: boolean;
}

/**
 * Writes one snapshot into a file of a preliminary name, which gets its own only when all of it is durable. Calls may
 * follow each other without waiting; they are carried out one by one. After a failure only `abort` does anything.
 */
export class SnapshotWriter {
  readonly #disk: Disk;
  readonly #group: number;
  readonly #draft: SnapshotDraft;
  readonly #names: SnapshotFileNames;
  readonly #keep: (stored: StoredSnapshot, done: Done) => void;
  readonly #header: Uint8Array;
  readonly #tasks: Task[] = [];
  #running = false;
  #file: DiskFile | null = null;
  #partialExists = false;
  #failure: Error | null = null;
  #sizeBytes = 0;
  #unsyncedBytes = 0;
  #checksum = 0;
  #state: "open" | "finishing" | "finished" | "aborted" = "open";

  /** `keep` takes the durable file over. */
  constructor(
    disk: Disk,
    group: number,
    draft: SnapshotDraft,
    names: SnapshotFileNames,
    keep: (stored: StoredSnapshot, done: Done) => void,
  ) {
    this.#disk = disk;
    this.#group = group;
    this.#draft = draft;
    this.#names = names;
    this.#keep = keep;
    this.#header = encodeSnapshotHeader(group, draft);
  }

  /** How many bytes have been given to `write`. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The next bytes, left unchanged until `done`, which may get `StorageFailedError`. */
  write(chunk: Uint8Array, done: Done): void {
    invariant(this.#state === "open", "a snapshot is not written after its end");
    const offset = this.#header.length + this.#sizeBytes;
    this.#sizeBytes += chunk.length;
    this.#checksum = crc32c(chunk, 0, chunk.length, this.#checksum);
    const steps: DiskStep[] = [[`write ${this.#names.partial}`, (next) => this.#openFile.write(offset, chunk, next)]];
    this.#unsyncedBytes += chunk.length;
    if (this.#unsyncedBytes >= SYNC_EVERY_BYTES) {
      this.#unsyncedBytes = 0;
      steps.push([`sync ${this.#names.partial}`, (next) => this.#openFile.sync(next)]);
    }
    this.#enqueue(() => [...this.#creation(), ...steps], done);
  }

  /**
   * Makes the snapshot durable and gives it its name; older ones that nobody reads are then removed. `done` may get
   * `SnapshotCorruptError`, when length or checksum are not the announced ones, or `StorageFailedError`; after either the
   * writer is to be aborted.
   */
  finish(done: Completion<SnapshotMetadata | null>): void {
    invariant(this.#state === "open", "a snapshot ends once");
    this.#state = "finishing";
    const { index, term, configuration } = this.#draft;
    const metadata = { index, term, configuration, sizeBytes: this.#sizeBytes, checksum: this.#checksum };
    this.#failure ??= this.#mismatch();
    this.#enqueue(
      () => [...this.#creation(), ...this.#completion(metadata)],
      (error) => {
        if (error === null) this.#state = "finished";
        done(error, error === null ? metadata : null);
      },
    );
  }

  /** Gives up: drops what waits, with an error, and removes the file. */
  abort(done: Done): void {
    invariant(this.#state !== "finished" && this.#state !== "aborted", "what has ended is not aborted");
    this.#state = "aborted";
    this.#failure ??= new Error("The writing of the snapshot was given up.");
    this.#enqueue(() => this.#removal(), done, true);
  }

  get #openFile(): DiskFile {
    invariant(this.#file !== null, "the file of the snapshot is open");
    return this.#file;
  }

  #mismatch(): Error | null {
    const { sizeBytes = this.#sizeBytes, checksum = this.#checksum } = this.#draft;
    if (sizeBytes === this.#sizeBytes && checksum === this.#checksum) return null;
    const was = `it has ${String(this.#sizeBytes)} bytes with checksum ${String(this.#checksum)}`;
    const announced = `and was announced with ${String(sizeBytes)} and ${String(checksum)}`;
    return new SnapshotCorruptError(this.#names.partial, `${was} ${announced}`, "Have it sent again.");
  }

  #creation(): readonly DiskStep[] {
    if (this.#file !== null) return [];
    const name = this.#names.partial;
    const create = (next: Done): void => {
      this.#disk.open(name, true, (error, file) => {
        this.#partialExists = error === null;
        if (error === null) this.#file = file;
        next(error);
      });
    };
    return [
      [`create ${name}`, create],
      [`write ${name}`, (next) => this.#openFile.write(0, this.#header, next)],
    ];
  }

  /** The file is durable before it gets its name, and its name before anybody is told. */
  #completion(metadata: SnapshotMetadata): readonly DiskStep[] {
    const { sizeBytes, checksum } = metadata;
    const partialName = this.#names.partial;
    const name = this.#names.final(metadata);
    const contentStart = this.#header.length;
    const footer = encodeSnapshotFooter(this.#header, sizeBytes, checksum);
    const stored: StoredSnapshot = { name, group: this.#group, metadata, contentStart, reads: 0, beingRead: false };
    const rename = (next: Done): void => {
      this.#disk.rename(partialName, name, (error) => {
        this.#partialExists = error !== null;
        next(error);
      });
    };
    return [
      [`write ${partialName}`, (next) => this.#openFile.write(contentStart + sizeBytes, footer, next)],
      [`sync ${partialName}`, (next) => this.#openFile.sync(next)],
      [`close ${partialName}`, (next) => this.#closeFile(next)],
      [`rename ${partialName}`, rename],
      ["sync the data directory", (next) => this.#disk.syncDirectory(next)],
      ["remove older snapshots", (next) => this.#keep(stored, next)],
    ];
  }

  #removal(): readonly DiskStep[] {
    const steps: DiskStep[] = [];
    const name = this.#names.partial;
    if (this.#file !== null) steps.push([`close ${name}`, (next) => this.#closeFile(next)]);
    if (this.#partialExists) steps.push([`remove ${name}`, (next) => this.#disk.remove(name, next)]);
    return steps;
  }

  #closeFile(next: Done): void {
    const file = this.#openFile;
    this.#file = null;
    file.close(next);
  }

  #enqueue(steps: () => readonly DiskStep[], done: Done, evenAfterFailure = false): void {
    this.#tasks.push({ steps, done, evenAfterFailure });
    if (!this.#running) this.#runNext();
  }

  #runNext(): void {
    const task = this.#tasks.shift();
    this.#running = task !== undefined;
    if (task === undefined) return;
    const ended = (error: Error | null): void => {
      if (error !== null) this.#failure ??= error;
      task.done(error);
      this.#runNext();
    };
    const failure = task.evenAfterFailure ? null : this.#failure;
    const steps = failure === null ? task.steps() : [];
    if (steps.length > 0) inTurn(steps, ended);
    // A completion must not come before the call has returned; an operation that changes nothing puts it off.
    else this.#disk.list(() => ended(failure));
  }
}
