import type { CallOptions, RecipeCaller } from "./recipeCaller.js";

export interface AddOptions extends CallOptions {
  /** Nothing is added where the value would fall below. Default: no bound. */
  readonly least?: number;
  /** Nothing is added where the value would rise above. Default: no bound. */
  readonly most?: number;
}

/** A whole number that many count on. */
export class DistributedCounter {
  readonly #caller: RecipeCaller;

  /** @internal */
  constructor(caller: RecipeCaller) {
    this.#caller = caller;
  }

  /**
   * Adds a whole number, which may be negative, once. `added` is false where a bound stood against it.
   * @throws RefusedError, of the code `UNKNOWN_OUTCOME` alone where it may have been added
   */
  async add(amount: number, options: AddOptions = {}): Promise<{ readonly added: boolean; readonly value: number }> {
    const { least, most, ...call } = options;
    const bounds = { ...(least === undefined ? {} : { least }), ...(most === undefined ? {} : { most }) };
    return this.#caller.command({ do: "add", amount, ...bounds }, call);
  }

  /** @throws RefusedError */
  async value(options: CallOptions = {}): Promise<number> {
    return (await this.#caller.query<{ readonly value: number }>({}, options)).value;
  }
}
