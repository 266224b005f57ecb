import { collectingSink, type SnapshotSink, type SnapshotSource, type StateMachine } from "@balsa/replica";
import { CounterPart } from "./counterPart.js";
import { checkDepth, MalformedError, nameOf, objectOf, type Json } from "./json.js";
import { LimiterPart } from "./limiterPart.js";
import { MapPart } from "./mapPart.js";
import type { Moment, Part } from "./part.js";
import { QueuePart } from "./queuePart.js";
import { SemaphorePart } from "./semaphorePart.js";
import { TaskPart } from "./taskPart.js";

/** What kinds of parts there are, by the name that commands call them. */
const KINDS: Readonly<Record<string, () => Part>> = {
  semaphore: () => new SemaphorePart(),
  map: () => new MapPart(),
  counter: () => new CounterPart(),
  limiter: () => new LimiterPart(),
  queue: () => new QueuePart(),
  task: () => new TaskPart(),
};
export type RecipeKind = "semaphore" | "map" | "counter" | "limiter" | "queue" | "task";

const FORMAT = 1;

interface Head {
  readonly format: number;
  readonly revision: number;
  readonly nowMs: number;
  readonly fence: number;
}

const MAX_PARTS = 1_000_000;
const SEPARATOR = "\n";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The state machine behind all recipes: any number of locks, maps, counters, limits, queues and tasks, told apart by kind and
 * name. Give it to `RaftNode.open` as `bytesStateMachine`; programs that are no members reach it with `@balsa/client`.
 */
export class RecipesMachine implements StateMachine {
  #parts = new Map<string, Part>();
  #revision = 0;
  #nowMs = 0;
  #fence = 0;

  /** Parts that hold anything. */
  get size(): number {
    return this.#parts.size;
  }

  apply(commands: readonly Uint8Array[], clusterTimesMs: readonly number[]): readonly Uint8Array[] {
    return commands.map((bytes, i) => {
      this.#revision += 1;
      this.#nowMs = Math.max(this.#nowMs, clusterTimesMs[i] ?? 0);
      return answer(() => this.#command(bytes));
    });
  }

  query(question: Uint8Array): Uint8Array {
    return answer(() => {
      const { kind, name, body } = decode(question);
      const part = this.#parts.get(keyOf(kind, name)) ?? newPart(kind);
      return part.query(body, this.#moment(question.length));
    });
  }

  snapshot(): SnapshotSource {
    const captured = [...this.#parts].map(([key, part]) => [key, part.capture()] as const);
    return linesSource(
      linesOf({ format: FORMAT, revision: this.#revision, nowMs: this.#nowMs, fence: this.#fence }, captured),
    );
  }

  restore(): SnapshotSink {
    return collectingSink((bytes) => {
      const [head, ...lines] = decoder.decode(bytes).split(SEPARATOR);
      const { format, revision, nowMs, fence } = JSON.parse(head ?? "") as Partial<Head>;
      if (format !== FORMAT || revision === undefined || nowMs === undefined || fence === undefined) {
        throw new MalformedError(`a snapshot of the recipes' machine has the format ${String(FORMAT)}`);
      }
      const parts = new Map<string, Part>();
      let part: Part | null = null;
      for (const line of lines) {
        if (line === "") continue;
        const record = JSON.parse(line.slice(1)) as Json;
        if (line.startsWith("#")) {
          const key = nameOfKey(record);
          part = newPart(key.split("/", 1)[0] ?? "");
          parts.set(key, part);
        } else if (part === null) {
          throw new MalformedError("a record stands before any part");
        } else {
          part.restore(record);
        }
      }
      this.#parts = parts;
      this.#revision = revision;
      this.#nowMs = nowMs;
      this.#fence = fence;
    });
  }

  #moment(bytes: number): Moment {
    return { revision: this.#revision, bytes, nowMs: this.#nowMs, newFence: () => (this.#fence += 1) };
  }

  #command(bytes: Uint8Array): Json {
    const { kind, name, body } = decode(bytes);
    const key = keyOf(kind, name);
    const there = this.#parts.get(key);
    if (there === undefined && this.#parts.size >= MAX_PARTS) throw new MalformedError("there are too many parts");
    const part = there ?? newPart(kind);
    const result = part.apply(body, this.#moment(bytes.length));
    if (part.isForgettable) this.#parts.delete(key);
    else if (there === undefined) this.#parts.set(key, part);
    return result;
  }
}

/** A command or a question, as bytes. */
export function encodeRecipeRequest(kind: RecipeKind, name: string, body: Json): Uint8Array {
  return encoder.encode(JSON.stringify([kind, name, body]));
}

/** The value that the machine answered. @throws MalformedError where it could make nothing of what it was asked. */
export function decodeRecipeAnswer(bytes: Uint8Array): Json {
  const answered = JSON.parse(decoder.decode(bytes)) as { readonly value?: Json; readonly malformed?: string };
  if (answered.malformed !== undefined) throw new MalformedError(answered.malformed);
  return answered.value ?? null;
}

function answer(act: () => Json): Uint8Array {
  try {
    return encoder.encode(JSON.stringify({ value: act() }));
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return encoder.encode(JSON.stringify({ malformed: error.message }));
  }
}

function decode(bytes: Uint8Array) {
  let request: Json;
  try {
    request = JSON.parse(decoder.decode(bytes)) as Json;
  } catch {
    throw new MalformedError("it is no JSON"); // every member decodes the same bytes, so all of them say so
  }
  if (!Array.isArray(request)) throw new MalformedError("it must be a list of kind, name and body");
  checkDepth(request);
  const [kind, name, body] = request as readonly (Json | undefined)[];
  return { kind: nameOf(kind, "the kind"), name: nameOf(name, "the name"), body: objectOf(body, "the body") };
}

function newPart(kind: string): Part {
  if (!Object.hasOwn(KINDS, kind)) {
    throw new MalformedError(`there is no kind ${kind}; there are ${Object.keys(KINDS).join(", ")}`);
  }
  return KINDS[kind]!();
}

function keyOf(kind: string, name: string): string {
  return `${kind}/${name}`;
}

function nameOfKey(record: Json): string {
  if (typeof record === "string") return record;
  throw new MalformedError("a part's key must be a string");
}

/** JSON line by line: what all have in common, then each part's key behind `#`, and behind that its records. */
function* linesOf(head: Head, captured: readonly (readonly [string, Iterable<Json>])[]): Generator<string> {
  yield JSON.stringify(head);
  for (const [key, records] of captured) {
    yield `#${JSON.stringify(key)}`;
    for (const record of records) yield `=${JSON.stringify(record)}`;
  }
}

function linesSource(lines: Generator<string>): SnapshotSource {
  let waiting = new Uint8Array();
  return {
    read(maxBytes) {
      while (waiting.length === 0) {
        let text = "";
        while (text.length < maxBytes) {
          const line = lines.next();
          if (line.done === true) break;
          text += line.value + SEPARATOR;
        }
        if (text === "") return null;
        waiting = encoder.encode(text);
      }
      const chunk = waiting.subarray(0, maxBytes);
      waiting = waiting.subarray(maxBytes);
      return chunk;
    },
    release() {
      lines.return(undefined);
      waiting = new Uint8Array();
    },
  };
}
