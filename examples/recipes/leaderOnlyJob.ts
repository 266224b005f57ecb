import { LeaderOnlyJob, type LeadershipSource } from "@balsa/recipes";
import type { FencedStorage } from "./fencedStorage.js";

/** Writes a line now and then, from whichever process leads. Goes on until the signal is aborted. */
export async function reportWhileLeading(
  source: LeadershipSource, // a node or, in a program that is no member, a lock
  name: string,
  storage: FencedStorage,
  signal: AbortSignal,
): Promise<void> {
  const job = new LeaderOnlyJob(
    source,
    async (reign) => {
      while (!reign.signal.aborted) {
        storage.write(`${name} reports`, reign.term); // refused if another has led since
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    { onError: (error) => console.error("the job failed and is started again", error) },
  );
  await job.run(signal);
}
