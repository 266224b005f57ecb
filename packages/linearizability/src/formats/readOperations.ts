import type { Defined } from "../defined.js";
import type { Operation } from "../operation.js";
import { showDatum } from "./datum.js";
import type { Dialect } from "./dialects.js";
import type { EventPair } from "./historyEvent.js";
import { HistoryFormatError } from "./historyFormatError.js";
import type { WrittenOperation } from "./jsonLines.js";
import { fitsShape, nameOfShape, type FieldShape, type OperationKind } from "./operationKind.js";

export type AnyOperation = Operation<unknown, Defined>;
type Fields = Readonly<Record<string, unknown>>;

/** @throws HistoryFormatError where an input or output is not one of the model's. */
export function fromWritten(written: readonly WrittenOperation[], dialect: Dialect): readonly AnyOperation[] {
  return written.map(({ line, clientId, input, output, invokedAt, returnedAt }) => {
    const fields = asFields(input, line, "input");
    const kind = kindOf(fields["type"], dialect, line, true);
    checkFields(fields, kind.input, line, "input");
    let answer: Fields | undefined;
    if (output !== undefined) {
      answer = asFields(output, line, "output");
      if (kind.answerType !== null && answer["type"] !== kind.answerType) {
        throw wrong(line, `the output's type is ${showDatum(answer["type"])}`, JSON.stringify(kind.answerType));
      }
      checkFields(answer, kind.answer, line, "output");
    }
    return { clientId, input: fields, output: answer, invokedAt, returnedAt };
  });
}

/** @throws HistoryFormatError where what is done, or a value, is not one of the model's. */
export function fromEvents(pairs: readonly EventPair[], dialect: Dialect): readonly AnyOperation[] {
  const isKeyed = pairs.some(({ invocation }) => invocation.key !== undefined);
  const emptyIsAbsent = dialect.hasKeys === true && !pairs.some(storesEmptyText);
  return pairs.map(({ invocation, completion, invokedAt, returnedAt }) => {
    const { line, process, f, key } = invocation;
    const kind = kindOf(f, dialect, line, false);
    if (key === undefined && (isKeyed || dialect.hasKeys === true)) throw wrong(line, `${f} has no key`, "a key");
    const input: Record<string, unknown> = { type: kind.names[0], ...askedFields(invocation, kind) };
    if (dialect.hasOwner === true) input["owner"] = process;
    if (dialect.hasKeys === true) input["key"] = key;
    checkFields(input, kind.input, line, "value");
    return {
      clientId: process,
      input: isKeyed && dialect.hasKeys !== true ? { key, input } : input,
      output: completion === null ? undefined : answerOf(completion, kind, emptyIsAbsent),
      invokedAt,
      returnedAt,
    };
  });
}

/** Where nothing ever stores an empty text, one that is read stands for an absent key. */
function storesEmptyText({ invocation: { f, value } }: EventPair): boolean {
  return f !== "get" && f !== "read" && f !== "delete" && (value === "" || (Array.isArray(value) && value[1] === ""));
}

function askedFields({ line, f, value }: EventPair["invocation"], { asked }: OperationKind): Fields {
  if (asked === undefined) return {};
  if (typeof asked === "string") return { [asked]: value };
  if (!Array.isArray(value) || value.length !== 2) {
    throw wrong(line, `the value of ${f} is ${showDatum(value)}`, "a pair: what is expected, and what is to be set");
  }
  return { [asked[0]]: (value as unknown[])[0], [asked[1]]: (value as unknown[])[1] };
}

function answerOf({ line, value }: EventPair["invocation"], kind: OperationKind, emptyIsAbsent: boolean): Fields {
  const answer: Record<string, unknown> = kind.answerType === null ? {} : { type: kind.answerType };
  Object.assign(answer, kind.ok);
  if (kind.answered !== undefined) {
    const isAbsent = value === "" && emptyIsAbsent && kind.answer[kind.answered] === "textOrAbsent";
    answer[kind.answered] = isAbsent ? null : value;
  }
  checkFields(answer, kind.answer, line, "value");
  return answer;
}

function kindOf(name: unknown, dialect: Dialect, line: number, byTypeOnly: boolean): OperationKind {
  const namesOf = ({ names }: OperationKind): readonly string[] => (byTypeOnly ? names.slice(0, 1) : names);
  const kind = dialect.kinds.find((known) => typeof name === "string" && namesOf(known).includes(name));
  if (kind !== undefined) return kind;
  const expected = `one of ${dialect.kinds.flatMap(namesOf).join(", ")}, or another model`;
  throw wrong(line, `this model has no operation ${showDatum(name)}`, expected);
}

function asFields(value: unknown, line: number, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(line, `the ${what} is ${showDatum(value)}`, "an object");
}

function checkFields(fields: Fields, shapes: Readonly<Record<string, FieldShape>>, line: number, what: string): void {
  for (const [field, shape] of Object.entries(shapes)) {
    if (!Object.hasOwn(fields, field) || !fitsShape(shape, fields[field])) {
      throw wrong(line, `${field} of the ${what} is ${showDatum(fields[field])}`, nameOfShape(shape));
    }
  }
}

function wrong(line: number, problem: string, expected: string): HistoryFormatError {
  return new HistoryFormatError(line, problem, expected);
}
