import type { SnapshotSink, SnapshotSource, StateMachine } from "@balsa/replica";

const PIECE_BYTES = 64 * 1024;

/**
 * A state machine that counts, and whose snapshot is as long as is asked for, though it holds next to nothing in memory: the
 * bytes follow from their place and from the count, and whoever restores them checks each.
 */
export class BulkyMachine implements StateMachine {
  #count = 0;
  readonly #snapshotBytes: number;

  constructor(snapshotBytes: number) {
    this.#snapshotBytes = snapshotBytes;
  }

  apply(commands: readonly Uint8Array[]): readonly Uint8Array[] {
    this.#count += commands.length;
    const result = new Uint8Array(8);
    new DataView(result.buffer).setFloat64(0, this.#count);
    return commands.map(() => result);
  }

  query(): Uint8Array {
    const answer = new Uint8Array(8);
    new DataView(answer.buffer).setFloat64(0, this.#count);
    return answer;
  }

  snapshot(): SnapshotSource {
    const count = this.#count;
    let piece = 0;
    const pieces = Math.ceil(this.#snapshotBytes / PIECE_BYTES);
    return {
      read: () => (piece < pieces ? pieceOf(piece++, count) : null),
      release: () => undefined,
    };
  }

  restore(): SnapshotSink {
    let gathered = Buffer.alloc(0);
    let piece = 0;
    let count = 0;
    return {
      write: (chunk) => {
        gathered = Buffer.concat([gathered, chunk]);
        while (gathered.length >= PIECE_BYTES) {
          if (piece === 0) count = gathered.readDoubleLE(8);
          if (Buffer.compare(gathered.subarray(0, PIECE_BYTES), pieceOf(piece, count)) !== 0) {
            throw new Error(`Piece ${String(piece)} of a snapshot is not what was sent.`);
          }
          gathered = gathered.subarray(PIECE_BYTES);
          piece += 1;
        }
      },
      finish: () => {
        if (gathered.length > 0) throw new Error("A snapshot ends in the middle of a piece.");
        this.#count = count;
      },
    };
  }
}

function pieceOf(piece: number, count: number): Buffer {
  const bytes = Buffer.alloc(PIECE_BYTES, piece % 251);
  bytes.writeDoubleLE(piece, 0);
  bytes.writeDoubleLE(count, 8);
  return bytes;
}
