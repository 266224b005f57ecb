import { changeConfiguration, type Configuration, type ConfigurationChange, type NodeId } from "@balsa/core";
import type { FaultCountName } from "../report/report.js";
import type { Cluster } from "../world/cluster.js";
import type { ClusterNode } from "../world/clusterNode.js";
import type { WorldContext } from "../world/worldContext.js";

const RETRY_MS = 150;
/** Without a leader it asks the next one soon, perhaps before that has committed anything. */
const LEADERLESS_RETRY_MS = 5;
const ATTEMPT_TIMEOUT_MS = 1_000;
const STEP_TIMEOUT_MS = 15_000;
/** A removed node goes on for so long, and must not disturb anybody. */
const RETIRE_AFTER_MS = 2_000;
const MAX_WAITING_TASKS = 3;
const MAX_VOTERS = 7;
const MAX_MEMBERS = 9;
/** A change must leave so many voters, or as many as there were at first. */
const FEWEST_VOTERS = 3;

/** A membership change of one or more steps; each is asked for until it is committed. */
interface Task {
  /** Worked out only when its turn comes; null: there is nothing to do. */
  begin(): readonly Step[] | null;
}

/** Told whom a change concerns, once that is decided and it begins. */
type OnBegun = (nodes: readonly NodeId[]) => void;

interface Step {
  readonly changes: readonly ConfigurationChange[];
  readonly counts: FaultCountName;
}

/** Whoever runs the cluster: adds, removes and replaces members, one change at a time, and never so that all is lost. */
export class MembershipOperator {
  readonly #world: WorldContext;
  readonly #cluster: Cluster;
  #tasks: Task[] = [];
  #busy = false;
  #stopped = false;
  #pending: Configuration | null = null;

  constructor(world: WorldContext, cluster: Cluster) {
    this.#world = world;
    this.#cluster = cluster;
  }

  /** The configuration that a change under way leads to. */
  get pending(): Configuration | null {
    return this.#pending;
  }

  /** No change begins or is asked for again from now on. */
  stop(): void {
    this.#stopped = true;
    this.#tasks = [];
    this.#pending = null;
  }

  addMember(begun: OnBegun): void {
    this.#queue(() => {
      const { voters, learners } = this.#cluster.configuration();
      if (voters.length + learners.length >= MAX_MEMBERS) return null;
      const { id } = this.#cluster.addFresh();
      begun([id]);
      return [{ changes: [{ type: "addLearner", id }], counts: "membersAdded" }];
    });
  }

  promote(begun: OnBegun): void {
    this.#queue(() => {
      const { voters, learners } = this.#cluster.configuration();
      const id = learners.find((learner) => this.#cluster.node(learner)?.state === "running");
      if (id === undefined || voters.length >= MAX_VOTERS) return null;
      begun([id]);
      return [{ changes: [{ type: "promote", id }], counts: "membersPromoted" }];
    });
  }

  demote(resolve: () => NodeId | null, begun: OnBegun): void {
    this.#queue(() => {
      const id = resolve();
      if (id === null || !this.#canDoWithout(id)) return null;
      begun([id]);
      return [{ changes: [{ type: "demote", id }], counts: "membersDemoted" }];
    });
  }

  remove(resolve: () => NodeId | null, begun: OnBegun): void {
    this.#queue(() => {
      const id = this.#lostMember() ?? this.#idleLearner() ?? resolve();
      if (id === null || !this.#canDoWithout(id)) return null;
      begun([id]);
      return [{ changes: [{ type: "remove", id }], counts: "membersRemoved" }];
    });
  }

  replace(resolve: () => NodeId | null, begun: OnBegun): void {
    this.#queue(() => {
      const old = this.#lostMember() ?? resolve();
      if (old === null || !this.#cluster.configuration().voters.includes(old)) return null;
      const { id } = this.#cluster.addFresh();
      begun([old, id]);
      const exchange: ConfigurationChange[] = [
        { type: "promote", id },
        { type: "remove", id: old },
      ];
      return [
        { changes: [{ type: "addLearner", id }], counts: "membersAdded" },
        { changes: exchange, counts: "membersReplaced" },
      ];
    });
  }

  transferLeadership(to: NodeId, begun: OnBegun): void {
    const leader = this.#cluster.leader();
    if (leader === null || leader.id === to) return;
    begun([to]);
    this.#world.tally.add("leadershipTransfers");
    leader.enter(() => {
      // Whatever comes of it: leadership moves, or stays.
      leader.replica?.transferLeadership(to, () => undefined);
    });
  }

  #queue(begin: Task["begin"]): void {
    if (this.#stopped || this.#tasks.length >= MAX_WAITING_TASKS) return;
    this.#tasks.push({ begin });
    this.#next();
  }

  #next(): void {
    if (this.#busy || this.#stopped) return;
    const task = this.#tasks.shift();
    if (task === undefined) return;
    const steps = task.begin();
    if (steps === null) return this.#next();
    this.#busy = true;
    this.#step(steps, 0);
  }

  #step(steps: readonly Step[], position: number): void {
    const step = steps[position];
    if (step === undefined || this.#stopped) {
      this.#busy = false;
      this.#pending = null;
      this.#next();
      return;
    }
    const change = new ChangeInProgress(this.#world, this.#cluster, step.changes, (target) => {
      if (this.#stopped) return false;
      this.#pending = target;
      return true;
    });
    change.start((committed) => {
      if (committed) {
        this.#world.tally.add(step.counts);
        this.#retireRemoved(step.changes);
        this.#step(steps, position + 1);
      } else {
        this.#retireUnused(steps);
        this.#step([], 0);
      }
    });
  }

  #retireRemoved(changes: readonly ConfigurationChange[]): void {
    for (const { type, id } of changes) {
      const node = this.#cluster.node(id);
      if (type === "remove" && node !== null) this.#retireLater(node);
    }
  }

  #retireUnused(steps: readonly Step[]): void {
    for (const { changes } of steps) {
      for (const { type, id } of changes) {
        const node = this.#cluster.node(id);
        if (type === "addLearner" && node !== null) this.#retireLater(node);
      }
    }
  }

  #retireLater(node: ClusterNode): void {
    this.#world.time.after(RETIRE_AFTER_MS, () => {
      const { voters, votersOutgoing, learners } = this.#cluster.configuration();
      if (voters.includes(node.id) || votersOutgoing.includes(node.id) || learners.includes(node.id)) return;
      this.#cluster.retire(node);
    });
  }

  #lostMember(): NodeId | null {
    const { voters, learners } = this.#cluster.configuration();
    return [...voters, ...learners].find((id) => this.#cluster.node(id)?.state === "lost") ?? null;
  }

  #idleLearner(): NodeId | null {
    const { learners } = this.#cluster.configuration();
    return learners.find((id) => this.#cluster.node(id)?.state !== "running") ?? null;
  }

  #canDoWithout(id: NodeId): boolean {
    const { voters } = this.#cluster.configuration();
    if (!voters.includes(id)) return true;
    return voters.length > Math.min(FEWEST_VOTERS, this.#world.scenario.nodes);
  }
}

