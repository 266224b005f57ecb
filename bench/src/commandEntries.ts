import type { Entry } from "@balsa/core";

/** The first entries of a log, each with a command of so many bytes. */
export function commandEntries(count: number, commandBytes: number): readonly Entry[] {
  return Array.from({ length: count }, (_, i): Entry => {
    const data = new Uint8Array(commandBytes).fill(i & 0xff);
    return { index: i + 1, term: 1, kind: "command", data, configuration: null };
  });
}
