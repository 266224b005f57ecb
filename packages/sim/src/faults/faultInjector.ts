import type { NodeId } from "@balsa/core";
import type { DiskPlace } from "../disk/simulatedDisk.js";
import type { FaultCountName } from "../report/report.js";
import type {
  MessageFault,
  NodeChoice,
  SlowLinkFault,
  TimedFault,
  UnsyncedFate,
  UpgradeFault,
} from "../scenario/timedFault.js";
import type { ScheduledEvent } from "../schedule/eventQueue.js";
import type { Cluster } from "../world/cluster.js";
import type { ClusterNode } from "../world/clusterNode.js";
import type { WorldContext } from "../world/worldContext.js";
import { chooseNode } from "./chooseNode.js";
import { describeFault } from "./describeFault.js";
import { NO_EFFECT, type LinkConditions, type LinkEffect } from "./linkConditions.js";
import type { MembershipOperator } from "./membershipOperator.js";

/** After a disk fault ends its last errors may still be under way to the replica. */
const LATE_ERRORS_MS = 5_000;
/** Before power is lost. */
const DISK_LAG_MS = 100;
const BUSY_WITHIN_MS = 200;
const BUSY_POLL_MS = 2;
/** Bit rot strikes only where many later records prove that what it hits was durable. */
const FEWEST_ENTRIES_FOR_BIT_ROT = 50;
const BIT_ROT_DRAWS = 16;

type Links = readonly (readonly [NodeId, NodeId])[];

/** Makes faults happen. One that would be unsound or can't be (nobody is there to crash) is left out. */
export class FaultInjector {
  readonly #world: WorldContext;
  readonly #cluster: Cluster;
  readonly #conditions: LinkConditions;
  readonly #operator: MembershipOperator;
  readonly #endings = new Set<ScheduledEvent>();

  constructor(world: WorldContext, cluster: Cluster, conditions: LinkConditions, operator: MembershipOperator) {
    this.#world = world;
    this.#cluster = cluster;
    this.#conditions = conditions;
    this.#operator = operator;
  }

