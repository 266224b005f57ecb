import type { Message } from "@balsa/core";
import type { Asked } from "./asked.js";
import { Schedule } from "./schedule.js";
import { TestNode, type NodeSetup } from "./testNode.js";

export interface WorldSetup extends Omit<NodeSetup, "id" | "founders"> {
  readonly founders?: readonly string[];
  /** Which of the founders are opened at once; default all. */
  readonly open?: readonly string[];
  readonly seed?: number;
}

export interface Sent {
  readonly at: number;
  readonly group: number;
  readonly message: Message;
}

export type Fate = "deliver" | "drop";

/** Replicas in virtual time, with disks and a network that do as the test says. One setup is one history. */
export class World {
  readonly schedule = new Schedule();
  readonly nodes = new Map<string, TestNode>();
  /** Everything that ever left a member. */
  readonly sent: Sent[] = [];
  fate: (message: Message) => Fate = () => "deliver";
  latencyMs = 1;
  readonly setup: WorldSetup;
  #seed: number;

  constructor(setup: WorldSetup = {}) {
    this.setup = setup;
    this.#seed = setup.seed ?? 1;
    const founders = setup.founders ?? ["a", "b", "c"];
    for (const id of founders) this.add(id, founders);
    for (const id of setup.open ?? founders) this.open(id);
  }

  get now(): number {
    return this.schedule.now;
  }

  add(id: string, founders: readonly string[] | null): TestNode {
    const { founders: _founders, open: _open, seed: _seed, ...rest } = this.setup;
    // Small files, for this disk copies one whole with every sync.
    const limits = { segmentBytes: 4096, ...rest.limits };
    const node = new TestNode(this.schedule, { ...rest, limits, id, founders }, this.#randomFor(id), (to, message) => {
      const body = message.message as Message; // no test of these forwards anything
      this.sent.push({ at: this.now, group: message.group, message: body });
      if (this.fate(body) === "drop") return;
      this.schedule.after(this.latencyMs, () => this.nodes.get(to)?.handler?.(message));
    });
    this.nodes.set(id, node);
    return node;
  }

  node(id: string): TestNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`there is no ${id}`);
    return node;
  }

  /** Opens a member, and waits until it is up or has refused. */
  open(id: string): TestNode {
    const node = this.node(id);
    node.open();
    this.until(() => node.replica !== null || node.openError !== null, 1000);
    return node;
  }

  crash(id: string): TestNode {
    const node = this.node(id);
    node.crash();
    return node;
  }

  restart(id: string): TestNode {
    this.crash(id);
    return this.open(id);
  }

  /** Stops a member, and waits until its files are closed. */
  stop(id: string): TestNode {
    const node = this.node(id);
    const stopping = node.stop();
    this.until(() => stopping.ended, 1000);
    if (stopping.error !== null) throw stopping.error;
    return node;
  }

  run(milliseconds: number): void {
    const end = this.now + milliseconds;
    let steps = 0;
    while (this.schedule.nextAt <= end) {
      this.schedule.step();
      if (++steps > 1_000_000) throw new Error("there is no end to what happens");
    }
    this.schedule.now = end;
  }

  /** Runs until something holds, and throws when it takes too long. */
  until(holds: () => boolean, limitMs = 5_000): void {
    const end = this.now + limitMs;
    let steps = 0;
    while (!holds()) {
      if (this.schedule.nextAt > end) throw new Error(`not within ${String(limitMs)} ms: ${holds.toString()}`);
      this.schedule.step();
      if (++steps > 1_000_000) throw new Error(`there is no end to waiting for ${holds.toString()}`);
    }
  }

  /** Waits for an answer and gives its verdict. */
  verdict(asked: Pick<Asked<never>, "isAnswered" | "verdict">, limitMs = 10_000): string {
    this.until(() => asked.isAnswered, limitMs);
    return asked.verdict as string;
  }

  answer<T>(asked: Asked<T>, limitMs = 10_000): T {
    this.until(() => asked.isAnswered, limitMs);
    return asked.value;
  }

  /** The member that leads the latest term and is ready for reads and proposals, once there is one. */
  leader(): TestNode {
    let found: TestNode | null = null;
    this.until(() => {
      found = null;
      for (const node of this.nodes.values()) {
        if (!node.isUp || node.up.raft.role !== "leader") continue;
        if (found === null || node.up.raft.term > found.up.raft.term) found = node;
      }
      return found !== null && found.up.raft.termAt(found.up.raft.commitIndex) === found.up.raft.term;
    });
    return found as unknown as TestNode;
  }

  /** Members that are up and don't lead. */
  followers(): TestNode[] {
    return [...this.nodes.values()].filter((node) => node.isUp && node.up.raft.role !== "leader");
  }

  /** Only members of the same part reach each other. */
  partition(...parts: readonly (readonly string[])[]): void {
    this.fate = ({ from, to }) => (parts.some((part) => part.includes(from) && part.includes(to)) ? "deliver" : "drop");
  }

  heal(): void {
    this.fate = () => "deliver";
  }

  /** Proposes one command after the other at the leader, each applied before the next. */
  fill(count: number, word = "x"): void {
    for (let i = 0; i < count; i++) this.answer(this.leader().propose(`${word}${String(i)}`));
  }

  /** Waits until all members that are up have applied as much as the leader. */
  settle(): void {
    const leader = this.leader();
    this.until(() =>
      [...this.nodes.values()].every((node) => !node.isUp || node.up.lastApplied === leader.up.raft.lastLogIndex),
    );
  }

  sentBy(id: string, type: Message["type"]): Message[] {
    return this.sent
      .filter(({ message }) => message.from === id && message.type === type)
      .map(({ message }) => message);
  }

  #randomFor(id: string): () => number {
    let state = (this.#seed * 0x9e3779b1 + id.charCodeAt(0) * 7919) >>> 0;
    return () => {
      // xorshift32
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      state >>>= 0;
      if (state === 0) state = 1;
      return state / 2 ** 32;
    };
  }
}
