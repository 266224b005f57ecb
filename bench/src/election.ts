import { Raft, type Message, type Persist, type RaftSetup } from "@balsa/core";
import type { Figure } from "./figure.js";

const KILLS = 1_000;
const PATIENCE_MS = 60_000;

interface World {
  readonly members: number;
  /** A message takes so long, and a sync. */
  readonly latencyMs: () => number;
  readonly syncMs: () => number;
  readonly random: () => number;
}

/** In virtual time: from a leader's death to the first entry that the next leader commits. The draws are always the same. */
export function* benchmarkElection(): Generator<Figure> {
  for (const members of [3, 5]) {
    for (const [condition, usualMs] of [
      ["a quiet machine", 0.3],
      ["a busy machine", 3],
    ] as const) {
      const random = randomFrom(members);
      // One in ten is slow, as it is where other work takes the processor and the disk.
      const duration = () => usualMs * (0.5 + random()) * (random() < 0.9 ? 1 : 10);
      const gapsMs = killLeaders({ members, random, latencyMs: duration, syncMs: duration }).sort((a, b) => a - b);
      const at = (share: number): number => Math.round(gapsMs[Math.ceil(share * gapsMs.length) - 1] ?? NaN);
      const name = `election: leader of ${String(members)} dies, ${condition}`;
      yield { name: `${name}, median`, value: at(0.5), unit: "ms" };
      yield { name: `${name}, 99th percentile`, value: at(0.99), unit: "ms" };
      yield { name: `${name}, longest of ${String(KILLS)}`, value: at(1), unit: "ms" };
    }
  }
}

function killLeaders(world: World): number[] {
  const cluster = new VirtualCluster(world);
  cluster.runUntilLed();
  return Array.from({ length: KILLS }, () => {
    const killedAt = cluster.killLeader();
    cluster.runUntilLed();
    const gapMs = cluster.now - killedAt;
    cluster.restartAll();
    cluster.run(1_000 + 500 * world.random());
    return gapMs;
  });
}

type Due = { readonly at: number; readonly act: () => void };

/** Cores wired together in memory, with a network and disks that take their time. */
class VirtualCluster {
  now = 0;
  readonly #world: World;
  readonly #ids: readonly string[];
  readonly #up = new Map<string, Raft>();
  readonly #stored = new Map<string, Persist[]>();
  #due: Due[] = [];
  /** Until when each link and each disk is taken: messages and syncs come in order. */
  readonly #takenUntil = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    this.#ids = Array.from({ length: world.members }, (_, i) => String.fromCharCode(97 + i));
    for (const id of this.#ids) {
      this.#stored.set(id, []);
      this.#start(id, Raft.create(this.#setup(id), this.#ids));
    }
  }

  killLeader(): number {
    const { leader } = this;
    if (leader === null) throw new Error("Nobody leads.");
    this.#up.delete(leader.id);
    return this.now;
  }

  restartAll(): void {
    for (const id of this.#ids) {
      if (this.#up.has(id)) continue;
      const batches = this.#stored.get(id) ?? [];
      const entries: Persist["entries"][number][] = [];
      for (const batch of batches) {
        if (batch.truncateFrom > 0) entries.length = Math.min(entries.length, batch.truncateFrom - 1);
        entries.push(...batch.entries);
      }
      const hardState = batches[batches.length - 1]?.hardState ?? { term: 0, vote: null };
      this.#start(id, Raft.restore(this.#setup(id), { hardState, snapshot: null, baseIndex: 0, baseTerm: 0, entries }));
    }
  }

  /** Until a leader has committed an entry of its term. */
  runUntilLed(): void {
    const giveUpAt = this.now + PATIENCE_MS;
    while (!this.#isLed()) {
      if (this.now > giveUpAt) throw new Error("No leader was elected.");
      this.#step();
    }
  }

  run(ms: number): void {
    const until = this.now + ms;
    while (this.#nextAt() <= until) this.#step();
    this.now = until;
  }

  get leader(): Raft | null {
    let latest: Raft | null = null;
    for (const raft of this.#up.values()) {
      if (raft.role === "leader" && raft.term > (latest?.term ?? 0)) latest = raft;
    }
    return latest;
  }

  #isLed(): boolean {
    const { leader } = this;
    return leader !== null && leader.termAt(leader.commitIndex) === leader.term;
  }

  #setup(id: string): RaftSetup {
    return { id, random: this.#world.random, now: this.now };
  }

  #start(id: string, raft: Raft): void {
    this.#up.set(id, raft);
    this.#carryOut(raft);
  }

  #step(): void {
    const at = this.#nextAt();
    this.now = Math.max(this.now, at);
    const next = this.#due[0];
    if (next !== undefined && next.at <= at) {
      this.#due.shift();
      next.act();
      return;
    }
    for (const raft of this.#up.values()) {
      if (raft.deadline > at) continue;
      raft.wake(this.now);
      return this.#carryOut(raft);
    }
  }

  #nextAt(): number {
    let at = this.#due[0]?.at ?? Infinity;
    for (const raft of this.#up.values()) at = Math.min(at, raft.deadline);
    return at;
  }

  #after(ms: number, inOrderOf: string, act: () => void): void {
    const at = Math.max(this.now + ms, this.#takenUntil.get(inOrderOf) ?? 0);
    this.#takenUntil.set(inOrderOf, at);
    const behind = this.#due.findIndex((due) => due.at > at);
    this.#due.splice(behind < 0 ? this.#due.length : behind, 0, { at, act });
  }

  /** What a member that has died since was about to do does not happen. */
  #carryOut(raft: Raft): void {
    const isUp = (): boolean => this.#up.get(raft.id) === raft;
    for (let effects = raft.takeEffects(); effects !== null; effects = raft.takeEffects()) {
      const { persist, send, sendAfterPersist, apply } = effects;
      for (const message of send) this.#send(message);
      const last = apply[apply.length - 1];
      if (last !== undefined) raft.applied(this.now, last.index);
      this.#after(persist === null ? 0 : this.#world.syncMs(), raft.id, () => {
        if (!isUp()) return;
        if (persist !== null) {
          this.#stored.get(raft.id)?.push(persist);
          raft.persisted(this.now, persist.position);
        }
        for (const message of sendAfterPersist) this.#send(message);
        this.#carryOut(raft);
      });
    }
  }

  #send(message: Message): void {
    this.#after(this.#world.latencyMs(), `${message.from} ${message.to}`, () => {
      const raft = this.#up.get(message.to);
      if (raft === undefined) return;
      raft.receive(this.now, message);
      this.#carryOut(raft);
    });
  }
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
