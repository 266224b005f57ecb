import { Inode } from "./inode.js";
import { SimulatedDiskError } from "./simulatedDiskError.js";

/** What one operation did to the names, all at once: each name now stands for this file, or (null) for none. */
type DirectoryChange = readonly (readonly [name: string, inode: Inode | null])[];

function apply(names: Map<string, Inode>, change: DirectoryChange): void {
  for (const [name, inode] of change) {
    if (inode === null) {
      names.delete(name);
      continue;
    }
    // Where only some changes were kept, the file may still stand under a name that it had earlier.
    for (const [otherName, otherInode] of names) if (otherInode === inode) names.delete(otherName);
    names.set(name, inode);
  }
}

/** The names of a data directory: as they are durable, what was changed since, and as processes see them. */
export class Directory {
  /** When the last operation on names ends; the next one begins no sooner. */
  busyUntilMs = 0;
  #visible = new Map<string, Inode>();
  readonly #durable = new Map<string, Inode>();
  #pending: DirectoryChange[] = [];
  #settledCount = 0;

  /** The number that the next change will have: a sync called now makes all changes below it durable. */
  get nextChange(): number {
    return this.#settledCount + this.#pending.length;
  }

  /** What the sizes of all files add up to. */
  get usedBytes(): number {
    let usedBytes = 0;
    for (const inode of this.#visible.values()) usedBytes += inode.sizeBytes;
    return usedBytes;
  }

  /** Files whose name would outlast a crash now. */
  get durableFiles(): ReadonlyMap<string, Inode> {
    return this.#durable;
  }

  names(): readonly string[] {
    return [...this.#visible.keys()].sort();
  }

  find(name: string, operation: string): Inode {
    const inode = this.#visible.get(name);
    if (inode === undefined) throw new SimulatedDiskError("ENOENT", operation, name);
    return inode;
  }

  create(name: string): Inode {
    if (this.#visible.has(name)) throw new SimulatedDiskError("EEXIST", "open", name);
    const inode = new Inode();
    this.#change([[name, inode]]);
    return inode;
  }

  rename(from: string, to: string): void {
    const inode = this.find(from, "rename");
    if (from === to) return;
    this.#change([
      [from, null],
      [to, inode],
    ]);
  }

  remove(name: string): void {
    this.find(name, "remove");
    this.#change([[name, null]]);
  }

  /** Makes the changes below number `end` durable. */
  sync(end: number): void {
    const taken = this.#pending.splice(0, Math.max(0, end - this.#settledCount));
    this.#settledCount += taken.length;
    for (const change of taken) apply(this.#durable, change);
  }

  /** A crash: lets `keeps` decide on each change that is not durable, and forgets those it does not keep. */
  crash(keeps: () => boolean): void {
    for (const change of this.#pending) if (keeps()) apply(this.#durable, change);
    this.#settledCount += this.#pending.length;
    this.#pending = [];
    this.#visible = new Map(this.#durable);
    this.busyUntilMs = 0;
  }

  #change(change: DirectoryChange): void {
    apply(this.#visible, change);
    this.#pending.push(change);
  }
}
