/** A line without its end (`\n` or `\r\n`), and its number from 1. */
export interface Line {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** One line of input is at most this long (1 MiB); more is taken for something that is not input at all. */
export const MAX_LINE_BYTES = 1_048_576;

/** A line was longer than `MAX_LINE_BYTES`. */
export class LineTooLongError extends Error {
  readonly code = "LINE_TOO_LONG";
  override readonly name = "LineTooLongError";
  readonly line: number;

  constructor(line: number) {
    super(`Line ${String(line)} is longer than ${String(MAX_LINE_BYTES)} bytes.`);
    this.line = line;
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Cuts bytes that arrive in chunks of any size into lines. Keeps no more than the line that has not ended yet. */
export class LineSplitter {
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  #number = 0;

  /**
   * Takes the next chunk and calls `onLine` for every line that ends in it.
   * @throws LineTooLongError after the lines before it were told.
   */
  push(chunk: Uint8Array, onLine: (line: Line) => void): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#finish(onLine);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** Tells the last line, when the input didn't end with a line feed. */
  end(onLine: (line: Line) => void): void {
    if (this.#pendingBytes > 0) this.#finish(onLine);
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    // One byte more, for a carriage return isn't part of the line.
    if (this.#pendingBytes + piece.length > MAX_LINE_BYTES + 1) throw new LineTooLongError(this.#number + 1);
    this.#pieces.push(piece);
    this.#pendingBytes += piece.length;
  }

  #finish(onLine: (line: Line) => void): void {
    this.#number++;
    const whole = this.#pieces.length === 1 ? (this.#pieces[0] ?? new Uint8Array(0)) : this.#join();
    this.#pieces = [];
    this.#pendingBytes = 0;
    const bytes = whole.at(-1) === CARRIAGE_RETURN ? whole.subarray(0, -1) : whole;
    if (bytes.length > MAX_LINE_BYTES) throw new LineTooLongError(this.#number);
    onLine({ number: this.#number, bytes });
  }

  #join(): Uint8Array {
    const joined = new Uint8Array(this.#pendingBytes);
    let offset = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, offset);
      offset += piece.length;
    }
    return joined;
  }
}
