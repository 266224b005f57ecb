/** Bytes from a disk or a network don't have the form they must have. */
export class DecodeError extends Error {
  readonly code = "MALFORMED";
  override readonly name = "DecodeError";

  /** Where in the bytes that were given the trouble is. */
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`Malformed bytes at offset ${String(offset)}: ${what}.`);
    this.offset = offset;
  }
}
