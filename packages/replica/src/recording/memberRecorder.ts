import type { Effects, NodeId, Raft, RaftInput, RaftObserver, RaftOptions } from "@balsa/core";
import { ByteWriter } from "../encoding/byteWriter.js";
import { encodeCheckpoint } from "./checkpoint.js";
import { encodeSummary, summarizeEffects } from "./effectsSummary.js";
import { encodeInput } from "./recordedInput.js";

/** Where a recording goes, a block of bytes after the other. They are handed over for good. */
export interface RecordingSink {
  /** A new part begins, which can be replayed without those before it. */
  begin(): void;
  /** Something waits for a block to be full; `flush` has it written before that. */
  gathering(flush: () => void): void;
  /** Takes a block, whole or not at all. Returns false when it can take no more: then nothing more comes. */
  write(bytes: Uint8Array): boolean;
  /** Nothing more comes: the member has stopped, or else the recorder has, for this reason. */
  end(failure: Error | null): void;
}

/** Whose recording it is. */
export interface RecordedMember {
  readonly id: NodeId;
  readonly group: number;
  readonly options: RaftOptions;
}

export const RECORDING_MAGIC = "BALSA-RECORDING";
export const RECORDING_VERSION = 1;
/** What stands beside inputs; their tags are below. */
export const DRAW_TAG = 250;
export const EFFECTS_TAG = 251;
export const NO_EFFECTS_TAG = 252;
export const STOPPED_TAG = 253;

/** A block is handed over when it has come to this. */
const BLOCK_BYTES = 256 * 1024;

/**
 * The black box of one member: all that its core is given, the random numbers that it draws, and what it wants done in
 * short. A recording is a row of parts, each with the whole state at its beginning.
 */
export class MemberRecorder implements RaftObserver {
  readonly #sink: RecordingSink;
  readonly #partBytes: number;
  readonly #block = new ByteWriter(2 * BLOCK_BYTES);
  #attached: { readonly raft: Raft; readonly member: RecordedMember } | null = null;
  #part = 0;
  /** Of the present part, behind its head. */
  #bytes = 0;
  #headBytes = 0;

  /** @param partBytes of inputs after which a new part begins; more where a state is longer than that */
  constructor(sink: RecordingSink, partBytes: number) {
    this.#sink = sink;
    this.#partBytes = partBytes;
  }

  /** The numbers that the core is to draw from, so that they are recorded. */
  drawingFrom(random: () => number): () => number {
    return () => {
      const n = random();
      if (this.#attached !== null) {
        this.#block.u8(DRAW_TAG);
        this.#block.f64(n);
      }
      return n;
    };
  }

  /** Begins to record. */
  attach(raft: Raft, member: RecordedMember): void {
    this.#attached = { raft, member };
    this.#beginPart();
    raft.observe(this);
  }

  input(input: RaftInput): void {
    try {
      if (this.#block.length >= BLOCK_BYTES) this.flush();
      if (this.#block.length === 0) this.#sink.gathering(this.flush);
      encodeInput(this.#block, input);
    } catch (error) {
      // What can't be recorded is no reason to stop the member.
      this.#end(error as Error); // only a broken limit of an encoding is thrown there
    }
  }

  effectsTaken(effects: Effects | null): void {
    if (this.#attached === null) return;
    const { raft } = this.#attached;
    if (effects !== null) {
      this.#block.u8(EFFECTS_TAG);
      encodeSummary(this.#block, summarizeEffects(raft, effects));
      return;
    }
    this.#block.u8(NO_EFFECTS_TAG);
    // Between turns nothing is pending, so the state is at its smallest. A long one is not written for little behind it.
    if (this.#bytes + this.#block.length >= Math.max(this.#partBytes, this.#headBytes)) this.#beginPart();
  }

  /** Hands over what has gathered. */
  readonly flush = (): void => {
    if (this.#attached === null || this.#block.length === 0) return;
    this.#handOver(this.#block);
    this.#block.reset();
  };

  /** The member has stopped, by itself when there is a reason. */
  stopped(reason: Error | null): void {
    if (this.#attached === null) return;
    this.#block.u8(STOPPED_TAG);
    this.#block.text(reason === null ? "" : `${reason.name}: ${reason.message}`);
    this.flush();
    this.#end(null);
  }

  #end(failure: Error | null): void {
    this.#detach();
    this.#sink.end(failure);
  }

  #detach(): void {
    this.#attached?.raft.observe(null);
    this.#attached = null;
  }

  #beginPart(): void {
    const { raft, member } = this.#attached!;
    this.flush();
    this.#part += 1;
    this.#sink.begin();
    // Of its own: a block that has once been as long as a whole state would stay so.
    const head = new ByteWriter(2 * BLOCK_BYTES);
    head.text(RECORDING_MAGIC);
    head.u8(RECORDING_VERSION);
    head.text(JSON.stringify({ ...member, part: this.#part }));
    encodeCheckpoint(head, raft.save());
    this.#headBytes = head.length;
    this.#handOver(head);
    this.#bytes = 0;
  }

  #handOver(block: ByteWriter): void {
    this.#bytes += block.length;
    if (!this.#sink.write(block.finish())) this.#detach();
  }
}
