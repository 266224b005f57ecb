import type { NodeId } from "@balsa/core";
import { DEFAULT_LINK_SETTINGS, type LinkSettings } from "../network/linkSettings.js";
import type { SimulatedNetwork } from "../network/simulatedNetwork.js";

/** The usual way of a message: one to a few milliseconds. */
const USUAL: LinkSettings = { ...DEFAULT_LINK_SETTINGS, delayMinMs: 0.5, delayMeanMs: 1.5 };

/** What a fault does to some links, for as long as it lasts. */
export interface LinkEffect {
  readonly cut: boolean;
  readonly lossRate: number;
  readonly duplicationRate: number;
  readonly reorderRate: number;
  readonly extraDelayMs: number;
  /** Null: every link, and those of the clients. */
  readonly links: readonly (readonly [from: NodeId, to: NodeId])[] | null;
}

export const NO_EFFECT: LinkEffect = {
  cut: false,
  lossRate: 0,
  duplicationRate: 0,
  reorderRate: 0,
  extraDelayMs: 0,
  links: null,
};

/** Faults of the network overlap; this works out what they come to on each link. */
export class LinkConditions {
  readonly #network: SimulatedNetwork;
  /** What is under way, with the links that each concerns by their ends. */
  readonly #effects = new Map<LinkEffect, ReadonlyMap<NodeId, ReadonlySet<NodeId>>>();
  #clientLossRate = 0;
  #clientDuplicationRate = 0;

  constructor(network: SimulatedNetwork) {
    this.#network = network;
    network.setDefaults(USUAL);
  }

  get clientLossRate(): number {
    return this.#clientLossRate;
  }

  get clientDuplicationRate(): number {
    return this.#clientDuplicationRate;
  }

  begin(effect: LinkEffect): void {
    this.#effects.set(effect, byEnds(effect.links ?? []));
    this.#changed(effect);
  }

  end(effect: LinkEffect): void {
    if (this.#effects.delete(effect)) this.#changed(effect);
  }

  /** Cuts a node off from all others, both ways, until all is healed. */
  isolate(id: NodeId, nodes: readonly NodeId[]): void {
    const others = nodes.filter((other) => other !== id);
    const links = others.flatMap((other): [NodeId, NodeId][] => [
      [id, other],
      [other, id],
    ]);
    this.begin({ ...NO_EFFECT, cut: true, links });
  }

  /** Ends everything that any fault does to any link. */
  healAll(): void {
    for (const effect of [...this.#effects.keys()]) this.end(effect);
  }

  #changed(effect: LinkEffect): void {
    if (effect.links === null) this.#applyToAll();
    else for (const [from, to] of effect.links) this.#applyTo(from, to);
  }

  /** Links with effects of their own get both: theirs and those of all. */
  #applyToAll(): void {
    const everywhere = this.#sum((effect) => effect.links === null);
    this.#clientLossRate = everywhere.lossProbability;
    this.#clientDuplicationRate = everywhere.duplicateProbability;
    this.#network.setDefaults(everywhere);
    for (const { links } of this.#effects.keys()) {
      if (links === null) continue;
      for (const [from, to] of links) this.#applyTo(from, to);
    }
  }

  #applyTo(from: NodeId, to: NodeId): void {
    let own = false;
    let cut = false;
    const concerns = (effect: LinkEffect): boolean => {
      if (effect.links === null) return true;
      const here = this.#effects.get(effect)?.get(from)?.has(to) ?? false;
      own ||= here;
      cut ||= here && effect.cut;
      return here;
    };
    const settings = this.#sum(concerns);
    this.#network.setLink(from, to, own ? settings : null);
    this.#network.setCut(from, to, cut);
  }

  #sum(concerns: (effect: LinkEffect) => boolean): LinkSettings {
    let arrives = 1;
    let once = 1;
    let inOrder = 1;
    let extraDelayMs = 0;
    for (const effect of this.#effects.keys()) {
      if (!concerns(effect)) continue;
      arrives *= 1 - effect.lossRate;
      once *= 1 - effect.duplicationRate;
      inOrder *= 1 - effect.reorderRate;
      extraDelayMs += effect.extraDelayMs;
    }
    return {
      ...USUAL,
      lossProbability: 1 - arrives,
      duplicateProbability: 1 - once,
      reorderProbability: 1 - inOrder,
      delayMinMs: USUAL.delayMinMs + extraDelayMs,
      delayMeanMs: USUAL.delayMeanMs + extraDelayMs,
    };
  }
}

function byEnds(links: NonNullable<LinkEffect["links"]>): Map<NodeId, Set<NodeId>> {
  const ends = new Map<NodeId, Set<NodeId>>();
  for (const [from, to] of links) {
    const known = ends.get(from);
    if (known === undefined) ends.set(from, new Set([to]));
    else known.add(to);
  }
  return ends;
}
