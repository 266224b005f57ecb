import { crc32c } from "../storage/crc32c.js";
import { MAX_MESSAGE_BYTES } from "./messageCodec.js";

/*
 * A frame: length u32 of the payload · CRC32C u32 of the payload · payload. All numbers are little-endian.
 */
export const FRAME_HEADER_BYTES = 8;
export const MAX_FRAME_BYTES = MAX_MESSAGE_BYTES;

export type FrameErrorCode = "FRAME_TOO_LONG" | "FRAME_CORRUPT";

/** The bytes of a connection are no frames. Nothing that follows on it can be trusted. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly code: FrameErrorCode;

  constructor(code: FrameErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Writes a frame's header in front of where its payload is put. */
export function writeFrameHeader(target: Uint8Array, offset: number, payload: Uint8Array): void {
  writeU32(target, offset, payload.length);
  writeU32(target, offset + 4, crc32c(payload));
}

/** Takes the bytes of a connection as they come, and gives the payloads of whole frames. */
export class FrameDecoder {
  #maxFrameBytes: number;
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerFilled = 0;
  /** A payload that has begun and is not whole. */
  #payload: Uint8Array | null = null;
  #payloadFilled = 0;

  constructor(maxFrameBytes = MAX_FRAME_BYTES) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** From the next frame on. */
  set maxFrameBytes(bytes: number) {
    this.#maxFrameBytes = bytes;
  }

  /**
   * Gives the payloads that end in this chunk; they may be views on it.
   * @throws FrameError
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const payloads: Uint8Array[] = [];
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#payload !== null) {
        offset += this.#fill(this.#payload, chunk, offset);
        if (this.#payloadFilled < this.#payload.length) break;
        payloads.push(this.#check(this.#payload, this.#header, 0));
        this.#payload = null;
        this.#headerFilled = 0;
      } else if (this.#headerFilled > 0 || chunk.length - offset < FRAME_HEADER_BYTES) {
        while (this.#headerFilled < FRAME_HEADER_BYTES && offset < chunk.length) {
          this.#header[this.#headerFilled++] = chunk[offset++] as number;
        }
        if (this.#headerFilled < FRAME_HEADER_BYTES) break;
        this.#begin(this.#length(this.#header, 0), payloads);
      } else {
        const length = this.#length(chunk, offset);
        const start = offset + FRAME_HEADER_BYTES;
        if (chunk.length - start >= length) {
          payloads.push(this.#check(chunk.subarray(start, start + length), chunk, offset));
          offset = start + length;
        } else {
          this.#header.set(chunk.subarray(offset, start));
          this.#headerFilled = FRAME_HEADER_BYTES;
          offset = start;
          this.#begin(length, payloads);
        }
      }
    }
    return payloads;
  }

  #begin(length: number, payloads: Uint8Array[]): void {
    if (length > 0) {
      this.#payload = new Uint8Array(length);
      this.#payloadFilled = 0;
      return;
    }
    payloads.push(this.#check(new Uint8Array(0), this.#header, 0));
    this.#headerFilled = 0;
  }

  #fill(payload: Uint8Array, chunk: Uint8Array, offset: number): number {
    const count = Math.min(payload.length - this.#payloadFilled, chunk.length - offset);
    payload.set(chunk.subarray(offset, offset + count), this.#payloadFilled);
    this.#payloadFilled += count;
    return count;
  }

  #length(bytes: Uint8Array, offset: number): number {
    const length = readU32(bytes, offset);
    if (length > this.#maxFrameBytes) {
      const limit = String(this.#maxFrameBytes);
      throw new FrameError("FRAME_TOO_LONG", `a frame of ${String(length)} bytes where ${limit} are allowed`);
    }
    return length;
  }

  #check(payload: Uint8Array, header: Uint8Array, offset: number): Uint8Array {
    if (crc32c(payload) === readU32(header, offset + 4)) return payload;
    throw new FrameError("FRAME_CORRUPT", "a frame's checksum does not match its bytes");
  }
}

function writeU32(target: Uint8Array, offset: number, n: number): void {
  target[offset] = n;
  target[offset + 1] = n >>> 8;
  target[offset + 2] = n >>> 16;
  target[offset + 3] = n >>> 24;
}

function readU32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  return (low | ((bytes[at + 3] as number) << 24)) >>> 0;
}