  /** What still lasts doesn't end by itself any more; whoever heals the world does that. */
  stop(): void {
    for (const event of this.#endings) event.cancel();
    this.#endings.clear();
  }

  inject(fault: TimedFault): void {
    if ("whenBusy" in fault && fault.whenBusy) this.#injectWhenBusy(fault, this.#world.time.now + BUSY_WITHIN_MS);
    else this.#injectNow(fault);
  }

  #injectWhenBusy(fault: TimedFault, deadlineMs: number): void {
    const raft = this.#cluster.leader()?.replica?.raft;
    const isBusy = raft !== undefined && raft.lastLogIndex > raft.commitIndex;
    if (isBusy || this.#world.time.now >= deadlineMs) return this.#injectNow(fault);
    this.#later(BUSY_POLL_MS, () => {
      this.#injectWhenBusy(fault, deadlineMs);
    });
  }

  #injectNow(fault: TimedFault): void {
    switch (fault.kind) {
      case "loss":
      case "duplication":
      case "reordering":
      case "slowLink":
      case "partition":
      case "bridge":
        return this.#injectIntoNetwork(fault);
      case "crash":
        return this.#crash(fault, fault.unsynced ?? "keep", this.#choose(fault.node));
      case "clusterCrash":
        return this.#clusterCrash(fault, fault.unsynced ?? "keep");
      case "upgrade":
        return this.#upgrade(fault, this.#choose(fault.node));
      case "pause":
        return this.#onNode(fault, "pauses", fault.node, (node) => {
          node.pause();
          return () => {
            node.resume();
          };
        });
      case "clockSkew":
        return this.#onNode(fault, "clockSkews", fault.node, (node) => {
          node.clock.skew(fault.skewMs);
          return null;
        });
      case "clockDrift":
        return this.#onNode(fault, "clockDrifts", fault.node, (node) => {
          node.clock.setRate(fault.rate);
          return () => {
            node.clock.setRate(1);
          };
        });
      case "bitRot":
        return this.#rot(fault);
      case "diskError":
      case "fullDisk":
      case "slowDisk":
      case "diskStall":
        return this.#injectIntoDisk(fault);
      default:
        return this.#injectIntoMembership(fault);
    }
  }

  /** Who is meant, now. */
  #choose(choice: NodeChoice): ClusterNode | null {
    const id = this.#chooseId(choice);
    return id === null ? null : this.#cluster.node(id);
  }

  #chooseId(choice: NodeChoice): NodeId | null {
    return chooseNode(this.#cluster, choice);
  }

  #chooseAll(choices: readonly NodeChoice[]): ReadonlySet<NodeId> {
    return new Set(choices.map((choice) => this.#chooseId(choice)).filter((id) => id !== null));
  }

  #began(fault: TimedFault, count: FaultCountName | null, nodes: readonly NodeId[]): void {
    const { tally, time, trace, digest, watch } = this.#world;
    watch?.fault(fault, nodes);
    const description = describeFault(fault, nodes);
    if (count !== null) tally.add(count);
    const untilMs = "durationMs" in fault ? time.now + fault.durationMs : null;
    tally.list({ kind: fault.kind, atMs: time.now, untilMs, nodes, description });
    digest.addText(description);
    trace?.({ what: "faultBegan", node: nodes[0] ?? "world", fault: fault.kind, description });
  }

  #endLater(fault: TimedFault & { readonly durationMs: number }, nodes: readonly NodeId[], end: () => void): void {
    this.#later(fault.durationMs, () => {
      end();
      const description = describeFault(fault, nodes);
      this.#world.trace?.({ what: "faultEnded", node: nodes[0] ?? "world", fault: fault.kind, description });
    });
  }

  /** Unless all is stopped before. */
  #later(delayMs: number, task: () => void): void {
    const event = this.#world.time.after(delayMs, () => {
      this.#endings.delete(event);
      task();
    });
    this.#endings.add(event);
  }

  #onNode(
    fault: TimedFault,
    count: FaultCountName,
    choice: NodeChoice,
    begin: (node: ClusterNode) => (() => void) | null,
  ): void {
    const node = this.#choose(choice);
    if (node === null || node.state !== "running" || node.paused) return;
    this.#began(fault, count, [node.id]);
    const end = begin(node);
    if (end !== null && "durationMs" in fault) this.#endLater(fault, [node.id], end);
  }

  #crash(fault: TimedFault & { readonly durationMs: number }, unsynced: UnsyncedFate, node: ClusterNode | null): void {
    if (node === null || !canCrash(node)) return;
    this.#began(fault, "crashes", [node.id]);
    this.#losePower([node], unsynced, fault, [node.id]);
  }

  #upgrade(fault: UpgradeFault, node: ClusterNode | null): void {
    if (node === null || !canCrash(node)) return;
    this.#began(fault, "crashes", [node.id]);
    node.crash("keep");
    this.#world.versions.set(node.id, fault.version);
    this.#endLater(fault, [node.id], () => {
      node.start();
    });
  }

  #clusterCrash(fault: TimedFault & { readonly durationMs: number }, unsynced: UnsyncedFate): void {
    const nodes = [...this.#cluster.nodes.values()].filter(canCrash);
    if (nodes.length === 0) return;
    this.#began(fault, "clusterCrashes", []);
    this.#losePower(nodes, unsynced, fault, []);
  }

  /** Where unsynced writes are to be lost the disks lag first, or there would hardly ever be any. */
  #losePower(
    nodes: readonly ClusterNode[],
    unsynced: UnsyncedFate,
    fault: TimedFault & { readonly durationMs: number },
    named: readonly NodeId[],
  ): void {
    const crash = (): void => {
      for (const node of nodes) if (canCrash(node)) node.crash(unsynced);
      this.#endLater(fault, named, () => {
        for (const node of nodes) node.start();
      });
    };
    if (unsynced === "keep") return crash();
    this.#world.tally.add("lostWrites");
    for (const node of nodes) node.disk.stall(DISK_LAG_MS);
    this.#later(this.#world.streams.stream("faults/powerLoss").float() * DISK_LAG_MS, crash);
  }

  #rot(fault: TimedFault & { readonly kind: "bitRot" }): void {
    const node = this.#choose(fault.node);
    if (node === null || node.state !== "running" || node.record.lastIndex < FEWEST_ENTRIES_FOR_BIT_ROT) return;
    const { pending } = this.#operator;
    const affected = [...this.#cluster.configurations(), ...(pending === null ? [] : [pending])];
    if (node.rotten || !this.#cluster.couldLose(affected, [node.id])) return;
    node.crash("keep");
    // The first of some draws lies far before the last record, which alone could be taken for a torn one.
    const draws = Array.from({ length: BIT_ROT_DRAWS }, () =>
      node.disk.pickSyncedPlace((name) => name.startsWith("log-")),
    );
    const places = draws.filter((place) => place !== null).sort(byPlace);
    const [place] = places;
    if (place !== undefined) {
      this.#began(fault, "bitRot", [node.id]);
      node.rotten = true;
      node.excuse(Infinity);
      node.disk.flipBit(place.name, place.offset);
    }
    node.start();
  }

  #injectIntoDisk(fault: TimedFault & { readonly kind: "diskError" | "fullDisk" | "slowDisk" | "diskStall" }): void {
    const { durationMs } = fault;
    switch (fault.kind) {
      case "diskError": {
        const kind = this.#world.streams.stream("faults/diskError/kind").pick(["write", "sync"] as const);
        return this.#onNode(fault, "diskErrors", fault.node, (node) => {
          node.excuse(durationMs + LATE_ERRORS_MS);
          node.disk.failNext(kind);
          return () => {
            node.disk.failNext(kind, 0);
            node.start();
          };
        });
      }
      case "fullDisk":
        return this.#onNode(fault, "fullDisks", fault.node, (node) => {
          node.excuse(durationMs + LATE_ERRORS_MS);
          node.disk.fill();
          return () => {
            node.disk.makeRoom();
            node.start();
          };
        });
      case "slowDisk":
        return this.#onNode(fault, "slowDisks", fault.node, (node) => {
          node.disk.set({ syncMinMs: fault.syncMs, syncMeanMs: 2 * fault.syncMs });
          return () => {
            node.usualDiskSpeed();
          };
        });
      case "diskStall":
        return this.#onNode(fault, "diskStalls", fault.node, (node) => {
          node.disk.stall(durationMs);
          return null;
        });
    }
  }

  #injectIntoNetwork(
    fault: TimedFault & { readonly kind: "loss" | "duplication" | "reordering" | "slowLink" | "partition" | "bridge" },
  ): void {
    let effect: LinkEffect;
    let count: FaultCountName;
    let nodes: readonly NodeId[];
    if (fault.kind === "partition" || fault.kind === "bridge") {
      const side = this.#chooseAll(fault.side);
      const bridge = fault.kind === "bridge" ? this.#chooseId(fault.bridge) : null;
      const oneWay = fault.kind === "partition" && fault.oneWay === true;
      const links = this.#linksBetween(side, bridge, oneWay);
      if (links.length === 0) return;
      effect = { ...NO_EFFECT, cut: true, links };
      count = fault.kind === "bridge" ? "bridges" : oneWay ? "oneWayPartitions" : "partitions";
      nodes = bridge === null ? [...side] : [bridge, ...side];
    } else {
      const links = this.#linksOf(fault);
      effect = { ...NO_EFFECT, ...effectOf(fault), links };
      count = COUNTS[fault.kind];
      nodes = links === null ? [] : [...new Set(links.map(([from]) => from))];
    }
    this.#began(fault, count, nodes);
    this.#conditions.begin(effect);
    this.#endLater(fault, nodes, () => {
      this.#conditions.end(effect);
    });
  }

  #present(): NodeId[] {
    return [...this.#cluster.nodes.keys()];
  }

  /** From the others to the side and, unless one way only, back; the bridge belongs to neither. */
  #linksBetween(side: ReadonlySet<NodeId>, bridge: NodeId | null, oneWay: boolean): Links {
    const links: [NodeId, NodeId][] = [];
    for (const id of this.#present()) {
      if (side.has(id) || id === bridge) continue;
      for (const inside of side) {
        if (inside === bridge) continue;
        links.push([id, inside]);
        if (!oneWay) links.push([inside, id]);
      }
    }
    return links;
  }

  #linksOf(fault: MessageFault | SlowLinkFault): Links | null {
    if (fault.from === undefined && fault.to === undefined) return null;
    const from = fault.from === undefined ? null : this.#chooseId(fault.from);
    const to = fault.to === undefined ? null : this.#chooseId(fault.to);
    const present = this.#present();
    const froms = from === null ? present : [from];
    // Where both happen to be the same node, all its links are meant.
    const tos = to === null || to === from ? present : [to];
    return froms.flatMap((a) => tos.filter((b) => b !== a).map((b): [NodeId, NodeId] => [a, b]));
  }

  #injectIntoMembership(
    fault: TimedFault & {
      readonly kind: "addMember" | "promote" | "demote" | "removeMember" | "replaceMember" | "transferLeadership";
    },
  ): void {
    const began = (nodes: readonly NodeId[]): void => {
      this.#began(fault, null, nodes);
    };
    switch (fault.kind) {
      case "addMember":
        return this.#operator.addMember(began);
      case "promote":
        return this.#operator.promote(began);
      case "demote":
        return this.#operator.demote(() => this.#chooseId(fault.node), began);
      case "removeMember":
        return this.#operator.remove(() => this.#chooseId(fault.node), began);
      case "replaceMember":
        return this.#operator.replace(() => this.#chooseId(fault.node), began);
      case "transferLeadership": {
        const to = this.#chooseId(fault.to);
        if (to !== null) this.#operator.transferLeadership(to, began);
      }
    }
  }
}

function canCrash(node: ClusterNode): boolean {
  return node.state === "running" || node.state === "starting";
}

function byPlace(left: DiskPlace, right: DiskPlace): number {
  if (left.name !== right.name) return left.name < right.name ? -1 : 1;
  return left.offset - right.offset;
}

const COUNTS = {
  loss: "lossyNetworks",
  duplication: "duplicatingNetworks",
  reordering: "reorderingNetworks",
  slowLink: "slowLinks",
} as const;

function effectOf(fault: MessageFault | SlowLinkFault): Partial<LinkEffect> {
  switch (fault.kind) {
    case "loss":
      return { lossRate: fault.rate };
    case "duplication":
      return { duplicationRate: fault.rate };
    case "reordering":
      return { reorderRate: fault.rate };
    case "slowLink":
      return { extraDelayMs: fault.extraDelayMs };
  }
}
