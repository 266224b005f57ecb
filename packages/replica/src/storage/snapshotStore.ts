import { invariant, type SnapshotMetadata } from "@balsa/core";
import type { Completion, Disk, Done } from "../disk.js";
import {
  isPartialSnapshotName,
  parseSnapshotName,
  partialSnapshotName,
  snapshotName,
  type SnapshotNameParts,
} from "./fileName.js";
import { inTurn, type DiskStep } from "./inTurn.js";
import type { SnapshotDraft } from "./snapshotFile.js";
import { SnapshotGoneError } from "./snapshotGoneError.js";
import { verifySnapshot, type StoredSnapshot } from "./snapshotVerification.js";
import { SnapshotWriter } from "./snapshotWriter.js";
import { StorageFailedError } from "./storageFailedError.js";

interface Candidate extends SnapshotNameParts {
  readonly name: string;
}

/**
 * The snapshots on disk, one file each, of any number of groups. The newest of each group is kept, and older ones while
 * somebody is in the middle of reading them.
 */
export class SnapshotStore {
  readonly #disk: Disk;
  /** By group, the newest last. */
  readonly #snapshots = new Map<number, StoredSnapshot[]>();
  #partialCount = 0;

  private constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * Removes what a crash has left unfinished, and checks the newest snapshot of each group from end to end.
   *
   * `done` may get `SnapshotCorruptError` (no older snapshot is taken instead, since the log between them may be gone),
   * `UnknownFormatError` or `StorageFailedError`.
   */
  static open(disk: Disk, done: Completion<SnapshotStore | null>): void {
    const store = new SnapshotStore(disk);
    disk.list((error, names) => {
      if (error !== null) return done(new StorageFailedError("list the data directory", error), null);
      const newest = new Map<number, Candidate>();
      const surplus = names.filter(isPartialSnapshotName);
      for (const name of names) {
        const parts = parseSnapshotName(name);
        if (parts === null) continue;
        const other = newest.get(parts.group);
        // Names rise with the index.
        if (other !== undefined) surplus.push(other.name);
        newest.set(parts.group, { ...parts, name });
      }
      store.#load([...newest.values()], 0, surplus, (failure) => {
        done(failure, failure === null ? store : null);
      });
    });
  }

  /** The newest snapshot of the group; null when there is none. */
  latest(group: number): SnapshotMetadata | null {
    return this.#snapshots.get(group)?.at(-1)?.metadata ?? null;
  }

  /**
   * Begins a snapshot: of this member's own state, or one received, whose length and checksum are then given and must turn
   * out right.
   */
  begin(group: number, draft: SnapshotDraft): SnapshotWriter {
    const names = {
      partial: partialSnapshotName(group, draft.index, draft.term, ++this.#partialCount),
      final: ({ index, term, checksum }: SnapshotMetadata) => snapshotName(group, index, term, checksum),
    };
    return new SnapshotWriter(this.#disk, group, draft, names, (stored, done) => {
      this.#keep(group, stored, done);
    });
  }

  /**
   * Reads up to `maxBytes` of a snapshot's bytes; fewer only at its end. `done` may get `SnapshotGoneError`, when a newer
   * one has taken its place, or `StorageFailedError`.
   */
  readChunk(
    group: number,
    metadata: SnapshotMetadata,
    offset: number,
    maxBytes: number,
    done: Completion<Uint8Array | null>,
  ): void {
    const { index, term, checksum, sizeBytes } = metadata;
    const isIt = ({ metadata: m }: StoredSnapshot): boolean =>
      m.index === index && m.term === term && m.checksum === checksum && m.sizeBytes === sizeBytes;
    const stored = this.#snapshots.get(group)?.find(isIt);
    if (stored === undefined) {
      // A completion must not come before the call has returned; an operation that changes nothing puts it off.
      this.#disk.list(() => done(new SnapshotGoneError(group, index), null));
      return;
    }
    invariant(offset >= 0 && offset <= sizeBytes && maxBytes > 0, "a chunk lies within its snapshot");
    const length = Math.min(maxBytes, sizeBytes - offset);
    stored.reads++;
    stored.beingRead = offset + length < sizeBytes;
    this.#read(stored, stored.contentStart + offset, length, (error, chunk) => {
      stored.reads--;
      done(error, chunk);
    });
  }

  #load(candidates: readonly Candidate[], position: number, surplus: readonly string[], done: Done): void {
    const candidate = candidates[position];
    if (candidate === undefined) {
      // The process before may have died between giving the newest its name and making that durable; the older ones go, and
      // anybody hears of the newest, only when it is.
      inTurn([["sync the data directory", (next) => this.#disk.syncDirectory(next)], ...this.#removals(surplus)], done);
      return;
    }
    verifySnapshot(this.#disk, candidate.name, candidate, (error, stored) => {
      if (stored === null) return done(error);
      this.#snapshots.set(candidate.group, [stored]);
      this.#load(candidates, position + 1, surplus, done);
    });
  }

  /** Takes a durable snapshot in, and lets go of those it makes superfluous. */
  #keep(group: number, stored: StoredSnapshot, done: Done): void {
    const others = (this.#snapshots.get(group) ?? []).filter(({ name }) => name !== stored.name);
    // A stable sort: of two at the same index the one finished last is the newest.
    const all = [...others, stored].sort((a, b) => a.metadata.index - b.metadata.index);
    const newest = all.at(-1);
    const kept = all.filter((snapshot) => snapshot === newest || snapshot.reads > 0 || snapshot.beingRead);
    const gone = all.filter((snapshot) => !kept.includes(snapshot));
    // Who is still at it reads on before the next snapshot comes; who has given up does not.
    for (const snapshot of kept) snapshot.beingRead = false;
    this.#snapshots.set(group, kept);
    inTurn(this.#removals(gone.map(({ name }) => name)), done);
  }

  #removals(names: readonly string[]): DiskStep[] {
    return names.map((name) => [`remove ${name}`, (next) => this.#disk.remove(name, next)]);
  }

  #read(stored: StoredSnapshot, offset: number, length: number, done: Completion<Uint8Array | null>): void {
    const { name } = stored;
    this.#disk.open(name, false, (openError, file) => {
      if (openError !== null) return done(new StorageFailedError(`open ${name}`, openError), null);
      file.read(offset, length, (readError, bytes) => {
        file.close((closeError) => {
          const error = readError ?? closeError;
          if (error !== null) return done(new StorageFailedError(`read ${name}`, error), null);
          if (bytes.length === length) return done(null, bytes);
          const cause = new Error(
            `it has ${String(bytes.length)} bytes at ${String(offset)} where ${String(length)} were`,
          );
          done(new StorageFailedError(`read ${name}`, cause), null);
        });
      });
    });
  }
}
