import type { MachineName, WorkloadCommand } from "@balsa/sim";
import { UsageError } from "../usageError.js";
import { LineSplitter, LineTooLongError, MAX_LINE_BYTES, type Line } from "./lineSplitter.js";
import { CommandError, parseCommand } from "./parseCommand.js";

/** Chunks of bytes in, commands out; a wrong line stops it with the line's number. */
export class CommandReader {
  readonly #name: string;
  readonly #machine: MachineName;
  readonly #onCommand: (command: WorkloadCommand) => void;
  readonly #splitter = new LineSplitter();

  /** `name` is what the input is called in errors. */
  constructor(name: string, machine: MachineName, onCommand: (command: WorkloadCommand) => void) {
    this.#name = name;
    this.#machine = machine;
    this.#onCommand = onCommand;
  }

  /**
   * @throws UsageError with code BAD_INPUT at the first wrong line; the commands before it were told. Nothing may be
   * pushed after that.
   */
  push(chunk: Uint8Array): void {
    this.#translating(() => {
      this.#splitter.push(chunk, (line) => {
        this.#take(line);
      });
    });
  }

  /** The input has ended. Throws as `push` does. */
  end(): void {
    this.#splitter.end((line) => {
      this.#take(line);
    });
  }

  #take(line: Line): void {
    let command: WorkloadCommand | null;
    try {
      command = parseCommand(line.number === 1 ? withoutMark(line.bytes) : line.bytes, this.#machine);
    } catch (cause) {
      if (!(cause instanceof CommandError)) throw cause;
      throw this.#wrong(line.number, cause.message, cause.expected, cause);
    }
    if (command !== null) this.#onCommand(command);
  }

  #translating(action: () => void): void {
    try {
      action();
    } catch (cause) {
      if (!(cause instanceof LineTooLongError)) throw cause;
      const expected = `at most ${String(MAX_LINE_BYTES)} bytes a line`;
      throw this.#wrong(cause.line, `it is too long; expected ${expected}`, expected, cause);
    }
  }

  #wrong(line: number, message: string, expected: string, cause: Error): UsageError {
    const place = { argument: "--input", line, expected };
    return new UsageError("BAD_INPUT", `${this.#name}, line ${String(line)}: ${message}.`, place, { cause });
  }
}

/** Without the byte order mark that some editors put before the first line. */
function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
