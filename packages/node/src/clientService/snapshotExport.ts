import { refusal, type CapturedSnapshot, type ClientResponseBody, type Refusal, type Replica } from "@balsa/replica";

/** A client that has asked for nothing for so long has gone its way, and what was captured for it is let go. */
const IDLE_MS = 60_000;
const MAX_CHUNK_BYTES = 1024 * 1024;

type ChunkOrRefusal = Extract<ClientResponseBody, { type: "snapshotChunk" }> | Refusal;

/** The copy of the state that one client reads out, one at a time. */
export class SnapshotExport {
  #captured: CapturedSnapshot | null = null;
  #idle: NodeJS.Timeout | null = null;
  #ended = false;

  capture(
    replica: Replica,
    consistency: Parameters<Replica["captureSnapshot"]>[0],
    done: (description: CapturedSnapshot["description"] | Refusal) => void,
  ): void {
    this.release();
    replica.captureSnapshot(consistency, (outcome) => {
      if (!outcome.ok) return done(outcome);
      this.release();
      if (this.#ended) return outcome.value.release();
      this.#captured = outcome.value;
      this.#rest();
      done(outcome.value.description);
    });
  }

  read(maxBytes: number): ChunkOrRefusal {
    const captured = this.#captured;
    if (captured === null) return refusal("TIMED_OUT", null, "the snapshot is not held any more; begin again");
    let data: Uint8Array | null;
    try {
      data = captured.read(Math.max(1, Math.min(maxBytes, MAX_CHUNK_BYTES)));
    } catch (error) {
      this.release();
      const detail = `the state machine could not give its snapshot: ${error instanceof Error ? error.message : String(error)}`;
      return refusal("MALFORMED", null, detail);
    }
    if (data === null) this.release();
    else this.#rest();
    return { type: "snapshotChunk", data: data ?? new Uint8Array(0) };
  }

  release(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    this.#captured?.release();
    this.#captured = null;
  }

  /** The connection is gone. */
  end(): void {
    this.#ended = true;
    this.release();
  }

  #rest(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.release(), IDLE_MS).unref();
  }
}
