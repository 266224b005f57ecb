import type { Completion, Disk, DiskFile, Done } from "../../src/disk.js";

type FileChange =
  | { readonly type: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: "resize"; readonly sizeBytes: number };

type DirectoryChange =
  | { readonly type: "set"; readonly name: string; readonly file: FileContent }
  | { readonly type: "rename"; readonly from: string; readonly to: string; readonly file: FileContent }
  | { readonly type: "remove"; readonly name: string };

interface FileContent {
  durable: Uint8Array;
  unsynced: FileChange[];
}

/** What a crash does to unsynced changes. Numbers are drawn from [0, 1). */
export type CrashChoice = () => number;

/** A disk whose operations take effect, one by one and in order, when the test says so, and which can crash in between. */
export class MemoryDisk implements Disk {
  /** Called before each operation takes effect; an error makes it fail without effect. */
  failure: (operation: string, name: string) => Error | null = () => null;
  operationCount = 0;
  #queue: (() => void)[] = [];
  #durable = new Map<string, FileContent>();
  #directory = new Map<string, FileContent>();
  #unsynced: DirectoryChange[] = [];
  #generation = 0;

  list(done: Completion<readonly string[]>): void {
    this.#enqueue("list", "", done, [], () => [...this.#directory.keys()].sort());
  }

  open(name: string, create: boolean, done: Completion<DiskFile>): void {
    this.#enqueue("open", name, done, null as never, () => {
      const existing = this.#directory.get(name);
      if (create === (existing !== undefined)) throw new Error(create ? `${name} exists` : `${name} doesn't exist`);
      const content = existing ?? { durable: new Uint8Array(0), unsynced: [] };
      if (create) {
        this.#directory.set(name, content);
        this.#unsynced.push({ type: "set", name, file: content });
      }
      return this.#file(name, content);
    });
  }

  rename(from: string, to: string, done: Done): void {
    this.#enqueue("rename", from, done, undefined, () => {
      const file = this.#existing(from);
      this.#directory.delete(from);
      this.#directory.set(to, file);
      this.#unsynced.push({ type: "rename", from, to, file });
    });
  }

  remove(name: string, done: Done): void {
    this.#enqueue("remove", name, done, undefined, () => {
      this.#existing(name);
      this.#directory.delete(name);
      this.#unsynced.push({ type: "remove", name });
    });
  }

  syncDirectory(done: Done): void {
    this.#enqueue("syncDirectory", "", done, undefined, () => {
      this.#durable = new Map(this.#directory);
      this.#unsynced = [];
    });
  }

  /** Lets up to `count` operations take effect; how many there were. */
  pump(count = Infinity): number {
    let done = 0;
    while (done < count) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      next();
      done++;
    }
    return done;
  }

  /** Stops everything; of the unsynced changes any subset stays, and of one write any part. */
  crash(choose: CrashChoice): void {
    this.#queue = [];
    this.#generation++;
    const directory = new Map(this.#durable);
    for (const change of this.#unsynced) {
      if (choose() < 0.5) continue;
      if (change.type === "remove") directory.delete(change.name);
      else directory.set(change.type === "set" ? change.name : change.to, change.file);
      if (change.type === "rename") directory.delete(change.from);
    }
    for (const file of new Set(directory.values())) {
      for (const change of file.unsynced) {
        const fate = choose();
        if (fate < 0.3) continue;
        file.durable = applyChange(file.durable, fate < 0.6 ? torn(change, choose) : change);
      }
      file.unsynced = [];
    }
    this.#directory = directory;
    this.#durable = new Map(directory);
    this.#unsynced = [];
  }

  /** The process dies, and the system lives on: what was written is still seen, and no more durable than before. */
  kill(): void {
    this.#queue = [];
    this.#generation++;
  }

  names(): string[] {
    return [...this.#directory.keys()].sort();
  }

  /** What a reader sees now. */
  content(name: string): Uint8Array {
    const file = this.#existing(name);
    return file.unsynced.reduce(applyChange, file.durable).slice();
  }

  /** Puts a file there, durably, behind everybody's back. */
  put(name: string, bytes: Uint8Array): void {
    const content = { durable: bytes.slice(), unsynced: [] };
    this.#directory.set(name, content);
    this.#durable.set(name, content);
  }

  drop(name: string): void {
    this.#directory.delete(name);
    this.#durable.delete(name);
  }

  /** Another disk with what is visible on this one, all of it durable. */
  copy(): MemoryDisk {
    const other = new MemoryDisk();
    for (const name of this.names()) other.put(name, this.content(name));
    return other;
  }

  #existing(name: string): FileContent {
    const file = this.#directory.get(name);
    if (file === undefined) throw new Error(`${name} doesn't exist`);
    return file;
  }

  #file(name: string, content: FileContent): DiskFile {
    let open = true;
    const visible = (): Uint8Array => {
      if (!open) throw new Error(`${name} is closed`);
      return content.unsynced.reduce(applyChange, content.durable);
    };
    return {
      name,
      size: (done) => this.#enqueue("size", name, done, 0, () => visible().length),
      read: (offset, length, done) =>
        this.#enqueue("read", name, done, new Uint8Array(0), () => visible().slice(offset, offset + length)),
      write: (offset, bytes, done) =>
        this.#enqueue("write", name, done, undefined, () => {
          visible();
          content.unsynced.push({ type: "write", offset, bytes: bytes.slice() });
        }),
      resize: (sizeBytes, done) =>
        this.#enqueue("resize", name, done, undefined, () => {
          visible();
          content.unsynced.push({ type: "resize", sizeBytes });
        }),
      sync: (done) =>
        this.#enqueue("sync", name, done, undefined, () => {
          content.durable = visible();
          content.unsynced = [];
        }),
      close: (done) =>
        this.#enqueue("close", name, done, undefined, () => {
          visible();
          open = false;
        }),
    };
  }

  #enqueue<T>(operation: string, name: string, done: Completion<T>, nothing: T, effect: () => T): void {
    const generation = this.#generation;
    this.#queue.push(() => {
      if (generation !== this.#generation) return;
      this.operationCount++;
      const error = this.failure(operation, name);
      if (error !== null) {
        done(error, nothing);
        return;
      }
      let value: T;
      try {
        value = effect();
      } catch (failed) {
        done(failed as Error, nothing);
        return;
      }
      done(null, value);
    });
  }
}

function applyChange(content: Uint8Array, change: FileChange): Uint8Array {
  const length =
    change.type === "resize" ? change.sizeBytes : Math.max(content.length, change.offset + change.bytes.length);
  const changed = new Uint8Array(length);
  changed.set(content.subarray(0, length));
  if (change.type === "write") changed.set(change.bytes, change.offset);
  return changed;
}

function torn(change: FileChange, choose: CrashChoice): FileChange {
  if (change.type === "resize") return change;
  const { offset, bytes } = change;
  const cut = Math.floor(choose() * bytes.length);
  const [from, to] = choose() < 0.5 ? [0, cut] : [cut, bytes.length];
  return { type: "write", offset: offset + from, bytes: bytes.slice(from, to) };
}
