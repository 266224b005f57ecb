import { bytesSource, collectingSink, type SnapshotSink, type SnapshotSource, type StateMachine } from "@balsa/replica";

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function commandBytes(command: string): Uint8Array {
  return encoder.encode(command);
}

/** The state machine of the lab's first four parts: it remembers every command, in order. */
export class CommandList implements StateMachine {
  #commands: string[] = [];

  /** The k-th command is at k - 1. */
  get commands(): readonly string[] {
    return this.#commands;
  }

  apply(commands: readonly Uint8Array[]): readonly Uint8Array[] {
    for (const command of commands) this.#commands.push(decoder.decode(command));
    return commands.map(() => NOTHING);
  }

  query(): Uint8Array {
    return NOTHING;
  }

  snapshot(): SnapshotSource {
    return bytesSource(commandBytes(JSON.stringify(this.#commands)));
  }

  restore(): SnapshotSink {
    return collectingSink((bytes) => {
      this.#commands = JSON.parse(decoder.decode(bytes)) as string[];
    });
  }
}
