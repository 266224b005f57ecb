import { capturedOf, integerOf, MalformedError, nameOf, objectOf, type Json, type JsonObject } from "./json.js";
import { MAX_ANSWER_BYTES, type Moment, type Part } from "./part.js";

/** Changes that are remembered, for those who follow them: so many and so much at least, and twice as much at most. */
const MAX_HISTORY = 10_000;
const MAX_HISTORY_BYTES = 16 * 1024 * 1024;
const MAX_PAGE = 1_000;

interface Entry {
  readonly value: Json;
  /** That of the command that wrote it last. */
  readonly revision: number;
  /** That of the command that made it, since when it has its place. */
  readonly madeBy: number;
  /** How long the command was that wrote it. */
  readonly bytes: number;
}

/** `value` is absent where the key was deleted. */
type Change = { readonly revision: number; readonly key: string; readonly value?: Json; readonly bytes: number };

/** Keys and values, with a revision for each change, and the latest changes in their order. */
export class MapPart implements Part {
  readonly #entries = new Map<string, Entry>();
  #history: Change[] = [];
  #historyBytes = 0;
  /** Changes up to this one are not remembered. */
  #forgottenTo = 0;

  /** What is deleted may still be asked for, as a change. */
  get isForgettable(): boolean {
    return false;
  }

  apply(command: JsonObject, { revision, bytes }: Moment): Json {
    const key = nameOf(command["key"], "key");
    const does = command["do"];
    if (does !== "set" && does !== "delete") throw new MalformedError("a map can do set and delete");
    const { value } = command;
    if (does === "set" && value === undefined) throw new MalformedError("there is no value");
    const found = this.#entries.get(key);
    if (command["ifRevision"] !== undefined) {
      const expected = integerOf(command["ifRevision"], "ifRevision", 0, Number.MAX_SAFE_INTEGER);
      if (expected !== (found?.revision ?? 0)) return { done: false, ...shown(found) };
    }
    if (does === "delete") {
      if (found === undefined) return { done: false, revision: 0 };
      this.#entries.delete(key);
      this.#remember({ revision, key, bytes });
    } else {
      this.#entries.set(key, { value: value!, revision, madeBy: found?.madeBy ?? revision, bytes });
      this.#remember({ revision, key, value: value!, bytes });
    }
    return { done: true, revision };
  }

  query(question: JsonObject, { revision }: Moment): Json {
    switch (question["ask"]) {
      case "get":
        return shown(this.#entries.get(nameOf(question["key"], "key")));
      case "page":
        return this.#page(question, revision);
      case "changes":
        return this.#changes(question, revision);
      default:
        throw new MalformedError("a map can be asked for get, page and changes");
    }
  }

  capture(): Iterable<Json> {
    const head: Json = { forgottenTo: this.#forgottenTo };
    const entries = [...this.#entries].map(([key, entry]): Json => ({ key, ...entry }));
    return [head, ...entries, ...this.#history.map((change): Json => ({ change }))];
  }

  restore(record: Json): void {
    const fields = objectOf(record, "a record of a map");
    if ("forgottenTo" in fields) this.#forgottenTo = integerOf(fields["forgottenTo"], "forgottenTo", 0, Infinity);
    else if ("change" in fields) {
      const change = capturedOf<Change>(fields["change"]);
      this.#history.push(change);
      this.#historyBytes += change.bytes;
    } else {
      const { key, ...entry } = capturedOf<Entry & { readonly key: string }>(record);
      this.#entries.set(key, entry);
    }
  }

  #remember(change: Change): void {
    this.#history.push(change);
    this.#historyBytes += change.bytes;
    // By halves, so that it costs nothing on average.
    if (this.#history.length < 2 * MAX_HISTORY && this.#historyBytes < 2 * MAX_HISTORY_BYTES) return;
    let kept = this.#history.length;
    let keptBytes = 0;
    while (kept > this.#history.length - MAX_HISTORY) {
      const { bytes } = this.#history[kept - 1]!;
      if (keptBytes + bytes > MAX_HISTORY_BYTES) break;
      keptBytes += bytes;
      kept -= 1;
    }
    this.#forgottenTo = this.#history[kept - 1]!.revision;
    this.#history = this.#history.slice(kept);
    this.#historyBytes = keptBytes;
  }

  /**
   * Entries that were made after `after`, in that order, which is the order of the map itself: what is deleted between two
   * pages moves none of the others.
   */
  #page(question: JsonObject, revision: number): Json {
    const after = integerOf(question["after"], "after", 0, Number.MAX_SAFE_INTEGER);
    const limit = integerOf(question["limit"], "limit", 1, MAX_PAGE);
    const entries: Json[] = [];
    let next = after;
    let bytes = 0;
    for (const [key, entry] of this.#entries) {
      if (entry.madeBy <= after) continue;
      bytes += entry.bytes;
      if (entries.length === limit || (entries.length > 0 && bytes > MAX_ANSWER_BYTES)) {
        return { revision, entries, next, isLast: false };
      }
      entries.push({ key, value: entry.value, revision: entry.revision });
      next = entry.madeBy;
    }
    return { revision, entries, next, isLast: true };
  }

  #changes(question: JsonObject, revision: number): Json {
    const after = integerOf(question["after"], "after", 0, Number.MAX_SAFE_INTEGER);
    const limit = integerOf(question["limit"], "limit", 1, MAX_PAGE);
    if (after < this.#forgottenTo) return { forgottenTo: this.#forgottenTo };
    let low = 0;
    let high = this.#history.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#history[middle]!.revision > after) high = middle;
      else low = middle + 1;
    }
    const changes: Json[] = [];
    let upTo = after;
    let answerBytes = 0;
    for (const { bytes, ...change } of this.#history.slice(low, low + limit)) {
      answerBytes += bytes;
      if (changes.length > 0 && answerBytes > MAX_ANSWER_BYTES) break;
      changes.push(change);
      upTo = change.revision;
    }
    const isLast = low + changes.length === this.#history.length;
    // When there are no more, whoever follows knows everything up to this very revision.
    return { changes, upTo: isLast ? revision : upTo, isLast };
  }
}

function shown(entry: Entry | undefined): JsonObject {
  return entry === undefined ? { revision: 0 } : { value: entry.value, revision: entry.revision };
}
