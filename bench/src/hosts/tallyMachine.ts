import type { SnapshotSink, SnapshotSource, StateMachine } from "@balsa/replica";

/** Counts the bytes that it is given and keeps nothing else, so that what is measured is the way to it. */
export class TallyMachine implements StateMachine {
  #bytes = 0;

  apply(commands: readonly Uint8Array[]): readonly Uint8Array[] {
    return commands.map((command) => {
      this.#bytes += command.length;
      return NOTHING;
    });
  }

  query(): Uint8Array {
    return this.#encode();
  }

  snapshot(): SnapshotSource {
    let rest: Uint8Array | null = this.#encode();
    return {
      read: () => {
        const chunk = rest;
        rest = null;
        return chunk;
      },
      release: () => undefined,
    };
  }

  restore(): SnapshotSink {
    const bytes: number[] = [];
    return {
      write: (chunk) => void bytes.push(...chunk),
      finish: () => void (this.#bytes = new DataView(Uint8Array.from(bytes).buffer).getFloat64(0)),
    };
  }

  #encode(): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, this.#bytes);
    return bytes;
  }
}

const NOTHING = new Uint8Array(0);
