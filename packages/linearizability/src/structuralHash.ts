const MAX_DEPTH = 32;

/**
 * A hash of a value's content. Values that most people would call equal have the same one: the order of an object's
 * fields and of the elements of maps and sets does not matter. What lies deeper than 32 levels, and functions and
 * private fields, do not count.
 */
export function structuralHash(value: unknown, depth = 0): number {
  switch (typeof value) {
    case "string":
      return hashText(value);
    case "number":
      return Number.isInteger(value) ? mix(3, value) : hashText(String(value));
    case "object":
      if (value === null) return 1;
      return depth < MAX_DEPTH ? hashObject(value, depth + 1) : 2;
    case "function":
    case "symbol":
      return 2;
    default:
      return hashText(String(value));
  }
}

export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

export function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

function hashObject(value: object, depth: number): number {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    let hash = 5;
    for (const item of value as Iterable<unknown>) hash = mix(hash, structuralHash(item, depth));
    return hash;
  }
  let sum = 7;
  if (value instanceof Set) {
    for (const item of value) sum = (sum + mix(11, structuralHash(item, depth))) | 0;
  } else {
    const entries: Iterable<readonly [unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
    for (const [name, item] of entries) {
      sum = (sum + mix(structuralHash(name, depth), structuralHash(item, depth))) | 0;
    }
  }
  return sum;
}
