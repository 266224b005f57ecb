/**
 * Two random numbers that stand in a segment's preamble and go into every record behind it. Without them a record means
 * nothing, so neither can a client who guesses where its command will stand put one into it, nor can those of an earlier
 * file come back to life.
 */
export interface RecordNonce {
  /** A record's own offset is stored with these bits turned over. */
  readonly offsetMask: number;
  /** A record's checksum goes on from this. */
  readonly checksumSeed: number;
}

const U32_VALUES = 0x1_0000_0000;

/** `random` gives numbers from 0 to below 1. */
export function drawNonce(random: () => number): RecordNonce {
  return { offsetMask: drawU32(random), checksumSeed: drawU32(random) };
}

function drawU32(random: () => number): number {
  return Math.floor(random() * U32_VALUES);
}
