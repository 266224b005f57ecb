/** A way to exchange nodes: `places[i]` is who takes the place of node `i`, and `masks[m]` what becomes of a set of them. */
export interface Permutation {
  readonly places: Int32Array;
  readonly masks: Int32Array;
}

/**
 * Every way to exchange nodes that are alike: founders among each other, and spares among each other. The first one
 * exchanges nobody; without symmetry there is no other.
 */
export function permutationsOf(founders: number, spares: number, symmetry: boolean): readonly Permutation[] {
  const all = founders + spares;
  const identity = Array.from({ length: all }, (_, place) => place);
  if (!symmetry) return [permutation(identity)];
  const orders = (from: number, to: number): number[][] => arrangements(identity.slice(from, to));
  return orders(0, founders).flatMap((first) =>
    orders(founders, all).map((second) => permutation([...first, ...second])),
  );
}

function arrangements(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => arrangements(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

function permutation(places: readonly number[]): Permutation {
  const masks = new Int32Array(1 << places.length);
  for (let mask = 0; mask < masks.length; mask += 1) {
    places.forEach((place, node) => {
      if ((mask >> node) & 1) masks[mask]! |= 1 << place;
    });
  }
  return { places: Int32Array.from(places), masks };
}

/** Not an exchange: of a node only `self` or not is left, and of a set of them how many they are. */
export function anonymous(self: number, nodes: number): Permutation {
  const places = new Int32Array(nodes).fill(1);
  places[self] = 0;
  const masks = new Int32Array(1 << nodes);
  for (let mask = 0; mask < masks.length; mask += 1) {
    let count = 0;
    for (let node = 0; node < nodes; node += 1) count += (mask >> node) & 1;
    masks[mask] = 2 * count + ((mask >> self) & 1);
  }
  return { places, masks };
}
