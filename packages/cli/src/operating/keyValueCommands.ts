import type { KeyValueClient } from "@balsa/client";
import { UsageError } from "../usageError.js";

export const CONSISTENCIES = ["linearizable", "lease", "stale"] as const;
export type Consistency = (typeof CONSISTENCIES)[number];

/** What came of an operation, for a person and for a program. */
export interface OperationResult {
  readonly text: string;
  readonly json: object;
  /** It was carried out and found what it looked for. */
  readonly success: boolean;
}

interface Operation {
  readonly usage: string;
  readonly words: number;
  perform(client: KeyValueClient, words: readonly string[], consistency: Consistency): Promise<OperationResult>;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  get: {
    usage: "get KEY",
    words: 1,
    async perform(client, [key = ""], consistency) {
      const value = await client.get(key, { consistency });
      return { text: value ?? "(no value)", json: { key, value }, success: value !== null };
    },
  },
  put: {
    usage: "put KEY VALUE",
    words: 2,
    async perform(client, [key = "", value = ""]) {
      await client.put(key, value);
      return { text: "ok", json: { key, ok: true }, success: true };
    },
  },
  delete: {
    usage: "delete KEY",
    words: 1,
    async perform(client, [key = ""]) {
      const existed = await client.delete(key);
      return { text: existed ? "deleted" : "(there was no value)", json: { key, existed }, success: true };
    },
  },
  cas: {
    usage: "cas KEY OLD NEW",
    words: 3,
    async perform(client, [key = "", expected = "", value = ""]) {
      const swapped = await client.compareAndSet(key, expected, value);
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
    async perform(client, [key = "", value = ""]) {
      await client.append(key, value);
      return { text: "ok", json: { key, ok: true }, success: true };
    },
  },
};

/** @throws UsageError for what is no operation */
export function performOperation(
  client: KeyValueClient,
  words: readonly string[],
  consistency: Consistency,
): Promise<OperationResult> {
  const [name = "", ...rest] = words;
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined) {
    const usages = Object.values(OPERATIONS).map(({ usage }) => usage);
    throw new UsageError("BAD_INPUT", `${JSON.stringify(name)} is no operation; there are ${usages.join(", ")}.`);
  }
  if (rest.length !== operation.words) throw new UsageError("BAD_INPUT", `It must be: ${operation.usage}.`);
  return operation.perform(client, rest, consistency);
}
