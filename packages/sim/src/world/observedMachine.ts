import type { SnapshotSink, SnapshotSource, StateMachine } from "@balsa/replica";
import type { EffectHistory } from "../invariants/effectHistory.js";
import { mix, mixBytes } from "../invariants/hash.js";

/** Count and hash, put in front of the machine's own snapshot. */
const HEADER_BYTES = 12;

/**
 * A state machine under watch: it counts the commands that it executes and hashes them with their results, and its
 * snapshots carry both on, so that what members did can be compared whichever way they came to a state.
 */
export class ObservedMachine implements StateMachine {
  readonly inner: StateMachine;
  readonly #node: string;
  readonly #history: EffectHistory;
  #count = 0;
  #chain = 0;
  #countAtLastQuery = 0;

  constructor(inner: StateMachine, node: string, history: EffectHistory) {
    this.inner = inner;
    this.#node = node;
    this.#history = history;
  }

  /** Commands executed since the beginning of the world. */
  get count(): number {
    return this.#count;
  }

  get chain(): number {
    return this.#chain;
  }

  /** What the last query was answered from. */
  get countAtLastQuery(): number {
    return this.#countAtLastQuery;
  }

  apply(commands: readonly Uint8Array[], clusterTimesMs: readonly number[]): readonly Uint8Array[] {
    const results = this.inner.apply(commands, clusterTimesMs);
    for (let i = 0; i < commands.length; i += 1) {
      this.#count += 1;
      this.#chain = mixBytes(mixBytes(this.#chain, commands[i] as Uint8Array), results[i] as Uint8Array);
      this.#history.executed(this.#node, this.#count, this.#chain);
    }
    return results;
  }

  query(question: Uint8Array): Uint8Array {
    this.#countAtLastQuery = this.#count;
    return this.inner.query(question);
  }

  snapshot(): SnapshotSource {
    const inner = this.inner.snapshot();
    const count = this.#count;
    let header: Uint8Array | null = encodeHeader(count, this.#chain);
    let hash = 0;
    let carry = new Uint8Array(0);
    return {
      read: (maxBytes) => {
        if (header !== null) {
          const bytes = header;
          header = null;
          return bytes;
        }
        const chunk = inner.read(maxBytes);
        if (chunk === null) {
          hash = mixBytes(hash, carry);
          carry = new Uint8Array(0);
          this.#history.captured(this.#node, count, hash);
          return null;
        }
        // Hashed in words of four bytes wherever the chunks end, so that the hash is that of the whole.
        const joined = new Uint8Array(carry.length + chunk.length);
        joined.set(carry);
        joined.set(chunk, carry.length);
        const whole = joined.length - (joined.length % 4);
        for (let at = 0; at < whole; at += 4) hash = mix(hash, wordAt(joined, at));
        carry = joined.slice(whole);
        return chunk;
      },
      release: () => {
        inner.release();
      },
    };
  }

  restore(): SnapshotSink {
    const sink = this.inner.restore();
    const header = new Uint8Array(HEADER_BYTES);
    let received = 0;
    return {
      write: (chunk) => {
        const taken = Math.min(HEADER_BYTES - received, chunk.length);
        header.set(chunk.subarray(0, taken), received);
        received += taken;
        if (taken < chunk.length) sink.write(chunk.subarray(taken));
      },
      finish: () => {
        if (received < HEADER_BYTES) throw new Error("The snapshot ends within its header.");
        sink.finish();
        const view = new DataView(header.buffer);
        this.#count = view.getFloat64(0);
        this.#chain = view.getInt32(8);
        this.#history.restored(this.#node, this.#count, this.#chain);
      },
    };
  }
}

function encodeHeader(count: number, chain: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, count);
  view.setInt32(8, chain);
  return bytes;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
