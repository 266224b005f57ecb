import type { NodeId } from "@balsa/core";
import { CoverageWatch } from "../coverage/coverageWatch.js";
import { Digest } from "../digest/digest.js";
import { FaultInjector } from "../faults/faultInjector.js";
import { FaultSchedule } from "../faults/faultSchedule.js";
import { FaultTally } from "../faults/faultTally.js";
import { LinkConditions } from "../faults/linkConditions.js";
import { MembershipOperator } from "../faults/membershipOperator.js";
import type { CheckName } from "../invariants/checks.js";
import { InvariantChecker } from "../invariants/invariantChecker.js";
import { SimulatedNetwork } from "../network/simulatedNetwork.js";
import { RandomStreams } from "../random/randomStreams.js";
import { ProgramHost } from "../program/programHost.js";
import { programKit } from "../program/programKit.js";
import type { SimulationReport, Violation } from "../report/report.js";
import { TimelineRecorder } from "../report/timelineRecorder.js";
import type { SimulationPhase } from "../report/traceEvent.js";
import type { Scenario } from "../scenario/scenario.js";
import { VirtualTime } from "../schedule/virtualTime.js";
import { ReferenceHistory } from "../workload/clientHistory.js";
import { ClientLedger } from "../workload/clientLedger.js";
import { InputClient } from "../workload/inputClient.js";
import { machineKit } from "../workload/machineKit.js";
import { ScriptedClients } from "../workload/scriptedClients.js";
import { DEFAULT_CLIENTS, WorkloadClient, type CommandBudget } from "../workload/workloadClient.js";
import { Cluster } from "./cluster.js";
import { buildReport } from "./buildReport.js";
import { breakForGood, chooseBroken, healNode, sendProbe } from "./livenessPhase.js";
import { networkObserver, wireRoundTrip } from "./networkObserver.js";
import type { RunLimit, RunState, Simulation, SimulationHooks } from "./simulation.js";
import { ProtocolVersions } from "./protocolVersions.js";
import type { WorldContext } from "./worldContext.js";
import { DEFAULT_OPTIONS } from "@balsa/core";
import { MAX_PROTOCOL_VERSION } from "@balsa/replica";

const SERVE_WITHIN_ELECTION_TIMEOUTS = 30;
const CATCH_UP_WITHIN_ELECTION_TIMEOUTS = 100;
/** Without a set end, a run in which nothing is answered for this long is stuck. */
const STUCK_AFTER_MS = 600_000;
/** How often it is looked whether all have caught up. */
const POLL_MS = 10;

/** One run of one scenario: the faults, then the proof that a majority alone can serve, then the return of the others. */
export class SimulationRun implements Simulation {
  readonly scenario: Scenario;
  readonly world: WorldContext;
  readonly cluster: Cluster;
  readonly ledger: ClientLedger;
  readonly violations: Violation[] = [];
  faultsEndedMs = 0;
  recoveredAfterMs: number | null = null;
  linearizable: boolean | "unknown" = "unknown";
  #phase: SimulationPhase = "faults";
  readonly #time = new VirtualTime();
  readonly #conditions: LinkConditions;
  readonly #operator: MembershipOperator;
  readonly #injector: FaultInjector;
  readonly #schedule: FaultSchedule;
  readonly #clients: WorkloadClient[] = [];
  #scripted: ScriptedClients | null = null;
  readonly #input: InputClient | null;
  readonly #program: ProgramHost | null;
  #started = false;
  #lastProgress = { answered: 0, timeMs: 0 };

