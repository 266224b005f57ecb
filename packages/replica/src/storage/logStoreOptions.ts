import { InvalidOptionError } from "@balsa/core";

const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024;
const MAX_SEGMENT_BYTES = 1024 * 1024 * 1024;
/** The part of a segment that is the reserve, unless another is given. */
const RESERVED_PART = 1 / 4;

export interface LogStoreOptions {
  /** Size that a segment file is given when it is created. Default 64 MiB. */
  readonly segmentBytes?: number;
  /**
   * Where there is no room for another segment, so many bytes of the present one are kept for what must be stored all the
   * same: what was proposed before, votes, and the entries of a new leader. Default a quarter of `segmentBytes`.
   */
  readonly reserveBytes?: number;
  /** The number of the first file of a new log. Default 1. */
  readonly firstSequence?: number;
  /** Gives numbers from 0 to below 1. They make what is in the log unpredictable to clients. */
  readonly random: () => number;
}

/** @throws InvalidOptionError */
export function completeLogStoreOptions(given: LogStoreOptions): Required<LogStoreOptions> {
  const segmentBytes = given.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
  if (!(Number.isInteger(segmentBytes) && segmentBytes >= 1 && segmentBytes <= MAX_SEGMENT_BYTES)) {
    throw new InvalidOptionError("segmentBytes", segmentBytes, `a whole number from 1 to ${String(MAX_SEGMENT_BYTES)}`);
  }
  const reserveBytes = given.reserveBytes ?? Math.floor(segmentBytes * RESERVED_PART);
  if (!(Number.isInteger(reserveBytes) && reserveBytes >= 0 && reserveBytes <= segmentBytes)) {
    throw new InvalidOptionError("reserveBytes", reserveBytes, `a whole number from 0 to ${String(segmentBytes)}`);
  }
  const firstSequence = given.firstSequence ?? 1;
  if (!(Number.isSafeInteger(firstSequence) && firstSequence >= 1)) {
    throw new InvalidOptionError("firstSequence", firstSequence, "a whole number from 1");
  }
  return { segmentBytes, reserveBytes, firstSequence, random: given.random };
}
