import type { Entry } from "@balsa/core";

const SEED = 0x9e3779b9 | 0;

/** One step of a 32-bit hash (the mixing of MurmurHash3). */
export function mix(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  const rotated = hash ^ mixed;
  return (Math.imul((rotated << 13) | (rotated >>> 19), 5) + 0xe6546b64) | 0;
}

export function mixBytes(hash: number, bytes: Uint8Array): number {
  const length = bytes.length;
  let result = mix(hash, length);
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    result = mix(
      result,
      (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24),
    );
  }
  for (; at < length; at += 1) result = mix(result, bytes[at] as number);
  return result;
}

export function mixText(hash: number, text: string): number {
  let result = mix(hash, text.length);
  for (let at = 0; at < text.length; at += 1) result = mix(result, text.charCodeAt(at));
  return result;
}

/** Over all that an entry says. */
export function hashEntry(entry: Entry): number {
  let hash = mix(mix(mix(SEED, entry.index), entry.term), entry.kind.charCodeAt(0));
  const configuration = entry.configuration;
  if (configuration !== null) {
    const { voters, votersOutgoing, learners, learnersNext } = configuration;
    for (const list of [voters, votersOutgoing, learners, learnersNext]) {
      hash = mix(hash, list.length);
      for (const id of list) hash = mixText(hash, id);
    }
  }
  return mixBytes(hash, entry.data);
}
