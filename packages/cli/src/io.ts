/** What the command needs of a place to write to; `process.stdout` is one. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Writes, and calls `done` once the bytes have been taken over, or with the error. */
  write(text: string, done: (error?: Error | null) => void): boolean;
}

/** A terminal to type into, and to see in what is typed. */
export interface PromptStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** The world around the command, handed in so that tests can make one up. */
export interface CommandIo {
  /** The bytes of standard input; only read with `--input -`. */
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };
  /** Standard input and output, where both are a terminal. */
  readonly promptStreams: PromptStreams | null;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT: the run stops and is reported as far as it went. */
  readonly interrupted: AbortSignal;
  /** A signal that SIGTERM, SIGHUP or SIGINT aborts; from the first call on SIGTERM and SIGHUP do nothing else. */
  readonly terminated: () => AbortSignal;
  /** From now on SIGINT ends the process at once: for work that can't look at `interrupted` in between. */
  readonly endOnInterrupt: () => void;
  /** A signal that a second SIGTERM or SIGINT aborts, which from the first call on ends nothing by itself. */
  readonly terminatedAgain: () => AbortSignal;
  /** Wall-clock milliseconds that only ever rise. */
  readonly now: () => number;
  /** A seed for a run that was given none: a whole number from 0 to 4,294,967,295. */
  readonly drawSeed: () => number;
}

/** Standard output was closed by its reader: there is nobody left to tell. */
export class BrokenPipeError extends Error {
  readonly code = "BROKEN_PIPE";
  override readonly name = "BrokenPipeError";
}

/**
 * Writes and waits until it was taken, so that a slow reader slows the run down instead of filling memory.
 * @throws BrokenPipeError when the reader is gone.
 */
export function write(output: Output, text: string): Promise<void> {
  if (text === "") return Promise.resolve();
  return new Promise((resolve, reject) => {
    output.write(text, (error) => {
      if (error === undefined || error === null) resolve();
      else if (isBrokenPipe(error)) reject(new BrokenPipeError("The reader of the output is gone.", { cause: error }));
      else reject(error);
    });
  });
}

function isBrokenPipe(error: Error): boolean {
  return "code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED");
}
