/** What a field may hold. */
export type FieldShape =
  "value" | "scalar" | "text" | "textOrAbsent" | "number" | "total" | "flag" | "flagOrUnknown" | "scalars";

/** How a kind of operation is written: as fields of an input and an output, and as the value of an event. */
export interface OperationKind {
  /** The `type` of its input first, then other names that events have for it. */
  readonly names: readonly string[];
  readonly input: Readonly<Record<string, FieldShape>>;
  /** The `type` of its output; null where outputs have none. */
  readonly answerType: string | null;
  readonly answer: Readonly<Record<string, FieldShape>>;
  /** Which field of the input the value of the invocation is, or which two the pair is. */
  readonly asked?: string | readonly [string, string];
  /** Which field of the output the value of the completion is. */
  readonly answered?: string;
  /** What an output is besides when an event says `ok`. */
  readonly ok?: Readonly<Record<string, unknown>>;
}

const SHAPES: Readonly<Record<FieldShape, { readonly name: string; readonly fits: (value: unknown) => boolean }>> = {
  value: { name: "a string, a number or null", fits: (value) => value === null || isScalar(value) },
  scalar: { name: "a string or a number", fits: isScalar },
  text: { name: "a string", fits: (value) => typeof value === "string" },
  textOrAbsent: {
    name: "a string, or null for an absent key",
    fits: (value) => value === null || typeof value === "string",
  },
  number: { name: "a finite number", fits: Number.isFinite },
  total: {
    name: "a finite number, or null where it was not told",
    fits: (value) => value === null || Number.isFinite(value),
  },
  flag: { name: "true or false", fits: (value) => typeof value === "boolean" },
  flagOrUnknown: {
    name: "true, false, or null where it was not told",
    fits: (value) => value === null || typeof value === "boolean",
  },
  scalars: { name: "an array of strings and numbers", fits: (value) => Array.isArray(value) && value.every(isScalar) },
};

function isScalar(value: unknown): boolean {
  return typeof value === "string" || Number.isFinite(value);
}

export function fitsShape(shape: FieldShape, value: unknown): boolean {
  return SHAPES[shape].fits(value);
}

export function nameOfShape(shape: FieldShape): string {
  return SHAPES[shape].name;
}
