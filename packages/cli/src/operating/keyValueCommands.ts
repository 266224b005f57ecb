import type { CallOptions } from "@balsa/client";
import { UsageError } from "../usageError.js";
import type { Store } from "./store.js";

/** What came of an operation, for a person and for a program. */
export interface OperationResult {
  readonly text: string;
  readonly json: object;
  /** It was carried out and found what it looked for. */
  readonly success: boolean;
}

interface OperationKind {
  readonly usage: string;
  readonly words: number;
  readonly isRead: boolean;
  perform(store: Store, words: readonly string[], options: CallOptions): Promise<OperationResult>;
}

const OPERATIONS: Readonly<Record<string, OperationKind>> = {
  get: {
    usage: "get KEY",
    words: 1,
    isRead: true,
    async perform(store, [key = ""], options) {
      const value = await store.get(key, options);
      return { text: value ?? "(no value)", json: { key, value }, success: value !== null };
    },
  },
  put: {
    usage: "put KEY VALUE",
    words: 2,
    isRead: false,
    async perform({ client }, [key = "", value = ""], options) {
      await client.put(key, value, options);
      return { text: "ok", json: { key, ok: true }, success: true };
    },
  },
  delete: {
    usage: "delete KEY",
    words: 1,
    isRead: false,
    async perform({ client }, [key = ""], options) {
      const existed = await client.delete(key, options);
      return { text: existed ? "deleted" : "(there was no value)", json: { key, existed }, success: true };
    },
  },
  cas: {
    usage: "cas KEY OLD NEW",
    words: 3,
    isRead: false,
    async perform({ client }, [key = "", expected = "", value = ""], options) {
      const swapped = await client.compareAndSet(key, expected, value, options);
      return {
        text: swapped ? "swapped" : "not swapped: the value is another",
        json: { key, swapped },
        success: swapped,
      };
    },
  },
  append: {
    usage: "append KEY VALUE",
    words: 2,
    isRead: false,
    async perform({ client }, [key = "", value = ""], options) {
      await client.append(key, value, options);
      return { text: "ok", json: { key, ok: true }, success: true };
    },
  },
};

export const OPERATION_NAMES: readonly string[] = Object.keys(OPERATIONS);
export const OPERATION_USAGES: readonly string[] = Object.values(OPERATIONS).map(({ usage }) => usage);

/** An operation that is well-formed, and yet to be carried out. */
export interface Operation {
  /** Reads may overtake one another. What else there is takes effect in the order in which it is begun. */
  readonly isRead: boolean;
  perform(store: Store, options: CallOptions): Promise<OperationResult>;
}

/** @throws UsageError for what is no operation */
export function parseOperation(words: readonly string[]): Operation {
  const [name = "", ...rest] = words;
  const kind = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (kind === undefined) {
    throw new UsageError(
      "BAD_INPUT",
      `${JSON.stringify(name)} is no operation; there are ${OPERATION_USAGES.join(", ")}.`,
    );
  }
  if (rest.length !== kind.words) throw new UsageError("BAD_INPUT", `It must be: ${kind.usage}.`);
  return { isRead: kind.isRead, perform: (store, options) => kind.perform(store, rest, options) };
}
