import { invariant } from "@balsa/core";
import type { SnapshotSource } from "../stateMachine.js";

/** A snapshot whose bytes are there already. */
export function bytesSource(bytes: Uint8Array): SnapshotSource {
  let offset = 0;
  return {
    read(maxBytes) {
      invariant(maxBytes >= 1, "a chunk of a snapshot has at least one byte");
      if (offset >= bytes.length) return null;
      const chunk = bytes.subarray(offset, offset + maxBytes);
      offset += chunk.length;
      return chunk;
    },
    release() {
      offset = bytes.length;
    },
  };
}
