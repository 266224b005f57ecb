/** Deeper data than this has no key; nobody's inputs are, and the stack is spared. */
const MAX_DEPTH = 32;

/**
 * Names plain data (primitives, arrays, plain objects) by its content, so that data with the same name has the same
 * content in the same order; undefined where there is anything else in it.
 */
export function structuralKey(value: unknown, depth = 0): string | undefined {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return `${String(value)}n`;
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      return value === null ? "null" : depth < MAX_DEPTH ? compositeKey(value, depth + 1) : undefined;
    default:
      return undefined;
  }
}

function compositeKey(value: object, depth: number): string | undefined {
  const parts: string[] = [];
  const isArray = Array.isArray(value);
  if (!isArray && !isPlain(value)) return undefined;
  for (const [name, item] of Object.entries(value)) {
    const key = structuralKey(item, depth);
    if (key === undefined) return undefined;
    parts.push(isArray ? key : `${JSON.stringify(name)}:${key}`);
  }
  // An array's length tells [,] and [] apart; entries leaves holes out.
  return isArray ? `[${value.length}|${parts.join(",")}]` : `{${parts.join(",")}}`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0;
}
