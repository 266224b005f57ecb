import type { RaftInput, RaftState } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { decodeCheckpoint } from "./checkpoint.js";
import { decodeSummary, type EffectsSummary } from "./effectsSummary.js";
import {
  DRAW_TAG,
  EFFECTS_TAG,
  NO_EFFECTS_TAG,
  RECORDING_MAGIC,
  RECORDING_VERSION,
  STOPPED_TAG,
  type RecordedMember,
} from "./memberRecorder.js";
import { decodeInput } from "./recordedInput.js";

export type RecordedStep =
  | { readonly kind: "input"; readonly input: RaftInput }
  /** A random number that the input before it has drawn. */
  | { readonly kind: "draw"; readonly value: number }
  /** What the `takeEffects` before it has given; null for nothing. */
  | { readonly kind: "effects"; readonly summary: EffectsSummary | null }
  /** Why the member stopped by itself; null when it was told to. */
  | { readonly kind: "stopped"; readonly reason: string | null };

/** One part of a recording. */
export interface RecordingPart {
  readonly member: RecordedMember;
  /** Counted from 1 for each run of the process. */
  readonly part: number;
  readonly state: RaftState;
  /** Each is decoded when it is come to. @throws DecodeError */
  readonly steps: Iterable<RecordedStep>;
}

/** A file is no recording, or one of a newer version. */
export class RecordingFormatError extends Error {
  readonly code = "RECORDING_FORMAT";
  override readonly name = "RecordingFormatError";
}

const MAX_HEAD_BYTES = 64 * 1024;

/**
 * Reads the blocks of one part, in the order in which a sink has got them; several may have been put together.
 * @throws RecordingFormatError, DecodeError
 */
export function readRecordingPart(blocks: readonly Uint8Array[]): RecordingPart {
  const [head, ...rest] = blocks;
  if (head === undefined) {
    throw new RecordingFormatError("It holds nothing whole: it is no recording, or its member was killed at once.");
  }
  const reader = new ByteReader(head);
  if (reader.text(MAX_HEAD_BYTES) !== RECORDING_MAGIC) throw new RecordingFormatError("It is no recording.");
  const version = reader.u8();
  if (version !== RECORDING_VERSION) {
    const can = `version ${String(RECORDING_VERSION)}`;
    throw new RecordingFormatError(`It is of version ${String(version)}, and only ${can} can be read here.`);
  }
  const { part, ...member } = JSON.parse(reader.text(MAX_HEAD_BYTES)) as RecordedMember & { readonly part: number };
  const state = decodeCheckpoint(reader);
  const behindHead = head.subarray(reader.offset);
  return { member, part, state, steps: { [Symbol.iterator]: () => stepsOf([behindHead, ...rest]) } };
}

function* stepsOf(blocks: readonly Uint8Array[]): Generator<RecordedStep> {
  for (const block of blocks) {
    const reader = new ByteReader(block);
    while (reader.remaining > 0) yield decodeStep(reader);
  }
}

/** @throws DecodeError */
function decodeStep(reader: ByteReader): RecordedStep {
  const tag = reader.u8();
  switch (tag) {
    case DRAW_TAG:
      return { kind: "draw", value: reader.f64() };
    case EFFECTS_TAG:
      return { kind: "effects", summary: decodeSummary(reader) };
    case NO_EFFECTS_TAG:
      return { kind: "effects", summary: null };
    case STOPPED_TAG: {
      const reason = reader.text(reader.remaining);
      return { kind: "stopped", reason: reason === "" ? null : reason };
    }
    default:
      return { kind: "input", input: decodeInput(reader, tag) };
  }
}
