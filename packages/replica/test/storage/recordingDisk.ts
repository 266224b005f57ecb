import type { Completion, Disk, DiskFile, Done } from "../../src/disk.js";

/** A file apart from its names. */
interface Content {
  bytes: Uint8Array;
}

/** What changes the disk, in the order in which it took effect. */
type Change =
  | { readonly type: "write"; readonly content: Content; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: "resize"; readonly content: Content; readonly sizeBytes: number }
  | { readonly type: "sync"; readonly content: Content }
  | { readonly type: "create" | "remove"; readonly name: string; readonly content: Content }
  | { readonly type: "rename"; readonly from: string; readonly name: string; readonly content: Content }
  | { readonly type: "syncDirectory" };

type ContentChange = Extract<Change, { readonly type: "write" | "resize" }>;
type NameChange = Extract<Change, { readonly type: "create" | "remove" | "rename" }>;

export type Files = ReadonlyMap<string, Uint8Array>;

/** Changes that are not durable, at the most: all subsets of them are tried. */
const MAX_UNSYNCED = 12;

/** A disk that remembers every change, so that afterwards a crash at any point of its life can be looked at. */
export class RecordingDisk implements Disk {
  /** Called when a change has taken effect, and whoever asked for it has been told. */
  changed: () => void = () => undefined;
  readonly #names = new Map<string, Content>();
  readonly #journal: Change[] = [];
  readonly #queue: (() => void)[] = [];

  /** These files are there durably. */
  constructor(files: Files = new Map()) {
    for (const [name, bytes] of files) {
      const content = { bytes };
      this.#names.set(name, content);
      this.#journal.push({ type: "create", name, content }, { type: "write", content, offset: 0, bytes });
      this.#journal.push({ type: "sync", content });
    }
    this.#journal.push({ type: "syncDirectory" });
  }

  /** Changes so far. */
  get length(): number {
    return this.#journal.length;
  }