/** One change, asked for of whoever leads until it is committed, or makes no sense any more, or takes too long. */
class ChangeInProgress {
  readonly #world: WorldContext;
  readonly #cluster: Cluster;
  readonly #changes: readonly ConfigurationChange[];
  readonly #mayAsk: (target: Configuration) => boolean;
  readonly #deadlineMs: number;
  #attempt = 0;
  #ended: (committed: boolean) => void = () => undefined;
  #over = false;

  constructor(
    world: WorldContext,
    cluster: Cluster,
    changes: readonly ConfigurationChange[],
    mayAsk: (target: Configuration) => boolean,
  ) {
    this.#world = world;
    this.#cluster = cluster;
    this.#changes = changes;
    this.#mayAsk = mayAsk;
    this.#deadlineMs = world.time.now + STEP_TIMEOUT_MS;
  }

  start(ended: (committed: boolean) => void): void {
    this.#ended = ended;
    this.#ask();
  }

  #end(committed: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#ended(committed);
  }

  #ask(): void {
    if (this.#over) return;
    if (this.#world.time.now > this.#deadlineMs) return this.#end(false);
    const leader = this.#cluster.leader();
    const raft = leader?.replica?.raft;
    if (leader === null || raft === undefined) return this.#againIn(LEADERLESS_RETRY_MS);
    if (raft.configuration.votersOutgoing.length > 0) return this.#againIn(RETRY_MS);
    if (this.#isDone(raft.configuration)) return this.#end(true);
    const next = changeConfiguration(raft.configuration, this.#changes);
    if (!next.ok) return this.#end(false);
    const affected = [...this.#cluster.configurations(), next.configuration];
    if (!this.#cluster.couldLose(affected, []) || !this.#mayAsk(next.configuration)) return this.#end(false);
    this.#againIn(ATTEMPT_TIMEOUT_MS);
    const attempt = this.#attempt;
    leader.enter(() => {
      leader.replica?.reconfigure(this.#changes, (outcome) => {
        if (!outcome.ok) this.#world.watch?.changeRefused(outcome.code);
        if (outcome.ok) this.#end(true);
        else if (attempt === this.#attempt) this.#againIn(RETRY_MS);
      });
    });
  }

  /** An attempt whose answer was lost may have succeeded. */
  #isDone(configuration: Configuration): boolean {
    const { voters, learners } = configuration;
    return this.#changes.every(({ type, id }) => {
      switch (type) {
        case "addLearner":
          return voters.includes(id) || learners.includes(id);
        case "promote":
          return voters.includes(id);
        case "demote":
          return learners.includes(id);
        case "remove":
          return !voters.includes(id) && !learners.includes(id);
      }
    });
  }

  #againIn(delayMs: number): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#world.time.after(delayMs, () => {
      if (attempt === this.#attempt) this.#ask();
    });
  }
}
