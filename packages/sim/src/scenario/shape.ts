/**
 * What a JSON value may look like. One table of these both checks documents, with errors that name the place, and
 * makes the published JSON Schema, so that the two can't drift apart.
 */
export type Shape =
  | { readonly is: "number"; readonly least: number; readonly most: number; readonly whole: boolean }
  | { readonly is: "text"; readonly pattern: string | null; readonly expected: string }
  | { readonly is: "flag" }
  | { readonly is: "choice"; readonly values: readonly (string | number)[] }
  | { readonly is: "list"; readonly of: Shape; readonly least: number; readonly most: number }
  | { readonly is: "record"; readonly required: Fields; readonly optional: Fields }
  /** Records told apart by the value of one field. */
  | { readonly is: "variant"; readonly field: string; readonly cases: Readonly<Record<string, Shape>> }
  | { readonly is: "listOrRecord"; readonly list: Shape; readonly record: Shape };

export type Fields = Readonly<Record<string, Shape>>;

/** Where a value is not what it should be. */
export interface Mismatch {
  /** Like `faults[3].rate`; empty for the document itself. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

export function number(least: number, most: number): Shape {
  return { is: "number", least, most, whole: false };
}

export function wholeNumber(least: number, most: number): Shape {
  return { is: "number", least, most, whole: true };
}

export function record(required: Fields, optional: Fields = {}): Shape {
  return { is: "record", required, optional };
}

export function list(of: Shape, least: number, most: number): Shape {
  return { is: "list", of, least, most };
}

/** The first place where `value` is not of this shape, or null. */
export function mismatch(value: unknown, shape: Shape, path = ""): Mismatch | null {
  switch (shape.is) {
    case "number":
      return isNumberWithin(value, shape) ? null : wrong(path, value, describe(shape));
    case "text":
      return typeof value === "string" && (shape.pattern === null || new RegExp(shape.pattern, "u").test(value))
        ? null
        : wrong(path, value, describe(shape));
    case "flag":
      return typeof value === "boolean" ? null : wrong(path, value, describe(shape));
    case "choice":
      return shape.values.some((choice) => choice === value) ? null : wrong(path, value, describe(shape));
    case "list":
      return listMismatch(value, shape, path);
    case "record":
      return recordMismatch(value, shape, path);
    case "variant":
      return variantMismatch(value, shape, path);
    case "listOrRecord":
      if (Array.isArray(value)) return mismatch(value, shape.list, path);
      return isRecord(value) ? mismatch(value, shape.record, path) : wrong(path, value, describe(shape));
  }
}

function isNumberWithin(value: unknown, shape: Shape & { is: "number" }): boolean {
  if (typeof value !== "number" || !(value >= shape.least && value <= shape.most)) return false;
  return !shape.whole || Number.isInteger(value);
}

function listMismatch(value: unknown, shape: Shape & { is: "list" }, path: string): Mismatch | null {
  if (!Array.isArray(value) || value.length < shape.least || value.length > shape.most) {
    return wrong(path, value, describe(shape));
  }
  for (const [index, item] of value.entries()) {
    const found = mismatch(item, shape.of, `${path}[${String(index)}]`);
    if (found !== null) return found;
  }
  return null;
}

function recordMismatch(value: unknown, shape: Shape & { is: "record" }, path: string): Mismatch | null {
  if (!isRecord(value)) return wrong(path, value, describe(shape));
  for (const [name, field] of Object.entries(shape.required)) {
    if (!Object.hasOwn(value, name)) {
      return { path: join(path, name), found: "nothing", expected: describe(field) };
    }
  }
  for (const [name, item] of Object.entries(value)) {
    const field = fieldOf(shape, name);
    if (field === null) {
      const known = [...Object.keys(shape.required), ...Object.keys(shape.optional)];
      return { path: join(path, name), found: "a field of this name", expected: `only ${known.join(", ")}` };
    }
    const found = mismatch(item, field, join(path, name));
    if (found !== null) return found;
  }
  return null;
}

function fieldOf(shape: Shape & { is: "record" }, name: string): Shape | null {
  if (Object.hasOwn(shape.required, name)) return shape.required[name] ?? null;
  return Object.hasOwn(shape.optional, name) ? (shape.optional[name] ?? null) : null;
}

function variantMismatch(value: unknown, shape: Shape & { is: "variant" }, path: string): Mismatch | null {
  if (!isRecord(value)) return wrong(path, value, describe(shape));
  const tag = value[shape.field];
  const names = Object.keys(shape.cases);
  const chosen = typeof tag === "string" && Object.hasOwn(shape.cases, tag) ? shape.cases[tag] : undefined;
  if (chosen === undefined) {
    return wrong(join(path, shape.field), tag, `one of ${names.join(", ")}`);
  }
  return mismatch(value, chosen, path);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function wrong(path: string, value: unknown, expected: string): Mismatch {
  return { path, found: describeValue(value), expected };
}

const SHOWN_CHARACTERS = 60;

function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${String(value.length)}`;
  if (isRecord(value)) return "an object";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function describe(shape: Shape): string {
  switch (shape.is) {
    case "number":
      return `a ${shape.whole ? "whole " : ""}number from ${String(shape.least)} to ${String(shape.most)}`;
    case "text":
      return shape.expected;
    case "flag":
      return "true or false";
    case "choice":
      return shape.values.length === 1
        ? JSON.stringify(shape.values[0])
        : `one of ${shape.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "list":
      return `a list of ${String(shape.least)} to ${String(shape.most)} items`;
    case "record":
    case "variant":
      return "an object";
    case "listOrRecord":
      return "a list or an object";
  }
}
