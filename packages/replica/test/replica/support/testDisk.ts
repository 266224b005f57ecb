import type { Completion, Disk, DiskFile, Done } from "../../../src/index.js";
import type { Schedule } from "./schedule.js";

interface Content {
  durable: Uint8Array;
  visible: Uint8Array;
}

interface Operation {
  readonly operation: string;
  readonly name: string;
  /** Takes effect, and tells how it ended. */
  readonly run: () => void;
}

/**
 * A disk in virtual time which can hold operations back, fail them, and lose what isn't synced. Operations on one file
 * follow each other; those on different files, and on the directory, don't wait for each other.
 */
export class TestDisk implements Disk {
  /** Asked before an operation takes effect; an error makes it fail without one. */
  failure: (operation: string, name: string) => Error | null = () => null;
  /** What has taken effect, as `operation name`. */
  trace: string[] = [];
  latencyMs = 0;
  readonly #schedule: Schedule;
  #holds: (operation: string, name: string) => boolean = () => false;
  #lanes = new Map<string, Operation[]>();
  #held = new Set<string>();
  #durable = new Map<string, Content>();
  #directory = new Map<string, Content>();
  #generation = 0;
  #openFiles: string[] = [];

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  /** Names of the files that somebody has open. */
  get openFiles(): readonly string[] {
    return this.#openFiles;
  }

  /** Operations that were called and have not ended. */
  get pending(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.length, 0);
  }

  names(): string[] {
    return [...this.#directory.keys()].sort();
  }

  content(name: string): Uint8Array {
    return this.#existing(name).visible.slice();
  }

  /** Puts a file there durably, behind everybody's back. */
  put(name: string, bytes: Uint8Array): void {
    const content = { durable: bytes.slice(), visible: bytes.slice() };
    this.#directory.set(name, content);
    this.#durable.set(name, content);
  }

  drop(name: string): void {
    this.#directory.delete(name);
    this.#durable.delete(name);
  }

  /** Another disk with what a loss of power would leave of this one. */
  afterCrash(schedule: Schedule): TestDisk {
    const other = new TestDisk(schedule);
    for (const [name, { durable }] of this.#durable) other.put(name, durable);
    return other;
  }

  /** Operations of which this says so wait, and with them what follows on the same file, until `release`. */
  hold(holds: (operation: string, name: string) => boolean): void {
    this.#holds = holds;
  }

  release(): void {
    this.#holds = () => false;
    const held = [...this.#held];
    this.#held.clear();
    for (const lane of held) this.#continue(lane);
  }

  /** The machine goes down: nothing that waits takes effect, and what isn't synced is lost. */
  crash(): void {
    this.kill();
    this.#directory = new Map(this.#durable);
    for (const content of this.#directory.values()) content.visible = content.durable.slice();
  }

  /** Only the process goes down. */
  kill(): void {
    this.#generation++;
    this.#lanes = new Map();
    this.#held = new Set();
    this.#holds = () => false;
    this.#openFiles = [];
  }

  list(done: Completion<readonly string[]>): void {
    this.#enqueue("/", "list", "", done, [], () => this.names());
  }

  open(name: string, create: boolean, done: Completion<DiskFile>): void {
    this.#enqueue("/", "open", name, done, null as never, () => {
      const existing = this.#directory.get(name);
      if (create === (existing !== undefined)) throw new Error(create ? `${name} exists` : `${name} doesn't exist`);
      const content = existing ?? { durable: new Uint8Array(0), visible: new Uint8Array(0) };
      this.#directory.set(name, content);
      this.#openFiles.push(name);
      return this.#file(name, content);
    });
  }

  rename(from: string, to: string, done: Done): void {
    this.#enqueue("/", "rename", `${from} ${to}`, done, undefined, () => {
      const content = this.#existing(from);
      this.#directory.delete(from);
      this.#directory.set(to, content);
    });
  }

  remove(name: string, done: Done): void {
    this.#enqueue("/", "remove", name, done, undefined, () => {
      this.#existing(name);
      this.#directory.delete(name);
    });
  }

  syncDirectory(done: Done): void {
    this.#enqueue("/", "syncDirectory", "", done, undefined, () => {
      this.#durable = new Map(this.#directory);
    });
  }

  #existing(name: string): Content {
    const content = this.#directory.get(name);
    if (content === undefined) throw new Error(`${name} doesn't exist`);
    return content;
  }

  #file(name: string, content: Content): DiskFile {
    let isOpen = true;
    const use = (): Content => {
      if (!isOpen) throw new Error(`${name} is closed`);
      return content;
    };
    return {
      name,
      size: (done) => this.#enqueue(name, "size", name, done, 0, () => use().visible.length),
      read: (offset, length, done) =>
        this.#enqueue(name, "read", name, done, new Uint8Array(0), () => use().visible.slice(offset, offset + length)),
      write: (offset, bytes, done) =>
        this.#enqueue(name, "write", name, done, undefined, () => write(use(), offset, bytes)),
      resize: (sizeBytes, done) => this.#enqueue(name, "resize", name, done, undefined, () => resize(use(), sizeBytes)),
      sync: (done) =>
        this.#enqueue(name, "sync", name, done, undefined, () => {
          content.durable = use().visible.slice();
        }),
      close: (done) => {
        const closed: Done = (error) => {
          // A file is closed even where closing it fails.
          if (isOpen) this.#openFiles.splice(this.#openFiles.indexOf(name), 1);
          isOpen = false;
          done(error);
        };
        this.#enqueue(name, "close", name, closed, undefined, use);
      },
    };
  }

  #enqueue<T>(
    lane: string,
    operation: string,
    name: string,
    done: Completion<T>,
    nothing: T,
    effect: () => unknown,
  ): void {
    const run = (): void => {
      let value = nothing;
      let error = this.failure(operation, name);
      if (error === null) {
        try {
          value = effect() as T;
          this.trace.push(`${operation} ${name}`.trimEnd());
        } catch (thrown) {
          error = thrown as Error;
        }
      }
      done(error, value);
    };
    const queue = this.#lanes.get(lane) ?? [];
    this.#lanes.set(lane, queue);
    queue.push({ operation, name, run });
    if (queue.length === 1) this.#continue(lane);
  }

  #continue(lane: string): void {
    const generation = this.#generation;
    this.#schedule.after(this.latencyMs, () => {
      const queue = this.#lanes.get(lane) ?? [];
      const next = queue[0];
      if (generation !== this.#generation || next === undefined) return;
      if (this.#holds(next.operation, next.name)) {
        this.#held.add(lane);
        return;
      }
      // The next one is set going first, for what `run` calls may crash this disk.
      queue.shift();
      if (queue.length > 0) this.#continue(lane);
      next.run();
    });
  }
}

function resize(content: Content, sizeBytes: number): void {
  const resized = new Uint8Array(sizeBytes);
  resized.set(content.visible.subarray(0, sizeBytes));
  content.visible = resized;
}

function write(content: Content, offset: number, bytes: Uint8Array): void {
  if (offset + bytes.length > content.visible.length) resize(content, offset + bytes.length);
  content.visible.set(bytes, offset);
}
