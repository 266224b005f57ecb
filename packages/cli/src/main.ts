import { randomInt } from "node:crypto";
import { MAX_SEED } from "./commands/simArguments.js";
import type { CommandIo } from "./io.js";
import { run } from "./run.js";

/** Runs the command in this process, with its arguments and streams. Gives the exit status. */
export async function main(): Promise<number> {
  const interruption = new AbortController();
  const impatience = new AbortController();
  let isPatient = false;
  // The first signal ends what runs in good order; a second ends the process, if nobody wants to be told of it.
  const onSignal = (): void => {
    if (interruption.signal.aborted) impatience.abort();
    interruption.abort();
    if (!isPatient) process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  };
  process.on("SIGINT", onSignal);
  // Each write tells its own error; without a listener the first closed pipe would end the process before that.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  const io: CommandIo = {
    get stdin() {
      return process.stdin;
    },
    get promptStreams() {
      if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
      return { input: process.stdin, output: process.stdout };
    },
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    interrupted: interruption.signal,
    terminated: () => {
      process.on("SIGTERM", onSignal);
      // A terminal that is closed may send it twice, which says no more than once.
      process.on("SIGHUP", () => interruption.abort());
      return interruption.signal;
    },
    terminatedAgain: () => {
      isPatient = true;
      return impatience.signal;
    },
    endOnInterrupt: () => {
      process.off("SIGINT", onSignal);
    },
    now: () => performance.now(),
    drawSeed: () => randomInt(MAX_SEED + 1),
  };
  return run(process.argv.slice(2), io);
}
