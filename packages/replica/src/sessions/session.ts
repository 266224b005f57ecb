import { invariant } from "@balsa/core";
import type { ByteReader } from "../encoding/byteReader.js";
import type { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";

/**
 * What the group remembers of one client. Its commands take effect in the order of their sequences and once each: those
 * up to `lastSequence` have been admitted, and the results of the latest of them are kept.
 */
export class Session {
  /** The index of the entry that registered it. */
  readonly id: number;
  lastActiveMs: number;
  lastSequence = 0;
  /** No result of an earlier sequence is kept. */
  #firstKept = 1;
  /** The result of `#firstKept` and those after it, as far as they are there. */
  #results: Uint8Array[] = [];
  #resultBytes = 0;

  constructor(id: number, lastActiveMs: number) {
    this.id = id;
    this.lastActiveMs = lastActiveMs;
  }

  /** The result that was kept, or null if it was forgotten or is not there yet. */
  resultOf(sequence: number): Uint8Array | null {
    return this.#results[sequence - this.#firstKept] ?? null;
  }

  /** The client has the answers to all before this sequence. */
  forgetBefore(sequence: number): void {
    if (sequence <= this.#firstKept) return;
    for (const forgotten of this.#results.splice(0, sequence - this.#firstKept)) this.#resultBytes -= forgotten.length;
    this.#firstKept = sequence;
  }

  /** Keeps the result of an admitted command, in order of sequences, and forgets the oldest beyond the limits. */
  keep(sequence: number, result: Uint8Array, maxResults: number, maxBytes: number): void {
    invariant(sequence <= this.lastSequence, `session ${String(this.id)} must have admitted ${String(sequence)}`);
    // Commands admitted since may have said already that the client has this answer.
    if (sequence < this.#firstKept) return;
    const results = this.#results;
    invariant(sequence === this.#firstKept + results.length, `results of session ${String(this.id)} come in order`);
    results.push(result);
    this.#resultBytes += result.length;
    let surplus = 0;
    let bytes = this.#resultBytes;
    while (surplus < results.length - 1 && (results.length - surplus > maxResults || bytes > maxBytes)) {
      bytes -= (results[surplus++] as Uint8Array).length;
    }
    if (surplus > 0) this.forgetBefore(this.#firstKept + surplus);
  }

  /** To be called while no result is outstanding. */
  encode(writer: ByteWriter): void {
    const results = this.#results;
    invariant(
      this.#firstKept + results.length === this.lastSequence + 1,
      `session ${String(this.id)} has the results of all that it admitted`,
    );
    writer.uint(this.id);
    writer.uint(this.lastActiveMs);
    writer.uint(this.lastSequence);
    writer.uint(results.length);
    for (const result of results) writer.lengthPrefixed(result);
  }

  /** @throws DecodeError */
  static decode(reader: ByteReader): Session {
    const session = new Session(reader.uint(), reader.uint());
    session.lastSequence = reader.uint();
    const at = reader.offset;
    const count = reader.uint();
    if (count > session.lastSequence) throw new DecodeError("more results than commands of a session", at);
    session.#firstKept = session.lastSequence + 1 - count;
    for (let i = 0; i < count; i++) {
      // A copy, so that the rest of the snapshot need not stay in memory for it.
      const result = reader.lengthPrefixed(reader.remaining).slice();
      session.#results.push(result);
      session.#resultBytes += result.length;
    }
    return session;
  }
}
