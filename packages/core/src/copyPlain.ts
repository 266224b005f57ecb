/** Copies plain data (objects, arrays, bytes, primitives) so that nothing of the original shows in the copy. */
export function copyPlain<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => copyPlain(item)) as T;
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) copy[name] = copyPlain(item as unknown);
  return copy as T;
}
