import type { Fields, Shape } from "./shape.js";

/** A JSON Schema (draft 2020-12) that accepts exactly what `mismatch` accepts. */
export function toJsonSchema(shape: Shape): Readonly<Record<string, unknown>> {
  switch (shape.is) {
    case "number":
      return { type: shape.whole ? "integer" : "number", minimum: shape.least, maximum: shape.most };
    case "text":
      return shape.pattern === null ? { type: "string" } : { type: "string", pattern: shape.pattern };
    case "flag":
      return { type: "boolean" };
    case "choice":
      return { enum: shape.values };
    case "list":
      return { type: "array", items: toJsonSchema(shape.of), minItems: shape.least, maxItems: shape.most };
    case "record":
      return {
        type: "object",
        properties: { ...properties(shape.required), ...properties(shape.optional) },
        required: Object.keys(shape.required),
        additionalProperties: false,
      };
    case "variant":
      return { oneOf: Object.values(shape.cases).map(toJsonSchema) };
    case "listOrRecord":
      return { oneOf: [toJsonSchema(shape.list), toJsonSchema(shape.record)] };
  }
}

function properties(fields: Fields): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).map(([name, shape]) => [name, toJsonSchema(shape)]));
}
