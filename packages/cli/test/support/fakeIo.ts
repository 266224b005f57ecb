import type { CommandIo, PromptStreams } from "../../src/index.js";

export interface FakeIoOptions {
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly terminal?: boolean;
  readonly promptStreams?: PromptStreams;
  readonly environment?: Readonly<Record<string, string>>;
  readonly interrupted?: AbortSignal;
  /** After so many writes standard output fails as a closed pipe does. */
  readonly stdoutBreaksAfter?: number;
}

export interface FakeIo extends CommandIo {
  readonly out: () => string;
  readonly err: () => string;
}

/** A world for the command that remembers what was written. */
export function fakeIo(options: FakeIoOptions = {}): FakeIo {
  const written = { out: "", err: "" };
  const terminal = options.terminal ?? false;
  let writesLeft = options.stdoutBreaksAfter ?? Infinity;
  const output = (name: "out" | "err") => ({
    isTTY: terminal,
    columns: 80,
    write: (text: string, done: (error?: Error | null) => void) => {
      if (name === "out" && writesLeft-- <= 0) {
        done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
        return false;
      }
      written[name] += text;
      done();
      return true;
    },
  });
  let nowMs = 0;
  return {
    stdin: options.stdin ?? chunks(),
    promptStreams: options.promptStreams ?? null,
    stdout: output("out"),
    stderr: output("err"),
    environment: options.environment ?? {},
    terminated: () => options.interrupted ?? new AbortController().signal,
    terminatedAgain: () => new AbortController().signal,
    interrupted: options.interrupted ?? new AbortController().signal,
    endOnInterrupt: () => undefined,
    now: () => (nowMs += 1),
    drawSeed: () => 4711,
    out: () => written.out,
    err: () => written.err,
  };
}

/** Pieces of text as a stream of bytes. */
export async function* chunks(...pieces: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await Promise.resolve();
    yield typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
  }
}
