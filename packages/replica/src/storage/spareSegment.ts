import { invariant } from "@balsa/core";
import type { Disk, DiskFile, Done } from "../disk.js";
import { isDiskFull } from "./diskFull.js";
import { SPARE_NAME } from "./fileName.js";
import { inTurn, type DiskStep } from "./inTurn.js";
import { StorageFailedError } from "./storageFailedError.js";

/** Reserved at once: a sync of much at a time would make those of the log wait. */
const STEP_BYTES = 4 * 1024 * 1024;

type SpareState =
  | "absent"
  | "preparing"
  /** It lies on the disk, with its space reserved, and is open nowhere. */
  | "ready"
  /** The disk had no room for it; what there was of it has been removed. */
  | "lacksRoom";

/**
 * The file that is to become the next segment, made ahead so that the log need not wait while space is reserved ("file
 * pipeline" of etcd), and so that a full disk shows while the present segment still has room.
 */
export class SpareSegment {
  readonly sizeBytes: number;
  readonly #disk: Disk;
  /** Preparing has ended: with an error that leaves no choice, or with one of the states. */
  readonly #ended: Done;
  #state: SpareState = "absent";
  #lackOfRoom: Error | null = null;

  constructor(disk: Disk, sizeBytes: number, ended: Done) {
    this.#disk = disk;
    this.sizeBytes = sizeBytes;
    this.#ended = ended;
  }

  get state(): SpareState {
    return this.#state;
  }

  /** What the disk said when it had no room; null unless that was the end of the last attempt. */
  get lackOfRoom(): Error | null {
    return this.#lackOfRoom;
  }

  prepare(): void {
    invariant(this.#state === "absent" || this.#state === "lacksRoom", "one spare segment is prepared at a time");
    this.#state = "preparing";
    this.#disk.open(SPARE_NAME, true, (error, file) => {
      if (error === null) this.#reserve(file);
      else this.#failed(new StorageFailedError(`create ${SPARE_NAME}`, error), []);
    });
  }

  /** It is to be given another name, and is none of this object's concern any more. */
  take(): void {
    invariant(this.#state === "ready", "the spare segment that is taken is ready");
    this.#state = "absent";
  }

  #reserve(file: DiskFile): void {
    const close: DiskStep = [`close ${SPARE_NAME}`, (next) => file.close(next)];
    const remove: DiskStep = [`remove ${SPARE_NAME}`, (next) => this.#disk.remove(SPARE_NAME, next)];
    inTurn(this.#reservation(file), (error) => {
      if (error !== null) return this.#failed(error, isDiskFull(error) ? [close, remove] : [close]);
      inTurn([close], (closeError) => {
        this.#end(closeError === null ? "ready" : "absent", closeError, null);
      });
    });
  }

  #reservation(file: DiskFile): readonly DiskStep[] {
    const steps: DiskStep[] = [];
    for (let sizeBytes = 0; sizeBytes < this.sizeBytes;) {
      sizeBytes = Math.min(sizeBytes + STEP_BYTES, this.sizeBytes);
      const reserved = sizeBytes;
      steps.push([`reserve ${String(reserved)} bytes for ${SPARE_NAME}`, (next) => file.resize(reserved, next)]);
      steps.push([`sync ${SPARE_NAME}`, (next) => file.sync(next)]);
    }
    return steps;
  }

  /** Whether tidying up fails, too, matters only where the failure was no more than a lack of room. */
  #failed(error: Error, tidying: readonly DiskStep[]): void {
    inTurn(tidying, (tidyingError) => {
      if (!isDiskFull(error)) this.#end("absent", error, null);
      else if (tidyingError !== null) this.#end("absent", tidyingError, null);
      else this.#end("lacksRoom", null, error);
    });
  }

  #end(state: SpareState, failure: Error | null, lackOfRoom: Error | null): void {
    this.#state = state;
    this.#lackOfRoom = lackOfRoom;
    this.#ended(failure);
  }
}