  constructor(scenario: Scenario, hooks: SimulationHooks) {
    this.scenario = scenario;
    const time = this.#time;
    const { onTrace } = hooks;
    const checker = new InvariantChecker((check, node, message) => {
      this.#violate(check, node, message);
    });
    const digest = new Digest();
    const streams = new RandomStreams(scenario.seed);
    const trace: WorldContext["trace"] =
      onTrace === undefined
        ? null
        : (note) => {
            onTrace({ timeMs: time.now, step: time.eventsRun, ...note });
          };
    const versions = new ProtocolVersions(scenario.protocolVersion);
    const network = new SimulatedNetwork(time, streams, {
      observer: networkObserver(digest, checker, trace, hooks.coverage === undefined ? null : () => this.world.watch),
      roundTrip: (message, from, to) => wireRoundTrip(message, versions.common(from, to)),
      alwaysRoundTrip: (from, to) => versions.common(from, to) < MAX_PROTOCOL_VERSION,
    });
    const { program } = hooks;
    const kit = program === undefined ? machineKit(scenario.machine) : programKit(program);
    const tally = new FaultTally();
    this.world = {
      scenario,
      time,
      streams,
      digest,
      network,
      versions,
      checker,
      timeline: new TimelineRecorder(),
      tally,
      kit,
      takesInput: hooks.commands !== undefined,
      watch: null,
      trace,
      onRequest: hooks.onRequest ?? null,
      recorder: hooks.recorder ?? null,
    };
    this.cluster = new Cluster(this.world);
    if (hooks.coverage !== undefined) this.world.watch = new CoverageWatch(hooks.coverage, this.world, this.cluster);
    this.#conditions = new LinkConditions(network);
    this.#operator = new MembershipOperator(this.world, this.cluster);
    this.#injector = new FaultInjector(this.world, this.cluster, this.#conditions, this.#operator);
    this.#schedule = new FaultSchedule(scenario, time, (fault) => {
      this.#injector.inject(fault);
    });
    const source = hooks.commands;
    const history =
      source === undefined
        ? kit.newHistory()
        : new ReferenceHistory(kit.create(), (operation) => {
            return operation.type === "total" ? kit.encodeQuestion(operation) : kit.encodeCommand(operation);
          });
    this.ledger = new ClientLedger(history);
    this.#input =
      source === undefined ? null : new InputClient(this.world, this.cluster, this.#conditions, this.ledger, source);
    this.#program =
      program === undefined ? null : new ProgramHost(program, this.world, this.cluster, this.#conditions, this.ledger);
    if (this.#input === null && this.#program === null) this.#makeClients();
  }

  get timeMs(): number {
    return this.#time.now;
  }

  get steps(): number {
    return this.#time.eventsRun;
  }

  get phase(): SimulationPhase {
    return this.#phase;
  }

  get commandsSubmitted(): number {
    return this.ledger.commandsSubmitted;
  }

  get commandsCommitted(): number {
    return this.ledger.commandsCommitted;
  }

  get inputError(): string | null {
    return this.#input?.error ?? null;
  }

  run(limit: RunLimit = {}): RunState {
    const { maxSteps = Infinity, untilMs = Infinity } = limit;
    if (!this.#started) this.#start();
    const input = this.#input;
    if (this.#awaitsInput()) {
      input?.pull();
      if (this.#awaitsInput()) return "needsInput";
    }
    for (let taken = 0; !this.#isDone; taken += 1) {
      if (taken >= maxSteps || !this.#step(untilMs)) return "running";
      if (input !== null && this.#awaitsInput()) return "needsInput";
    }
    return "done";
  }

  get #isDone(): boolean {
    return this.#phase === "done";
  }

  report(): SimulationReport {
    return buildReport(this);
  }

  #awaitsInput(): boolean {
    return this.#phase === "faults" && (this.#input?.waiting ?? false);
  }

  /** False when nothing is due by then. */
  #step(untilMs: number): boolean {
    try {
      if (!this.#time.runNextBy(untilMs)) {
        if (this.#time.nextAt !== null) return false;
        throw new Error("nothing is left to happen, and the run has not ended");
      }
      this.world.digest.add(this.#time.now);
      this.cluster.observe();
    } catch (error) {
      if (this.violations.length === 0) this.#violate("noFailure", "world", describeError(error));
      if (!(error instanceof Error)) throw error;
    }
    return true;
  }

  #start(): void {
    this.#started = true;
    for (const node of this.cluster.nodes.values()) node.start();
    this.#schedule.start();
    for (const client of this.#clients) client.think();
    this.#scripted?.start();
    this.#input?.pull();
    this.#program?.start();
    const { durationMs } = this.scenario;
    if (durationMs === undefined) this.#pollWorkload();
    else {
      this.#time.schedule(durationMs, () => {
        this.#endFaults();
      });
    }
  }

  #makeClients(): void {
    const { workload } = this.scenario;
    const requests = workload?.requests;
    if (requests !== undefined) {
      this.#scripted = new ScriptedClients(this.world, this.cluster, this.#conditions, this.ledger, requests);
      return;
    }
    let left = workload?.commands ?? Infinity;
    const budget: CommandBudget = {
      take: () => {
        if (left <= 0) return false;
        left -= 1;
        return true;
      },
      get exhausted() {
        return left <= 0;
      },
    };
    for (let number = 1; number <= (workload?.clients ?? DEFAULT_CLIENTS); number += 1) {
      this.#clients.push(new WorkloadClient(this.world, this.cluster, this.#conditions, this.ledger, budget, number));
    }
  }

  /** Without a set duration the run proper ends when everything asked for is answered. */
  #pollWorkload(): void {
    const { commandsSubmitted, commandsCommitted, outcomesUnknown } = this.ledger;
    const allAsked =
      this.#input?.ended ?? this.#scripted?.allAsked ?? commandsSubmitted >= (this.scenario.workload?.commands ?? 0);
    if (allAsked && commandsCommitted + outcomesUnknown === commandsSubmitted) return this.#endFaults();
    if (commandsCommitted > this.#lastProgress.answered) {
      this.#lastProgress = { answered: commandsCommitted, timeMs: this.#time.now };
    } else if (this.#time.now - this.#lastProgress.timeMs > STUCK_AFTER_MS) {
      return this.#violate("liveness", "world", `no command was answered for ${STUCK_AFTER_MS} ms`);
    }
    this.#time.after(POLL_MS, () => {
      this.#pollWorkload();
    });
  }

  /** The faults are over. A majority is healed, all others are broken for good, and the cluster must serve. */
  #endFaults(): void {
    this.#schedule.stop();
    this.#injector.stop();
    this.#operator.stop();
    this.#input?.stop();
    for (const client of this.#clients) client.stop();
    this.#scripted?.stop();
    this.#program?.stop();
    this.faultsEndedMs = this.#time.now;
    const broken = chooseBroken(this.world, this.cluster);
    this.#enter("liveness", [...broken]);
    this.#conditions.healAll();
    const healed: NodeId[] = [];
    for (const node of this.cluster.nodes.values()) {
      if (broken.has(node.id)) continue;
      healNode(node);
      healed.push(node.id);
    }
    breakForGood(this.world, this.cluster, this.#conditions, broken);
    const target = this.world.streams.stream("liveness/target").pick(healed);
    sendProbe(this.world, this.cluster, this.#conditions, target, () => {
      if (this.recoveredAfterMs !== null || this.#phase !== "liveness") return;
      this.recoveredAfterMs = this.#time.now - this.faultsEndedMs;
      this.#recover();
    });
    const withinMs = this.#bound(this.scenario.liveness?.serveWithinMs, SERVE_WITHIN_ELECTION_TIMEOUTS);
    this.world.checker.counts.liveness += 1;
    this.#time.after(withinMs, () => {
      if (this.recoveredAfterMs !== null) return;
      const others = broken.size === 0 ? "" : `, with ${[...broken].join(", ")} broken for good`;
      this.#violate("liveness", "world", `no fresh command was committed within ${withinMs} ms of healing${others}`);
    });
  }

  /** Everybody comes back, and all must come to the same state. */
  #recover(): void {
    this.#enter("recovery");
    this.#conditions.healAll();
    for (const node of this.cluster.nodes.values()) healNode(node);
    this.world.checker.counts.liveness += 1;
    const withinMs = this.#bound(this.scenario.liveness?.catchUpWithinMs, CATCH_UP_WITHIN_ELECTION_TIMEOUTS);
    this.#pollCatchUp(this.#time.now + withinMs);
  }

  #pollCatchUp(deadlineMs: number): void {
    const missing = this.#stillMissing();
    if (missing === null) return this.#finish();
    if (this.#time.now >= deadlineMs) return this.#violate("liveness", "world", `with all healed, ${missing}`);
    this.#time.after(POLL_MS, () => {
      this.#pollCatchUp(deadlineMs);
    });
  }

  /** What keeps the run from its end, in words; null when nothing does. */
  #stillMissing(): string | null {
    const unscripted = this.#clients.reduce((sum, client) => sum + client.openCount, this.#input?.openCount ?? 0);
    const open = unscripted + (this.#scripted?.openCount ?? 0) + (this.#program?.openCount ?? 0);
    if (open > 0) return `${open} requests of clients have no answer`;
    const { configuration, lastIndex } = { configuration: this.cluster.configuration(), ...lastCommitted(this.world) };
    if (configuration.votersOutgoing.length > 0) return "a membership change has not ended";
    for (const id of [...configuration.voters, ...configuration.learners]) {
      const node = this.cluster.node(id);
      if (node === null || node.state === "lost") continue;
      const { replica } = node;
      if (replica === null) return `${id} does not run`;
      // A snapshot counts as installed when it is durable, and is applied once the state machine has been restored from it.
      const { raft, lastApplied } = replica;
      if (raft.commitIndex < lastIndex || lastApplied < lastIndex || raft.lastLogIndex > raft.commitIndex) {
        return `${id} has applied entries up to ${lastApplied} of ${lastIndex}`;
      }
    }
    return null;
  }

  #finish(): void {
    const { checker, digest } = this.world;
    this.#checkFinalStates();
    checker.counts.linearizability += 1;
    const { linearizable, explanation } = this.ledger.history.verdict();
    this.linearizable = linearizable;
    if (linearizable === false)
      this.#violate("linearizability", "world", explanation ?? "no order explains the answers");
    digest.add(this.ledger.commandsCommitted);
    if (this.#phase !== "done") this.#enter("done");
  }

  #checkFinalStates(): void {
    const { checker } = this.world;
    const { voters, learners } = this.cluster.configuration();
    const members = [...voters, ...learners].map((id) => this.cluster.node(id)?.machine ?? null);
    const machines = members.filter((machine) => machine !== null);
    const [first] = machines;
    if (first === undefined) return;
    const state = JSON.stringify(this.world.kit.stateOf(first.inner));
    for (const machine of machines) {
      checker.counts.finalStatesEqual += 1;
      if (machine.chain !== first.chain || JSON.stringify(this.world.kit.stateOf(machine.inner)) !== state) {
        this.#violate(
          "finalStatesEqual",
          "world",
          "members that have applied the same entries are in different states",
        );
        return;
      }
    }
  }

  #bound(givenMs: number | undefined, electionTimeouts: number): number {
    return givenMs ?? electionTimeouts * (this.scenario.raft?.electionTimeoutMs ?? DEFAULT_OPTIONS.electionTimeoutMs);
  }

  #enter(phase: SimulationPhase, broken: readonly NodeId[] = []): void {
    this.#phase = phase;
    this.world.digest.addText(phase);
    this.world.watch?.entered(phase, broken);
    this.world.trace?.({ what: "phase", node: "world", phase, broken });
  }

  /** The first violation ends the run; what follows from it would only confuse. */
  #violate(check: CheckName, node: string, message: string): void {
    if (this.violations.length > 0) return;
    this.violations.push({ check, step: this.steps, timeMs: this.timeMs, node, message });
    this.world.digest.addText(`${check} ${node} ${message}`);
    this.world.trace?.({ what: "violation", node, check, message });
    this.#enter("done");
  }
}

function lastCommitted(world: WorldContext): { readonly lastIndex: number } {
  return { lastIndex: world.checker.committed.lastIndex };
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
