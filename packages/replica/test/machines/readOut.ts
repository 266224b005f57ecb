import type { SnapshotSource, StateMachine } from "../../src/stateMachine.js";

/** All bytes of a snapshot, read in chunks of at most so many bytes, each of which must have at least one. */
export function readOut(source: SnapshotSource, maxBytes = 64 * 1024): Uint8Array {
  const bytes: number[] = [];
  for (let chunk = source.read(maxBytes); chunk !== null; chunk = source.read(maxBytes)) {
    if (chunk.length === 0 || chunk.length > maxBytes) throw new Error(`a chunk of ${String(chunk.length)} bytes`);
    for (const byte of chunk) bytes.push(byte);
  }
  source.release();
  return Uint8Array.from(bytes);
}

/** Restores from these bytes in chunks of so many, each written from a buffer that is used again. */
export function restoreFrom(machine: Pick<StateMachine, "restore">, bytes: Uint8Array, chunkBytes = 64 * 1024): void {
  const sink = machine.restore();
  const buffer = new Uint8Array(chunkBytes);
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
    const chunk = bytes.subarray(offset, offset + chunkBytes);
    buffer.set(chunk);
    sink.write(buffer.subarray(0, chunk.length));
  }
  buffer.fill(0xff);
  sink.finish();
}
