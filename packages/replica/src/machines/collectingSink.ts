import type { SnapshotSink } from "../stateMachine.js";

/** Gathers a snapshot and hands it over whole when it is complete; `install` throws if it makes no sense. */
export function collectingSink(install: (bytes: Uint8Array) => void): SnapshotSink {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  return {
    write(chunk) {
      // A copy, for the caller may read the next chunk into the same buffer.
      chunks.push(chunk.slice());
      sizeBytes += chunk.length;
    },
    finish() {
      const whole = new Uint8Array(sizeBytes);
      let offset = 0;
      for (const chunk of chunks) {
        whole.set(chunk, offset);
        offset += chunk.length;
      }
      install(whole);
    },
  };
}
