import { setMaxListeners } from "node:events";
import { EXIT } from "../exitStatus.js";
import { LineSplitter, LineTooLongError, type Line } from "../input/lineSplitter.js";
import type { CommandIo } from "../io.js";
import { UsageError } from "../usageError.js";
import { tell, type Told } from "./failure.js";
import { outcomeOf } from "./operationOutcome.js";
import { describeMistake, isExit, parseLine } from "./operationLine.js";
import type { Store } from "./store.js";

/** Lines that are under way at once. */
const MAX_UNDER_WAY = 256;
const decoder = new TextDecoder("utf-8", { fatal: true });
/** Whichever of what the lines came to is furthest to the right is what all of them came to. */
const STATUSES: readonly number[] = [EXIT.ok, EXIT.failed, EXIT.usage, EXIT.interrupted, EXIT.unknown];

/**
 * Carries out an operation for each line of standard input, and answers each in its turn. Writes are under way together,
 * and take effect in their order; so are reads, but never a read beside a write. Gives the exit status.
 */
export async function performLines(store: Store, flags: { readonly json?: true }, io: CommandIo): Promise<number> {
  const answers = new OrderedAnswers(io);
  // Each line that is under way listens, and so does whoever reads them.
  setMaxListeners(MAX_UNDER_WAY + 2, io.interrupted);
  const splitter = new LineSplitter();
  let areReads = false;
  const begin = async ({ number, bytes }: Line): Promise<boolean> => {
    let operation;
    try {
      const text = decode(bytes);
      if (isExit(text)) return false;
      operation = parseLine(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      await answers.add(Promise.resolve(describeMistake(error, flags, number)));
      return true;
    }
    if (operation === null) return true;
    if (operation.isRead !== areReads) await answers.settled();
    areReads = operation.isRead;
    await answers.add(outcomeOf(operation, store, flags, io.interrupted, number));
    return true;
  };
  const lines: Line[] = [];
  const keep = (line: Line): void => void lines.push(line);
  try {
    for await (const chunk of untilAborted(io.stdin, io.interrupted)) {
      splitter.push(chunk, keep);
      for (const line of lines.splice(0)) {
        if (io.interrupted.aborted || !(await begin(line))) return await answers.end();
      }
    }
    if (!io.interrupted.aborted) splitter.end(keep);
  } catch (error) {
    if (!(error instanceof LineTooLongError)) throw error;
    for (const line of lines.splice(0)) if (!(await begin(line))) return await answers.end();
    const mistake = new UsageError("BAD_INPUT", "It is too long, and nothing behind it is read.");
    await answers.add(Promise.resolve(describeMistake(mistake, flags, error.line)));
  }
  for (const line of lines.splice(0)) await begin(line);
  return await answers.end();
}

/** @throws UsageError for bytes that are no text */
function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new UsageError("BAD_INPUT", "It is not UTF-8.", {}, { cause });
  }
}

/** Writes what comes of each line in the order of the lines, as soon as it is known. */
class OrderedAnswers {
  readonly #io: CommandIo;
  #written: Promise<void> = Promise.resolve();
  #underWay = 0;
  #worst: number = EXIT.ok;
  #roomFor: (() => void) | null = null;
  #hasFailed = false;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  /** Resolves when there is room for the next. @throws BrokenPipeError */
  async add(told: Promise<Told>): Promise<void> {
    if (this.#hasFailed) await this.#written;
    this.#underWay += 1;
    this.#written = Promise.all([told, this.#written]).then(async ([answer]) => {
      const status = await tell(answer, this.#io);
      if (STATUSES.indexOf(status) > STATUSES.indexOf(this.#worst)) this.#worst = status;
      this.#underWay -= 1;
      this.#roomFor?.();
    });
    this.#written.catch(() => {
      this.#hasFailed = true;
      this.#roomFor?.();
    });
    if (this.#underWay < MAX_UNDER_WAY) return;
    await new Promise<void>((resolve) => (this.#roomFor = resolve));
    this.#roomFor = null;
    if (this.#hasFailed) await this.#written;
  }

  async settled(): Promise<void> {
    await this.#written;
  }

  async end(): Promise<number> {
    await this.#written;
    return this.#io.interrupted.aborted && this.#worst !== EXIT.unknown ? EXIT.interrupted : this.#worst;
  }
}

/** Ends without waiting for the next chunk, which may never come. */
async function* untilAborted(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (next === null || next.done === true) return;
    yield next.value;
  }
}
