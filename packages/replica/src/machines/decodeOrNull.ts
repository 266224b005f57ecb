import { DecodeError } from "../encoding/decodeError.js";

/** What the bytes say; null where they are malformed, which a machine must answer rather than throw. */
export function decodeOrNull<T>(bytes: Uint8Array, decode: (bytes: Uint8Array) => T): T | null {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
