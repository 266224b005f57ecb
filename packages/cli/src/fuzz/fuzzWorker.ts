import { parentPort } from "node:worker_threads";
import { runJob } from "./runJob.js";
import type { SeedJob } from "./workerProtocol.js";

const port = parentPort;
if (port === null) throw new Error("This file is the program of a worker thread, and nothing else.");
port.on("message", (job: SeedJob) => {
  runJob(
    job,
    (event) => {
      port.postMessage(event);
    },
    () => performance.now(),
  );
});
