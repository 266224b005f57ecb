/**
 * Takes items out of a list for as long as the rest will do: all of them first, then halves, quarters and so on from the
 * front, and at last one by one, until no single one can go (Zeller and Hildebrandt's ddmin, by complements only).
 *
 * @param willDo tries a shorter list, and is asked about no other
 */
export function thinOut<T>(items: readonly T[], willDo: (rest: readonly T[]) => boolean): readonly T[] {
  let kept = items;
  let size = kept.length;
  while (size > 0) {
    const before = kept.length;
    kept = withoutChunks(kept, size, willDo);
    // What could not go alone may be able to once others are gone.
    if (size === 1 && kept.length < before) continue;
    size = size === 1 ? 0 : Math.min(Math.ceil(size / 2), Math.max(kept.length, 1));
  }
  return kept;
}

function withoutChunks<T>(items: readonly T[], size: number, willDo: (rest: readonly T[]) => boolean): readonly T[] {
  let kept = items;
  for (let start = 0; start < kept.length;) {
    const rest = [...kept.slice(0, start), ...kept.slice(start + size)];
    if (willDo(rest)) kept = rest;
    else start += size;
  }
  return kept;
}
