import { open, type FileHandle } from "node:fs/promises";
import type { CommandSource, MachineName, NextCommand, WorkloadCommand } from "@balsa/sim";
import type { CommandIo } from "../io.js";
import { fileError, UsageError } from "../usageError.js";
import { CommandReader } from "./commandReader.js";

/** How much is read at once, and so how much of the input is in memory (with the commands in it). */
const CHUNK_BYTES = 65_536;

/**
 * The commands of `--input`, read a chunk at a time as the run asks for them. The run pulls synchronously; when it
 * finds nothing it is told to wait, and whoever drives it awaits `fill` before going on.
 */
export class CommandInput implements CommandSource {
  #queue: WorkloadCommand[] = [];
  #position = 0;
  #ended = false;
  #failure: UsageError | null = null;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #reader: CommandReader;
  readonly #close: () => Promise<void>;

  constructor(name: string, machine: MachineName, chunks: AsyncIterable<Uint8Array>, close: () => Promise<void>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#close = close;
    this.#reader = new CommandReader(name, machine, (command) => {
      this.#queue.push(command);
    });
  }

  /** What was wrong with the input; null as long as nothing was. */
  get failure(): UsageError | null {
    return this.#failure;
  }

  next(): NextCommand {
    const command = this.#queue[this.#position];
    if (command !== undefined) {
      this.#position++;
      return { command };
    }
    if (this.#failure !== null) return { error: this.#failure.message };
    return this.#ended ? "end" : "wait";
  }

  /** Reads on until there is a command, an error or the end. */
  async fill(): Promise<void> {
    this.#queue = [];
    this.#position = 0;
    while (this.#queue.length === 0 && !this.#ended) {
      try {
        const chunk = await this.#chunks.next();
        if (chunk.done === true) {
          this.#ended = true;
          this.#reader.end();
        } else {
          this.#reader.push(chunk.value);
        }
      } catch (error) {
        this.#ended = true;
        this.#failure = error instanceof UsageError ? error : fileError("--input", "read", "the input", error);
      }
    }
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/**
 * Opens `path`, or standard input for `-`. A regular file is first read through and checked, so that a wrong line stops
 * the run before it starts; a stream can be read only once, so there a wrong line shows when its turn comes.
 * @throws UsageError for a file that can't be read, or a wrong line in a regular file.
 */
export async function openCommandInput(path: string, machine: MachineName, io: CommandIo): Promise<CommandInput> {
  if (path === "-") return new CommandInput("standard input", machine, io.stdin, () => Promise.resolve());
  const file = await openFile(path);
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw fileError("--input", "read", path, new Error("it is a directory"));
    const regular = stats.isFile();
    if (regular) await checkWhole(path, machine, file);
    const chunks = readChunks(path, file, regular);
    return new CommandInput(path, machine, chunks, () => file.close());
  } catch (error) {
    await file.close();
    throw error instanceof UsageError ? error : fileError("--input", "read", path, error);
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw fileError("--input", "read", path, cause);
  }
}

async function checkWhole(path: string, machine: MachineName, file: FileHandle): Promise<void> {
  const reader = new CommandReader(path, machine, () => undefined);
  for await (const chunk of readChunks(path, file, true)) reader.push(chunk);
  reader.end();
}

/** A regular file is read by position, so that it can be read twice; all else only goes forward. */
async function* readChunks(path: string, file: FileHandle, regular: boolean): AsyncGenerator<Uint8Array> {
  let position = 0;
  for (;;) {
    // A chunk of its own each time: lines that go on into the next chunk still point into this one.
    const buffer = new Uint8Array(CHUNK_BYTES);
    let bytesRead: number;
    try {
      ({ bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, regular ? position : null));
    } catch (cause) {
      throw fileError("--input", "read", path, cause);
    }
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
