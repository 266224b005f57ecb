import type { Entry } from "@balsa/core";

/** Entries of a log from an index on, each with a command of so many bytes. */
export function commandEntries(count: number, commandBytes: number, fromIndex = 1): readonly Entry[] {
  return Array.from({ length: count }, (_, i): Entry => {
    const data = new Uint8Array(commandBytes).fill(i & 0xff);
    return { index: fromIndex + i, term: 1, kind: "command", data, configuration: null };
  });
}
