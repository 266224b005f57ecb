import type { Completion, Disk, DiskFile, Done } from "@balsa/replica";

/** A disk that does nothing but keep bytes. Completions wait for `run`, as none may come before its call returned. */
export class BytesDisk implements Disk {
  readonly #files = new Map<string, BytesFile>();
  readonly #due: (() => void)[] = [];

  /** Ends all that is under way, and what follows from that. */
  run(): void {
    for (let next = this.#due.shift(); next !== undefined; next = this.#due.shift()) next();
  }

  later(end: () => void): void {
    this.#due.push(end);
  }

  list(done: Completion<readonly string[]>): void {
    this.later(() => {
      done(null, [...this.#files.keys()].sort());
    });
  }

  open(name: string, create: boolean, done: Completion<DiskFile>): void {
    if (create) this.#files.set(name, new BytesFile(name, this));
    const file = this.#files.get(name);
    if (file === undefined) throw new Error(`There is no file ${name}`);
    this.later(() => {
      done(null, file);
    });
  }

  rename(from: string, to: string, done: Done): void {
    const file = this.#files.get(from);
    if (file === undefined) throw new Error(`There is no file ${from}`);
    this.#files.delete(from);
    this.#files.set(to, file);
    this.#end(done);
  }

  remove(name: string, done: Done): void {
    this.#files.delete(name);
    this.#end(done);
  }

  syncDirectory(done: Done): void {
    this.#end(done);
  }

  #end(done: Done): void {
    this.later(() => {
      done(null);
    });
  }
}

class BytesFile implements DiskFile {
  readonly name: string;
  readonly #disk: BytesDisk;
  /** Zeros stand behind the end of the file. */
  #buffer = new Uint8Array(0);
  #sizeBytes = 0;

  constructor(name: string, disk: BytesDisk) {
    this.name = name;
    this.#disk = disk;
  }

  size(done: Completion<number>): void {
    this.#end(done, this.#sizeBytes);
  }

  read(offset: number, length: number, done: Completion<Uint8Array>): void {
    this.#end(done, this.#buffer.slice(offset, Math.min(offset + length, this.#sizeBytes)));
  }

  write(offset: number, bytes: Uint8Array, done: Done): void {
    if (offset + bytes.length > this.#sizeBytes) this.#resize(offset + bytes.length);
    this.#buffer.set(bytes, offset);
    this.#end(done, undefined);
  }

  resize(sizeBytes: number, done: Done): void {
    this.#resize(sizeBytes);
    this.#end(done, undefined);
  }

  sync(done: Done): void {
    this.#end(done, undefined);
  }

  close(done: Done): void {
    this.#end(done, undefined);
  }

  #resize(sizeBytes: number): void {
    if (sizeBytes > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(sizeBytes, 2 * this.#buffer.length));
      larger.set(this.#buffer);
      this.#buffer = larger;
    } else if (sizeBytes < this.#sizeBytes) {
      this.#buffer.fill(0, sizeBytes, this.#sizeBytes);
    }
    this.#sizeBytes = sizeBytes;
  }

  #end<T>(done: Completion<T>, value: T): void {
    this.#disk.later(() => {
      done(null, value);
    });
  }
}
