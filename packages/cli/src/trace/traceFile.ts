import { open, type FileHandle } from "node:fs/promises";
import { fileError } from "../usageError.js";

/**
 * Text for a file. The run is synchronous, so what it writes gathers until `flush`, which whoever drives the run awaits
 * between two slices of it: memory holds one slice, and a slow disk slows the run down.
 */
export class TraceFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #pieces: string[] = [];

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** @throws UsageError when the file can't be made. */
  static async create(path: string): Promise<TraceFile> {
    try {
      return new TraceFile(path, await open(path, "w"));
    } catch (cause) {
      throw fileError("--trace", "write", path, cause);
    }
  }

  append(text: string): void {
    this.#pieces.push(text);
  }

  /** @throws UsageError when the disk is full, for example. */
  async flush(): Promise<void> {
    if (this.#pieces.length === 0) return;
    const text = this.#pieces.join("");
    this.#pieces = [];
    try {
      await this.#handle.writeFile(text, "utf8");
    } catch (cause) {
      throw fileError("--trace", "write", this.#path, cause);
    }
  }

  /** Writes the rest and closes the file. Throws as `flush` does. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#handle.close();
    }
  }
}
