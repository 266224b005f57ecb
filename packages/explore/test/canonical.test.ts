import { describe, expect, test } from "vitest";
import { completeBounds } from "../src/bounds.js";
import { CanonicalHash } from "../src/search/canonicalHash.js";
import { permutationsOf, type Permutation } from "../src/state/permutations.js";
import { Successors } from "../src/state/successors.js";
import { hashTokens, Tokenizer } from "../src/state/tokens.js";
import { World } from "../src/state/world.js";

/** A world with a few thousand states behind it, and some of these. */
function livedIn(bounds: Parameters<typeof completeBounds>[0]): { world: World; states: Int32Array[] } {
  const world = new World(completeBounds(bounds));
  const states = [world.foundedState()];
  const visitor = { successor: (next: Int32Array) => void states.push(next.slice()), violated: () => undefined };
  const successors = new Successors(world, visitor, 3);
  for (let i = 0; i < 400; i += 1) successors.expand(states[i] as Int32Array, 0);
  return { world, states };
}

/** Plain data with other names for nodes; lists of names stay sorted, as the core keeps them. */
function renamed(value: unknown, names: readonly string[], places: Int32Array): unknown {
  if (typeof value === "string") return names[places[names.indexOf(value)] ?? -1] ?? value;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    const list = value.map((item: unknown) => renamed(item, names, places));
    return list.every((item) => typeof item === "string") ? list.sort() : list;
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, renamed(item, names, places)]));
}

const WORLDS = [
  { crashes: 1, commands: 1 },
  { nodes: 2, spares: 2, start: "led" as const, changes: 1 },
];

describe.each(WORLDS)("in the world %j", (bounds) => {
  const { world, states } = livedIn(bounds);
  const { names, permutations } = world;

  test("the hash under an exchange of nodes is that of the same thing with other names", () => {
    const tokenizer = new Tokenizer(names);
    for (const table of [world.members, world.messages, world.histories]) {
      for (let id = 0; id < table.size; id += 7) {
        for (const permutation of permutations) {
          const other = tokenizer.tokens(renamed(table.get(id), names, permutation.places));
          expect(hashTokens(table.tokensOf(id), permutation)).toEqual(
            hashTokens(other, permutations[0] as Permutation),
          );
        }
      }
    }
  });

  test("a state has one hash, whatever the names of its nodes", () => {
    const hash = new CanonicalHash(world);
    const hashOf = (state: Int32Array): string => {
      hash.take(state, 0);
      return `${hash.high}:${hash.low}`;
    };
    const { layout } = world;
    for (const state of states.slice(0, 300)) {
      for (const permutation of permutations) {
        const other = state.slice();
        const exchanged = <T>(value: T): T => renamed(value, names, permutation.places) as T;
        for (let node = 0; node < layout.nodes; node += 1) {
          const member = world.members.get(state[node] as number);
          other[permutation.places[node] as number] = world.members.intern(exchanged(member));
        }
        other[layout.history] = world.histories.intern(exchanged(world.histories.get(state[layout.history] as number)));
        for (let i = 0; i < (state[layout.messageCount] as number); i += 1) {
          const message = world.messages.get(state[layout.messages + i] as number);
          other[layout.messages + i] = world.messages.intern(exchanged(message));
        }
        expect(hashOf(other)).toBe(hashOf(state));
      }
    }
  });
});

test("different states have different hashes, but for who is who", () => {
  const { world, states } = livedIn({ crashes: 1, commands: 1, symmetry: false });
  const hash = new CanonicalHash(world);
  const seen = new Map<string, string>();
  for (const state of states) {
    hash.take(state, 0);
    const key = `${hash.high}:${hash.low}`;
    expect(seen.get(key) ?? state.join()).toBe(state.join());
    seen.set(key, state.join());
  }
});

test("founders are exchanged with founders, and spares with spares", () => {
  const places = permutationsOf(2, 2, true).map((permutation) => [...permutation.places]);
  expect(places).toEqual([
    [0, 1, 2, 3],
    [0, 1, 3, 2],
    [1, 0, 2, 3],
    [1, 0, 3, 2],
  ]);
  expect(permutationsOf(3, 0, false)).toHaveLength(1);
});
