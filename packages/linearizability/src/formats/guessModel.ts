import type { ModelName } from "./dialects.js";

const ALWAYS: readonly (readonly [ModelName, readonly string[]])[] = [
  ["key-value", ["get", "put", "delete", "append"]],
  ["queue", ["enqueue", "dequeue"]],
  ["lock", ["acquire", "release"]],
  ["set", ["remove", "contains"]],
];

/**
 * The model that has such operations; null where the names do not tell. `readsMany` says whether a read was answered
 * with an array, which tells a set from a counter.
 */
export function guessModel(names: ReadonlySet<string>, readsMany: boolean): ModelName | null {
  const sure = ALWAYS.find(([, known]) => known.some((name) => names.has(name)));
  if (sure !== undefined) return sure[0];
  if (names.has("add")) return readsMany ? "set" : "counter";
  const ofRegister = ["read", "write", "cas", "compareAndSet"];
  return [...names].every((name) => ofRegister.includes(name)) ? "cas-register" : null;
}
