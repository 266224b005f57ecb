import type { NodeId } from "@balsa/core";
import { NO_EFFECT, type LinkConditions, type LinkEffect } from "../faults/linkConditions.js";
import type { RandomStream } from "../random/randomStream.js";
import type { RandomStreams } from "../random/randomStreams.js";
import type { ScheduledEvent } from "../schedule/eventQueue.js";
import type { VirtualTime } from "../schedule/virtualTime.js";
import type { HostedNode } from "./hostedNode.js";
import type { HostFault } from "./hostsScenario.js";

const MEAN_DURATION_MS = 2_000;
/** Before power is lost disks lag, or hardly anything would ever be unsynced. */
const DISK_LAG_MS = 50;
const MAX_LOSS = 0.2;
const MAX_DRIFT = 0.03;

/** Strikes hosts, one after the other; what one host has lasts until its end, and others may have something meanwhile. */
export class HostFaults {
  readonly counts: Record<HostFault, number> = { crash: 0, powerLoss: 0, pause: 0, partition: 0, loss: 0, clock: 0 };
  readonly #time: VirtualTime;
  readonly #conditions: LinkConditions;
  readonly #nodes: ReadonlyMap<NodeId, HostedNode>;
  readonly #kinds: readonly HostFault[];
  readonly #everyMs: number;
  readonly #draw: RandomStream;
  readonly #due = new Set<ScheduledEvent>();

  constructor(
    time: VirtualTime,
    streams: RandomStreams,
    conditions: LinkConditions,
    nodes: ReadonlyMap<NodeId, HostedNode>,
    kinds: readonly HostFault[],
    everyMs: number,
  ) {
    this.#time = time;
    this.#conditions = conditions;
    this.#nodes = nodes;
    this.#kinds = kinds;
    this.#everyMs = everyMs;
    this.#draw = streams.stream("faults");
  }

  start(): void {
    if (this.#kinds.length > 0) this.#later(this.#draw.exponential(this.#everyMs), () => this.#strike());
  }

  /** Nothing new strikes, and what lasts is ended. */
  stop(): void {
    for (const event of this.#due) event.cancel();
    this.#due.clear();
    this.#conditions.healAll();
    for (const node of this.#nodes.values()) {
      node.disk.stall(0);
      node.clock.setRate(1);
      node.resume();
      node.start();
    }
  }

  #strike(): void {
    const kind = this.#draw.pick([...this.#kinds]);
    const node = this.#draw.pick([...this.#nodes.values()]);
    const durationMs = this.#draw.exponential(MEAN_DURATION_MS);
    const amount = this.#draw.float();
    if (node.isUp && !node.paused) {
      this.counts[kind] += 1;
      this.#begin(kind, node, durationMs, amount);
    }
    this.start();
  }

  #begin(kind: HostFault, node: HostedNode, durationMs: number, amount: number): void {
    switch (kind) {
      case "crash":
        node.crash(false);
        return this.#later(durationMs, () => node.start());
      case "powerLoss":
        node.disk.stall(DISK_LAG_MS);
        return this.#later(amount * DISK_LAG_MS, () => {
          node.crash(true);
          this.#later(durationMs, () => node.start());
        });
      case "pause":
        node.pause();
        return this.#later(durationMs, () => node.resume());
      case "partition":
        return this.#disturb({ cut: true, links: this.#linksOf(node.id, amount) }, durationMs);
      case "loss":
        return this.#disturb({ lossRate: amount * MAX_LOSS }, durationMs);
      case "clock":
        node.clock.setRate(1 + (2 * amount - 1) * MAX_DRIFT);
        return this.#later(durationMs, () => node.clock.setRate(1));
    }
  }

  #disturb(effect: Partial<LinkEffect>, durationMs: number): void {
    const whole = { ...NO_EFFECT, ...effect };
    this.#conditions.begin(whole);
    this.#later(durationMs, () => this.#conditions.end(whole));
  }

  /** Cut off from all or from one, both ways or one. */
  #linksOf(id: NodeId, amount: number): readonly (readonly [NodeId, NodeId])[] {
    const others = [...this.#nodes.keys()].filter((other) => other !== id);
    const cut = amount < 0.5 ? others : others.slice(0, 1);
    const both = Math.floor(amount * 4) % 2 === 0;
    return cut.flatMap((other): [NodeId, NodeId][] =>
      both
        ? [
            [id, other],
            [other, id],
          ]
        : [[id, other]],
    );
  }

  #later(delayMs: number, task: () => void): void {
    const event = this.#time.after(delayMs, () => {
      this.#due.delete(event);
      task();
    });
    this.#due.add(event);
  }
}
