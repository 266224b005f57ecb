import { randomInt } from "node:crypto";
import { MAX_SEED } from "./commands/simArguments.js";
import type { CommandIo } from "./io.js";
import { run } from "./run.js";

/** Runs the command in this process, with its arguments and streams. Gives the exit status. */
export async function main(): Promise<number> {
  const interruption = new AbortController();
  // The first SIGINT ends the run in good order; a second finds the default handler and ends the process.
  const interrupt = (): void => {
    interruption.abort();
  };
  process.once("SIGINT", interrupt);
  // Each write tells its own error; without a listener the first closed pipe would end the process before that.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  const io: CommandIo = {
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    interrupted: interruption.signal,
    terminated: () => {
      // As with SIGINT, the second one ends the process at once.
      process.once("SIGTERM", () => {
        interruption.abort();
      });
      return interruption.signal;
    },
    endOnInterrupt: () => {
      process.removeListener("SIGINT", interrupt);
    },
    now: () => performance.now(),
    drawSeed: () => randomInt(MAX_SEED + 1),
  };
  return run(process.argv.slice(2), io);
}
