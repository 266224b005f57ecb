const DIGITS = 16;

/** The file that is to become the next segment of the log. Sorted, it comes behind all other files of a member. */
export const SPARE_NAME = "spare.segment";

/** Names sort as the numbers in them do. */
export function paddedNumber(n: number): string {
  return String(n).padStart(DIGITS, "0");
}

export function segmentName(sequence: number): string {
  return `log-${paddedNumber(sequence)}.segment`;
}

/** The sequence number of a segment's file name, or null when it is another file's. */
export function segmentSequence(name: string): number | null {
  const match = /^log-(\d{16})\.segment$/.exec(name);
  return match === null ? null : Number(match[1]);
}

/** The checksum is part of the name, since members make different bytes of the same state. */
export function snapshotName(group: number, index: number, term: number, checksum: number): string {
  const hash = checksum.toString(16).padStart(8, "0");
  return `snapshot-${String(group)}-${paddedNumber(index)}-${String(term)}-${hash}.snapshot`;
}

/** A snapshot being written. `count` keeps those apart that one process writes. */
export function partialSnapshotName(group: number, index: number, term: number, count: number): string {
  return `snapshot-${String(group)}-${paddedNumber(index)}-${String(term)}-${String(count)}.partial`;
}

export interface SnapshotNameParts {
  readonly group: number;
  readonly index: number;
  readonly term: number;
}

export function parseSnapshotName(name: string): SnapshotNameParts | null {
  const match = /^snapshot-(\d+)-(\d{16})-(\d+)-[0-9a-f]{8}\.snapshot$/.exec(name);
  return match === null ? null : { group: Number(match[1]), index: Number(match[2]), term: Number(match[3]) };
}

export function isPartialSnapshotName(name: string): boolean {
  return /^snapshot-\d+-\d{16}-\d+-\d+\.partial$/.test(name);
}
