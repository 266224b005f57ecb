/** The element at an index that must exist. */
export function at<T>(array: readonly T[], index: number): T {
  if (index < 0 || index >= array.length) throw new RangeError(`index ${index} is outside of 0..${array.length - 1}`);
  return array[index] as T;
}

/** The same for typed arrays; a function of its own because the two shapes in one would slow both. */
export function intAt(array: Int32Array, index: number): number {
  const value = array[index];
  if (value === undefined) throw new RangeError(`index ${index} is outside of 0..${array.length - 1}`);
  return value;
}
