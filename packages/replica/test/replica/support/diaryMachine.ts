import type { SnapshotSink, SnapshotSource, StateMachine } from "../../../src/index.js";

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}

/** Keeps every command that it was given, in order: what is lost, repeated or out of order shows at once. */
export class DiaryMachine implements StateMachine {
  lines: string[] = [];
  /** Called first by each method with its name; may throw. */
  before: (method: "apply" | "query" | "snapshot" | "read" | "restore" | "write" | "finish") => void = () => undefined;
  released = 0;

  apply(commands: readonly Uint8Array[]): readonly Uint8Array[] {
    this.before("apply");
    return commands.map((command) => {
      this.lines.push(text(command));
      return bytes(`${String(this.lines.length)}:${text(command)}`);
    });
  }

  query(question: Uint8Array): Uint8Array {
    this.before("query");
    return bytes(text(question) + this.lines.join(","));
  }

  snapshot(): SnapshotSource {
    this.before("snapshot");
    const state = bytes(JSON.stringify(this.lines));
    let offset = 0;
    return {
      read: (maxBytes) => {
        this.before("read");
        if (offset >= state.length) return null;
        const chunk = state.slice(offset, offset + maxBytes);
        offset += chunk.length;
        return chunk;
      },
      release: () => {
        this.released++;
      },
    };
  }

  restore(): SnapshotSink {
    this.before("restore");
    let state = "";
    return {
      write: (chunk) => {
        this.before("write");
        state += text(chunk);
      },
      finish: () => {
        this.before("finish");
        this.lines = JSON.parse(state) as string[];
      },
    };
  }
}
