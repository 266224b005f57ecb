import { Worker } from "node:worker_threads";
import type { FuzzWorker, FuzzWorkerListener, WorkerEvent } from "./workerProtocol.js";

/** No run takes a tenth of it: one that would take all memory ends its worker instead, and is a failure of its seed. */
const MAX_MEMORY_MB = 2_048;

/** A worker in a thread of its own. */
export function startThread(listener: FuzzWorkerListener): FuzzWorker {
  const worker = new Worker(new URL("./fuzzWorker.js", import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
  });
  let ended = false;
  const broke = (reason: string): void => {
    if (ended) return;
    ended = true;
    listener.broke(reason);
  };
  worker.on("message", (event: WorkerEvent) => {
    if (!ended) listener.told(event);
  });
  worker.on("error", (error) => {
    broke(error.stack ?? error.message);
  });
  worker.on("exit", (code) => {
    broke(`its thread ended with status ${String(code)}`);
  });
  return {
    ask(job) {
      worker.postMessage(job);
    },
    end() {
      ended = true;
      void worker.terminate();
    },
  };
}
