import type { MachineName, WorkloadCommand } from "@balsa/sim";
import { suggest } from "../suggest.js";
import { quote } from "../usageError.js";
import { splitWords, WordError } from "./words.js";

/** A line was no command of the run's machine. */
export class CommandError extends Error {
  readonly code = "BAD_COMMAND";
  override readonly name = "CommandError";
  /** What the line should have been. */
  readonly expected: string;

  constructor(found: string, expected: string, options?: ErrorOptions) {
    super(`${found}; expected ${expected}`, options);
    this.expected = expected;
  }
}

interface Verb {
  readonly machine: MachineName;
  readonly usage: string;
  readonly words: number;
  make(words: readonly string[]): WorkloadCommand;
}

/** A longer key is refused by the key-value machine. */
export const MAX_KEY_BYTES = 1_024;

const VERBS: Readonly<Record<string, Verb>> = {
  add: { machine: "counter", usage: "add N", words: 1, make: ([n]) => ({ type: "add", amount: amount(n) }) },
  put: {
    machine: "kv",
    usage: "put KEY VALUE",
    words: 2,
    make: ([k, value = ""]) => ({ type: "put", key: key(k), value }),
  },
  cas: {
    machine: "kv",
    usage: "cas KEY OLD NEW",
    words: 3,
    make: ([k, expected = "", value = ""]) => ({ type: "compareAndSet", key: key(k), expected, value }),
  },
  delete: { machine: "kv", usage: "delete KEY", words: 1, make: ([k]) => ({ type: "delete", key: key(k) }) },
  append: {
    machine: "kv",
    usage: "append KEY VALUE",
    words: 2,
    make: ([k, value = ""]) => ({ type: "append", key: key(k), value }),
  },
  get: { machine: "kv", usage: "get KEY", words: 1, make: ([k]) => ({ type: "get", key: key(k) }) },
};

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Reads one line as a command of `machine`. Null for a line that asks for nothing: an empty one, or a comment, whose
 * first character but spaces is `#`.
 * @throws CommandError
 */
export function parseCommand(line: Uint8Array, machine: MachineName): WorkloadCommand | null {
  const words = wordsOf(line, machine);
  const [name, ...parameters] = words;
  if (name === undefined) return null;
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) throw unknownVerb(name, machine);
  if (verb.machine !== machine) {
    throw new CommandError(
      `${quote(name)} is a command of the machine ${verb.machine}, and this run's is ${machine}`,
      `${usages(machine)} (or call with --machine ${verb.machine})`,
    );
  }
  if (parameters.length !== verb.words) {
    const hint =
      parameters.length > verb.words && machine === "kv" ? ' (put quotation marks around spaces: "a b")' : "";
    throw new CommandError(`${quote(name)} has ${count(parameters.length)} after it`, `${verb.usage}${hint}`);
  }
  return verb.make(parameters);
}

function wordsOf(line: Uint8Array, machine: MachineName): readonly string[] {
  let text: string;
  try {
    text = decoder.decode(line);
  } catch (cause) {
    throw new CommandError("it is not UTF-8", `${usages(machine)}, as UTF-8 text`, { cause });
  }
  if (/^[ \t]*#/.test(text)) return [];
  try {
    return splitWords(text);
  } catch (cause) {
    if (!(cause instanceof WordError)) throw cause;
    throw new CommandError(cause.message, 'words, or JSON strings such as "a b", with spaces between them', { cause });
  }
}

function unknownVerb(name: string, machine: MachineName): CommandError {
  const own = Object.keys(VERBS).filter((verb) => VERBS[verb]?.machine === machine);
  const near = suggest(name, own);
  const hint = near === null ? "" : ` (did you mean ${near}?)`;
  return new CommandError(`${quote(name)} is not a command${hint}`, usages(machine));
}

function usages(machine: MachineName): string {
  const own = Object.values(VERBS).filter((verb) => verb.machine === machine);
  return `${own.length > 1 ? "one of " : ""}${own.map((verb) => `"${verb.usage}"`).join(", ")}`;
}

function count(words: number): string {
  return words === 0 ? "nothing" : `${String(words)} word${words === 1 ? "" : "s"}`;
}

function amount(word = ""): number {
  const number = /^[+-]?\d+$/.test(word) ? Number(word) : NaN;
  if (!Number.isSafeInteger(number)) {
    throw new CommandError(`${quote(word)} can't be added`, "a whole number from -(2^53-1) to 2^53-1, such as: add 3");
  }
  return number === 0 ? 0 : number; // never -0, which the machine's encoding does not know
}

function key(word = ""): string {
  const bytes = encoder.encode(word).length;
  if (bytes > MAX_KEY_BYTES) {
    throw new CommandError(`the key has ${String(bytes)} bytes`, `a key of at most ${String(MAX_KEY_BYTES)} bytes`);
  }
  return word;
}