  names(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** The process dies, and the system lives on: what waits takes no effect, and nothing becomes more durable than it was. */
  kill(): void {
    this.#queue.length = 0;
    this.changed = () => undefined;
  }

  /** Has up to `count` operations take effect; returns how many there were. */
  pump(count = Infinity): number {
    for (let done = 0; done < count; done++) {
      const next = this.#queue.shift();
      if (next === undefined) return done;
      next();
    }
    return count;
  }

  list(done: Completion<readonly string[]>): void {
    this.#queue.push(() => {
      done(null, [...this.#names.keys()].sort());
    });
  }

  open(name: string, create: boolean, done: Completion<DiskFile>): void {
    this.#queue.push(() => {
      const existing = this.#names.get(name);
      if (create === (existing !== undefined)) throw new Error(`${name} must ${create ? "not " : ""}exist`);
      if (existing !== undefined) return done(null, this.#file(name, existing));
      const content = { bytes: new Uint8Array(0) };
      this.#names.set(name, content);
      this.#journal.push({ type: "create", name, content });
      done(null, this.#file(name, content));
      this.changed();
    });
  }

  rename(from: string, to: string, done: Done): void {
    this.#change(done, () => {
      const content = this.#existing(from);
      this.#names.delete(from);
      this.#names.set(to, content);
      return { type: "rename", from, name: to, content };
    });
  }

  remove(name: string, done: Done): void {
    this.#change(done, () => {
      const content = this.#existing(name);
      this.#names.delete(name);
      return { type: "remove", name, content };
    });
  }

  syncDirectory(done: Done): void {
    this.#change(done, () => ({ type: "syncDirectory" }));
  }

  /**
   * Every state that a crash after the change with this number may leave: all subsets of what was not durable then, and,
   * when that change was a write, any part of it that begins or ends it.
   */
  *crashesAfter(count: number): Generator<Files> {
    const { durableNames, names, durable, unsynced } = this.#stateAfter(count);
    const last = this.#journal[count - 1];
    const changes: (NameChange | ContentChange)[] = [...names, ...[...unsynced.values()].flat()];
    if (changes.length > MAX_UNSYNCED) throw new Error(`${String(changes.length)} changes are too many`);
    for (let kept = 0; kept < 2 ** changes.length; kept++) {
      const isKept = (change: NameChange | ContentChange) => (kept >> changes.indexOf(change)) % 2 === 1;
      const directory = new Map(durableNames);
      for (const change of names) if (isKept(change)) applyToNames(directory, change);
      const files = (torn: ContentChange | null): Files => {
        const bytesOf = (content: Content): Uint8Array => {
          let bytes = durable.get(content) ?? new Uint8Array(0);
          for (const change of unsynced.get(content) ?? []) {
            if (isKept(change)) bytes = applyToBytes(bytes, change === last && torn !== null ? torn : change);
          }
          return bytes;
        };
        return new Map([...directory].map(([name, content]) => [name, bytesOf(content)]));
      };
      yield files(null);
      if (last?.type !== "write" || !isKept(last) || ![...directory.values()].includes(last.content)) continue;
      const { offset, bytes } = last;
      for (let at = 1; at < bytes.length; at++) {
        yield files({ ...last, bytes: bytes.subarray(0, at) });
        yield files({ ...last, offset: offset + at, bytes: bytes.subarray(at) });
      }
    }
  }

  #stateAfter(count: number) {
    let durableNames = new Map<string, Content>();
    const visible = new Map<string, Content>();
    let names: NameChange[] = [];
    const durable = new Map<Content, Uint8Array>();
    const unsynced = new Map<Content, ContentChange[]>();
    for (const change of this.#journal.slice(0, count)) {
      switch (change.type) {
        case "write":
        case "resize":
          unsynced.set(change.content, [...(unsynced.get(change.content) ?? []), change]);
          break;
        case "sync": {
          const bytes = durable.get(change.content) ?? new Uint8Array(0);
          durable.set(change.content, (unsynced.get(change.content) ?? []).reduce(applyToBytes, bytes));
          unsynced.delete(change.content);
          break;
        }
        case "syncDirectory":
          durableNames = new Map(visible);
          names = [];
          break;
        default:
          applyToNames(visible, change);
          names.push(change);
      }
    }
    return { durableNames, names, durable, unsynced };
  }

  #existing(name: string): Content {
    const content = this.#names.get(name);
    if (content === undefined) throw new Error(`${name} doesn't exist`);
    return content;
  }

  #file(name: string, content: Content): DiskFile {
    const later = <T>(done: Completion<T>, value: () => T): void => {
      this.#queue.push(() => {
        done(null, value());
      });
    };
    const change = (done: Done, made: ContentChange): void => {
      this.#change(done, () => {
        content.bytes = applyToBytes(content.bytes, made);
        return made;
      });
    };
    return {
      name,
      size: (done) => later(done, () => content.bytes.length),
      read: (offset, length, done) => later(done, () => content.bytes.slice(offset, offset + length)),
      write: (offset, bytes, done) => change(done, { type: "write", content, offset, bytes: bytes.slice() }),
      resize: (sizeBytes, done) => change(done, { type: "resize", content, sizeBytes }),
      sync: (done) => this.#change(done, () => ({ type: "sync", content })),
      close: (done) => later(done, () => undefined),
    };
  }

  #change(done: Done, make: () => Change): void {
    this.#queue.push(() => {
      this.#journal.push(make());
      done(null);
      this.changed();
    });
  }
}

function applyToNames(names: Map<string, Content>, change: NameChange): void {
  if (change.type === "remove") names.delete(change.name);
  else names.set(change.name, change.content);
  if (change.type === "rename") names.delete(change.from);
}

function applyToBytes(before: Uint8Array, change: ContentChange): Uint8Array {
  const isWrite = change.type === "write";
  const length = isWrite ? Math.max(before.length, change.offset + change.bytes.length) : change.sizeBytes;
  const bytes = new Uint8Array(length);
  bytes.set(before.subarray(0, length));
  if (isWrite) bytes.set(change.bytes, change.offset);
  return bytes;
}
