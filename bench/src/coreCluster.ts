import { Raft, type Message } from "@balsa/core";

/** Cores wired together in memory: what they persist is durable at once, what they send arrives in order. */
export class CoreCluster {
  readonly leader: Raft;
  #now = 0;
  #queue: Message[] = [];
  readonly #nodes = new Map<string, Raft>();

  constructor(ids: readonly string[]) {
    let seed = 1;
    const random = (): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return seed / 0x8000_0000;
    };
    for (const id of ids) this.#nodes.set(id, Raft.create({ id, random, now: 0 }, ids));
    for (const node of this.#nodes.values()) this.#carryOut(node);
    this.leader = this.#elect();
  }

  /** Proposes on the leader, and has everybody apply it. */
  commit(commands: readonly Uint8Array[]): void {
    const result = this.leader.propose(this.#now, commands);
    if (!result.ok) throw new Error(`The leader refused: ${result.code}`);
    this.#carryOut(this.leader);
    this.#settle();
  }

  /** How far every member has applied the log. */
  get appliedEverywhere(): number {
    return Math.min(...[...this.#nodes.values()].map((node) => node.appliedIndex));
  }

  /** Lets the log go, as a snapshot of the state machine would. */
  compact(): void {
    for (const node of this.#nodes.values()) {
      const description = node.describeSnapshotAt(node.appliedIndex);
      node.snapshotTaken(this.#now, { ...description, sizeBytes: 0, checksum: 0 });
      this.#carryOut(node);
    }
  }

  #elect(): Raft {
    for (;;) {
      const nodes = [...this.#nodes.values()];
      const leader = nodes.find((node) => node.role === "leader");
      if (leader !== undefined) return leader;
      this.#now = Math.min(...nodes.map((node) => node.deadline));
      for (const node of nodes) {
        node.wake(this.#now);
        this.#carryOut(node);
      }
      this.#settle();
    }
  }

  #settle(): void {
    while (this.#queue.length > 0) {
      const messages = this.#queue;
      this.#queue = [];
      for (const message of messages) {
        const node = this.#nodes.get(message.to);
        if (node === undefined) throw new Error(`There is no ${message.to}`);
        node.receive(this.#now, message);
        this.#carryOut(node);
      }
    }
  }

  #carryOut(node: Raft): void {
    for (let effects = node.takeEffects(); effects !== null; effects = node.takeEffects()) {
      for (const message of effects.send) this.#queue.push(message);
      if (effects.persist !== null) node.persisted(this.#now, effects.persist.position);
      for (const message of effects.sendAfterPersist) this.#queue.push(message);
      const last = effects.apply[effects.apply.length - 1];
      if (last !== undefined) node.applied(this.#now, last.index);
    }
  }
}
