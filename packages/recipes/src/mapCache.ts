import { DEFAULT_TIMEOUT_MS } from "./recipeCaller.js";
import { sleepUntil, type RecipeClock } from "./recipeClock.js";
import { RecipeError } from "./recipeError.js";
import type { MapChange, MapEntry, ReplicatedMap } from "./replicatedMap.js";

export interface FreshnessOptions {
  /** What was written up to this revision must show: that of one's own last write, say. */
  readonly atLeastRevision?: number;
  /** What was acknowledged longer ago than this must show; 0 asks the cluster each time. */
  readonly notOlderThanMs?: number;
  readonly signal?: AbortSignal;
  /** Default 10,000. */
  readonly timeoutMs?: number;
}

/** A copy of a whole map, which answers at once where it is fresh enough, and otherwise waits until it is. */
export class MapCache<Value> {
  readonly #map: ReplicatedMap<Value>;
  readonly #clock: RecipeClock;
  readonly #entries = new Map<string, MapEntry<Value>>();
  #revision = 0;
  /** When the read was begun that showed this revision to be the latest. */
  #confirmedAt = -Infinity;
  #following: Promise<void> | null = null;

  private constructor(map: ReplicatedMap<Value>, clock: RecipeClock) {
    this.#map = map;
    this.#clock = clock;
  }

  /** @internal */
  static async open<Value>(
    map: ReplicatedMap<Value>,
    clock: RecipeClock,
    pollMs: number,
    signal: AbortSignal | undefined,
  ): Promise<MapCache<Value>> {
    const cache = new MapCache(map, clock);
    await cache.#load();
    void cache.#follow(pollMs, signal);
    return cache;
  }

  /** All changes up to this one are in the copy. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What the copy has now, however old that is. */
  peek(key: string): MapEntry<Value> | null {
    return this.#entries.get(key) ?? null;
  }

  /** All that the copy has now. */
  entries(): IterableIterator<MapEntry<Value>> {
    return this.#entries.values();
  }

  /**
   * What the key has, never older than asked for. Without either bound it is as `peek`.
   * @throws RecipeError `TIMED_OUT` where it can't be had in time, RefusedError
   */
  async get(key: string, options: FreshnessOptions = {}): Promise<MapEntry<Value> | null> {
    const { atLeastRevision = 0, notOlderThanMs = Infinity, signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const askedAt = this.#clock.now();
    const deadline = askedAt + timeoutMs;
    while (this.#revision < atLeastRevision || this.#confirmedAt < askedAt - notOlderThanMs) {
      const leftMs = deadline - this.#clock.now();
      if (leftMs <= 0)
        throw new RecipeError("TIMED_OUT", "The copy of the map was not fresh enough in the time given.");
      signal?.throwIfAborted();
      await this.#catchUp({ timeoutMs: leftMs, ...(signal === undefined ? {} : { signal }) });
    }
    return this.peek(key);
  }

  /** One at a time. Whoever comes while one is under way looks again after it: it may have begun too early, or failed. */
  async #catchUp(options: { readonly timeoutMs?: number; readonly signal?: AbortSignal }): Promise<void> {
    if (this.#following !== null) return await this.#following.catch(() => undefined);
    this.#following = this.#step(options).finally(() => (this.#following = null));
    await this.#following;
  }

  async #step(options: { readonly timeoutMs?: number; readonly signal?: AbortSignal }): Promise<void> {
    const beganAt = this.#clock.now();
    let page: Awaited<ReturnType<ReplicatedMap<Value>["latest"]>>;
    try {
      page = await this.#map.latest(options, this.#revision);
    } catch (error) {
      if (!(error instanceof RecipeError && error.code === "HISTORY_FORGOTTEN")) throw error;
      await this.#load();
      return;
    }
    for (const change of page.changes) this.#take(change);
    this.#revision = page.upTo;
    if (page.isLast) this.#confirmedAt = beganAt;
  }

  #take({ key, revision, ...rest }: MapChange<Value>): void {
    if ("value" in rest) this.#entries.set(key, { key, value: rest.value, revision });
    else this.#entries.delete(key);
  }

  /** Reads the map anew: what was changed while it was read comes with the changes after that. */
  async #load(): Promise<void> {
    const found = new Map<string, MapEntry<Value>>();
    const pages = this.#map.entries();
    let next = await pages.next();
    for (; next.done !== true; next = await pages.next()) found.set(next.value.key, next.value);
    this.#entries.clear();
    for (const [key, entry] of found) this.#entries.set(key, entry);
    this.#revision = next.value;
  }

  async #follow(pollMs: number, signal: AbortSignal | undefined): Promise<void> {
    while (signal?.aborted !== true) {
      try {
        await this.#catchUp(signal === undefined ? {} : { signal });
      } catch {
        // Whoever asks for something fresh asks by himself, and hears of it then.
      }
      await sleepUntil(this.#clock, this.#clock.now() + pollMs, signal);
    }
  }
}
