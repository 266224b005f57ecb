import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkHistory, keyValue, parseHistory } from "@balsa/linearizability";
import type { KeyValueInput, KeyValueOutput, Operation } from "@balsa/linearizability";
import { median, secondsOf, type Figure } from "./figure.js";

const ROUNDS = 9;
const OPERATIONS = 10_000;
const CLIENTS = 10;
const KEYS = 10;
const BUDGET = { maxStates: 5_000_000 };

/** Histories of other tools, where they lie beside the repository, and made-up ones of a key-value store. */
export function* benchmarkLinearizability(): Generator<Figure> {
  const folder =
    process.env["BALSA_CONFORMANCE"] ?? fileURLToPath(new URL("../../../shared/conformance", import.meta.url));
  if (existsSync(folder)) yield* benchmarkConformance(`${folder}/histories`);
  else process.stderr.write("../shared/conformance is absent: its histories are passed over\n");
  for (const [name, lostShare, isWrong] of [
    ["no lost operations", 0, false],
    ["5 % lost", 0.05, false],
    ["5 % lost, and an old value read near the end", 0.05, true],
  ] as const) {
    const history = makeHistory(lostShare, isWrong);
    const verdict = checkHistory(keyValue, history, BUDGET).verdict;
    yield {
      name: `linearizability: 10,000 operations, 10 keys, ${name} (${verdict})`,
      value: milliseconds(() => void checkHistory(keyValue, history, BUDGET)),
      unit: "ms",
    };
  }
}

/** The first time counts, too: a command checks a file but once. */
function* benchmarkConformance(folder: string): Generator<Figure> {
  const texts = readdirSync(folder).map((file) => [file, readFileSync(`${folder}/${file}`, "utf8")] as const);
  const check = (text: string): void => {
    const { model, operations } = parseHistory(text);
    checkHistory(model, operations, BUDGET);
  };
  const registers = texts.filter(([file]) => file.startsWith("etcd"));
  const checkAll = (): void => registers.forEach(([, text]) => check(text));
  const first = 1_000 * secondsOf(checkAll);
  yield {
    name: `linearizability: ${String(registers.length)} registers of etcd, first time`,
    value: rounded(first),
    unit: "ms",
  };
  yield { name: `linearizability: the same, warm`, value: milliseconds(checkAll), unit: "ms" };
  for (const [file, text] of texts) {
    if (!/002|c10/.test(file)) continue;
    yield {
      name: `linearizability: ${file}, parsed and checked, warm`,
      value: milliseconds(() => check(text)),
      unit: "ms",
    };
  }
}

function milliseconds(action: () => void): number {
  return rounded(median(Array.from({ length: ROUNDS }, () => 1_000 * secondsOf(action))));
}

function rounded(value: number): number {
  return Math.round(100 * value) / 100;
}

/** What ten clients without pause see of one copy; always the same. */
function makeHistory(lostShare: number, isWrong: boolean): readonly Operation<KeyValueInput, KeyValueOutput>[] {
  const random = linearCongruence(1);
  const values = new Map<string, string>();
  const free = Array.from({ length: CLIENTS }, () => 0);
  const calls = Array.from({ length: OPERATIONS }, (_, number) => {
    const client = free.indexOf(Math.min(...free));
    const invokedAt = (free[client] ?? 0) + random();
    const effectAt = invokedAt + 5 * random();
    const returnedAt = effectAt + 5 * random();
    free[client] = returnedAt;
    const key = `k${String(Math.floor(KEYS * random()))}`;
    const drawn = random();
    const input: KeyValueInput =
      drawn < 0.5 ? { type: "get", key } : { type: drawn < 0.7 ? "append" : "put", key, value: `${String(number)};` };
    return { client, input, invokedAt, effectAt, returnedAt, isLost: random() < lostShare, happens: random() < 0.5 };
  });
  const old = new Map<string, string>();
  const outputs = new Map<object, KeyValueOutput>();
  for (const call of [...calls].sort((a, b) => a.effectAt - b.effectAt)) {
    const { input } = call;
    const value = values.get(input.key) ?? null;
    const isLate = call.invokedAt > 0.95 * Math.max(...free);
    if (input.type === "get")
      outputs.set(call, { type: "value", value: isWrong && isLate ? (old.get(input.key) ?? null) : value });
    else outputs.set(call, { type: "done" });
    if (call.isLost && !call.happens) continue;
    if (input.type === "put") values.set(input.key, input.value);
    if (input.type === "append") values.set(input.key, (value ?? "") + input.value);
    if (!isLate && call.invokedAt < 0.9 * Math.max(...free)) old.set(input.key, values.get(input.key) ?? "");
  }
  return calls.map((call) => ({
    clientId: call.client,
    input: call.input,
    output: call.isLost ? undefined : outputs.get(call),
    invokedAt: call.invokedAt,
    returnedAt: call.isLost ? null : call.returnedAt,
  }));
}

/** Numbers from 0 to 1, good enough to mix operations (the constants are those of Numerical Recipes). */
function linearCongruence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
