import type { Effects, NodeId, Raft, RaftInput, RaftObserver, RaftOptions } from "@balsa/core";
import { ByteWriter } from "../encoding/byteWriter.js";
import { crc32c } from "../storage/crc32c.js";
import { encodeCheckpoint } from "./checkpoint.js";
import { encodeSummary, summarizeEffects } from "./effectsSummary.js";
import { encodeInput } from "./recordedInput.js";

/** Where a recording goes. Bytes are handed over for good. */
export interface RecordingSink {
  /** A new part begins, which can be replayed without those before it. */
  begin(): void;
  /** Returns false when it can take no more: then nothing more comes. */
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

/** A block is handed over when it has come to this, or when a turn ends that has put something into it. */
const BLOCK_BYTES = 64 * 1024;
const BLOCK_HEAD_BYTES = 8;

/**
 * The black box of one member: all that its core is given, the random numbers that it draws, and what it wants done in
 * short. A recording is a row of parts, each with the whole state at its beginning.
 */
export class MemberRecorder implements RaftObserver {
  readonly #sink: RecordingSink;
  readonly #partBytes: number;
  readonly #block = newBlock();
  #attached: { readonly raft: Raft; readonly member: RecordedMember } | null = null;
  #part = 0;
  /** Of the present part. */
  #bytes = 0;

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
      if (this.#block.length >= BLOCK_BYTES) this.#endBlock();
      return;
    }
    this.#block.u8(NO_EFFECTS_TAG);
    this.#endBlock();
    if (this.#attached !== null && this.#bytes >= this.#partBytes) this.#beginPart();
  }

  /** The member has stopped, by itself when there is a reason. */
  stopped(reason: Error | null): void {
    if (this.#attached === null) return;
    this.#block.u8(STOPPED_TAG);
    this.#block.text(reason === null ? "" : `${reason.name}: ${reason.message}`);
    this.#endBlock();
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
    this.#bytes = 0;
    this.#part += 1;
    this.#sink.begin();
    // Of its own: a block that has once been as long as a whole state would stay so.
    const head = newBlock();
    head.text(RECORDING_MAGIC);
    head.u8(RECORDING_VERSION);
    head.text(JSON.stringify({ ...member, part: this.#part }));
    encodeCheckpoint(head, raft.save());
    this.#handOver(head);
  }

  #endBlock(): void {
    this.#handOver(this.#block);
    beginBlock(this.#block);
  }

  /** A block is its length, its checksum and its bytes, so that one that a crash has torn shows. */
  #handOver(block: ByteWriter): void {
    block.setU32(0, block.length - BLOCK_HEAD_BYTES);
    block.setU32(4, crc32c(block.view(), BLOCK_HEAD_BYTES));
    this.#bytes += block.length;
    if (!this.#sink.write(block.finish())) this.#detach();
  }
}

function newBlock(): ByteWriter {
  const block = new ByteWriter(2 * BLOCK_BYTES);
  beginBlock(block);
  return block;
}

function beginBlock(block: ByteWriter): void {
  block.reset();
  for (let i = 0; i < BLOCK_HEAD_BYTES; i++) block.u8(0);
}
