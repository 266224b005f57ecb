import type { Json, JsonObject } from "../../src/machine/json.js";
import {
  decodeRecipeAnswer,
  encodeRecipeRequest,
  RecipesMachine,
  type RecipeKind,
} from "../../src/machine/recipesMachine.js";

/** One machine, and a clock that a test moves. */
export class MachineDriver {
  machine = new RecipesMachine();
  nowMs = 0;

  command(kind: RecipeKind, name: string, body: JsonObject): Json {
    const [result] = this.machine.apply([encodeRecipeRequest(kind, name, body)], [this.nowMs]);
    return decodeRecipeAnswer(result!);
  }

  query(kind: RecipeKind, name: string, body: JsonObject): Json {
    return decodeRecipeAnswer(this.machine.query(encodeRecipeRequest(kind, name, body)));
  }

  /** Goes on with a machine that was restored from this one's snapshot. */
  restart(chunkBytes = 64): void {
    const bytes = this.snapshotBytes(chunkBytes);
    this.machine = new RecipesMachine();
    const sink = this.machine.restore();
    for (let at = 0; at < bytes.length; at += chunkBytes) sink.write(bytes.subarray(at, at + chunkBytes));
    sink.finish();
  }

  snapshotBytes(chunkBytes = 64): Uint8Array {
    const source = this.machine.snapshot();
    const bytes: number[] = [];
    for (let chunk = source.read(chunkBytes); chunk !== null; chunk = source.read(chunkBytes)) {
      if (chunk.length < 1 || chunk.length > chunkBytes) throw new Error(`a chunk of ${String(chunk.length)} bytes`);
      bytes.push(...chunk);
    }
    source.release();
    return Uint8Array.from(bytes);
  }
}
