import type { Persist } from "@balsa/core";
import type { Done } from "../disk.js";

/** What a member needs of the log on disk. Each method as `LogStore` describes it. */
export interface ReplicaLog {
  onFullChanged: (isFull: boolean) => void;
  readonly isFull: boolean;
  readonly sizeBytes: number;
  append(group: number, persist: Persist, done: Done): void;
  compact(group: number, throughIndex: number, done: Done): void;
  seekRoom(): void;
  close(done: Done): void;
}
