import type { Json, JsonObject } from "./machine/json.js";
import { MapCache } from "./mapCache.js";
import type { CallOptions, RecipeCaller } from "./recipeCaller.js";
import { sleepUntil } from "./recipeClock.js";
import { RecipeError } from "./recipeError.js";
import type { StoreReadOptions } from "./recipeStore.js";

export interface MapEntry<Value> {
  readonly key: string;
  readonly value: Value;
  /** That of the change that set it; for `ifRevision`. */
  readonly revision: number;
}

export interface MapChange<Value> {
  readonly revision: number;
  readonly key: string;
  /** Absent where the key was deleted. */
  readonly value?: Value;
}

export interface WriteOptions extends CallOptions {
  /** Only if the key's revision is this one; 0: only if it is absent. */
  readonly ifRevision?: number;
}

export interface Written {
  /** False where `ifRevision` stood against it, or there was nothing to delete. */
  readonly done: boolean;
  /** That of this change or, where it was not done, the key's; 0 where it is absent. */
  readonly revision: number;
}

export interface ChangesOptions {
  /** The last revision that is known already. Default: that of now. */
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** How often it is looked for more when there is none. Default 100. */
  readonly pollMs?: number;
}

interface Page<Value> {
  readonly revision: number;
  readonly entries: readonly MapEntry<Value>[];
  /** To be asked for what comes after these. */
  readonly next: number;
  readonly isLast: boolean;
}

interface ChangesPage<Value> {
  readonly changes: readonly MapChange<Value>[];
  /** The changes up to this revision are known when these are. */
  readonly upTo: number;
  readonly isLast: boolean;
}

const PAGE = 500;
const DEFAULT_POLL_MS = 100;

/** Keys and values that all processes share. Values are what JSON can hold. */
export class ReplicatedMap<Value> {
  readonly #caller: RecipeCaller;

  /** @internal */
  constructor(caller: RecipeCaller) {
    this.#caller = caller;
  }

  /** What the key has; null where it is absent. @throws RefusedError */
  async get(key: string, options: StoreReadOptions = {}): Promise<MapEntry<Value> | null> {
    const answer = await this.#caller.query<MapEntry<Value>>({ ask: "get", key }, options);
    return answer.revision === 0 ? null : { key, value: answer.value, revision: answer.revision };
  }

  /** @throws RefusedError, of the code `UNKNOWN_OUTCOME` alone where it may have been set */
  set(key: string, value: Value, options: WriteOptions = {}): Promise<Written> {
    return this.#write({ do: "set", key, value: value as Json }, options);
  }

  /** @throws RefusedError, of the code `UNKNOWN_OUTCOME` alone where it may have been deleted */
  delete(key: string, options: WriteOptions = {}): Promise<Written> {
    return this.#write({ do: "delete", key }, options);
  }

  /**
   * All entries, page by page: those that stay as they are while it goes on come once; of what is changed meanwhile, `changes`
   * after the revision that is returned tells. @throws RefusedError
   */
  async *entries(options: StoreReadOptions = {}): AsyncGenerator<MapEntry<Value>, number> {
    let first: number | null = null;
    for (let after = 0; ;) {
      const { revision, entries, next, isLast } = await this.#caller.query<Page<Value>>(
        { ask: "page", after, limit: PAGE },
        options,
      );
      first ??= revision;
      yield* entries;
      if (isLast) return first;
      after = next;
    }
  }

  /**
   * Each change once, in order, for as long as it is listened to. May be resumed after the revision of the last that was
   * handled. @throws RecipeError `HISTORY_FORGOTTEN`, RefusedError
   */
  async *changes(options: ChangesOptions = {}): AsyncGenerator<MapChange<Value>> {
    const { signal, pollMs = DEFAULT_POLL_MS } = options;
    const { clock } = this.#caller;
    let after = options.after ?? (await this.latest({}, Number.MAX_SAFE_INTEGER)).upTo;
    while (signal?.aborted !== true) {
      const { changes, upTo, isLast } = await this.latest(signal === undefined ? {} : { signal }, after);
      for (const change of changes) {
        if (signal?.aborted) return;
        yield change;
      }
      after = upTo;
      if (isLast) await sleepUntil(clock, clock.now() + pollMs, signal);
    }
  }

  /**
   * Keeps a copy of the whole map in this process, which follows the changes until the signal is aborted.
   * Resolves when it has all. @throws RefusedError
   */
  async cache(options: { readonly signal?: AbortSignal; readonly pollMs?: number } = {}): Promise<MapCache<Value>> {
    const { signal, pollMs = DEFAULT_POLL_MS } = options;
    return MapCache.open(this, this.#caller.clock, pollMs, signal);
  }

  /**
   * A page of the changes after a revision, and the revision up to which it is complete.
   * @internal
   */
  async latest(options: StoreReadOptions, after: number): Promise<ChangesPage<Value>> {
    const answer = await this.#caller.query<ChangesPage<Value> | { readonly forgottenTo: number }>(
      { ask: "changes", after, limit: PAGE },
      options,
    );
    if ("forgottenTo" in answer) {
      throw new RecipeError(
        "HISTORY_FORGOTTEN",
        `Changes are remembered from revision ${String(answer.forgottenTo)} on, and those after ${String(after)} were asked for. Read the map anew.`,
      );
    }
    return answer;
  }

  async #write(body: JsonObject, { ifRevision, ...call }: WriteOptions): Promise<Written> {
    const condition = ifRevision === undefined ? {} : { ifRevision };
    const { done, revision } = await this.#caller.command<Written>({ ...body, ...condition }, call);
    return { done, revision };
  }
}
