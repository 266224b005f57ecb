import type { NodeId } from "@balsa/core";
import type { Applied, OutcomeHandler, ProposeRouting, RefusalCode, SessionCommand } from "@balsa/replica";
import type { LinkConditions } from "../faults/linkConditions.js";
import type { WorkloadCommand } from "../world/commandSource.js";
import type { WorldContext } from "../world/worldContext.js";
import type { ClientCluster } from "./clientCluster.js";
import type { ClientLedger } from "./clientLedger.js";
import { describeOperation, type ClientOperation } from "./machineKit.js";
import { newConnection } from "./newConnection.js";
import { RetryingRequest, type ClientConnection } from "./retryingRequest.js";

/** How often a member that does not lead is asked to pass a request on. */
const DEFAULT_FORWARDING_SHARE = 0.3;

interface OpenCommand {
  readonly operation: WorkloadCommand;
  readonly bytes: Uint8Array;
  readonly historyId: number;
  readonly invokedAtMs: number;
  sequence: number;
  request: RetryingRequest<Applied> | null;
}

/**
 * A client with a session: it numbers its commands, sends each until it is answered, and never gives one up unless the
 * session is gone, for then nobody can tell whether it took effect.
 */
export class SessionClient {
  readonly number: number;
  readonly name: string;
  readonly connection: ClientConnection;
  readonly #world: WorldContext;
  readonly #ledger: ClientLedger;
  readonly #onSettled: () => void;
  #sessionId: number | null = null;
  #registering = false;
  #nextSequence = 1;
  /** In the order of their sequences. */
  #open: OpenCommand[] = [];

  constructor(
    world: WorldContext,
    cluster: ClientCluster,
    conditions: LinkConditions,
    ledger: ClientLedger,
    number: number,
    onSettled: () => void,
  ) {
    this.number = number;
    this.name = `client-${number}`;
    this.#world = world;
    this.#ledger = ledger;
    this.#onSettled = onSettled;
    this.connection = newConnection(world, cluster, conditions, number);
  }

  /** Commands and reads that have no answer yet. */
  get openCount(): number {
    return this.#open.length + this.#openReads;
  }

  #openReads = 0;

  /** Gives a command its place in the session; it is answered some time, in whatever way. */
  submit(operation: WorkloadCommand): void {
    const command: OpenCommand = {
      operation,
      bytes: this.#world.kit.encodeCommand(operation),
      historyId: this.#ledger.history.invoke(this.name, operation),
      invokedAtMs: this.#world.time.now,
      sequence: 0,
      request: null,
    };
    this.#ledger.commandsSubmitted += 1;
    this.#open.push(command);
    if (this.#sessionId === null) this.#register();
    else this.#begin(command, this.#sessionId);
  }

  /** Reads beside the log, at `target`. */
  read(operation: ClientOperation, target: NodeId, fromLease: boolean): void {
    const { world } = this.connection;
    const question = world.kit.encodeQuestion(operation);
    const historyId = this.#ledger.history.invoke(this.name, operation);
    const invokedAtMs = world.time.now;
    this.#openReads += 1;
    const connection = { ...this.connection, target };
    const request = new RetryingRequest<Uint8Array>(connection, {
      perform: (replica, node, done) => {
        const floor = world.checker.effects.most;
        const { machine } = node;
        world.watch?.readBegins(node.id, fromLease);
        replica.read(question, fromLease ? "lease" : "linearizable", (outcome) => {
          if (outcome.ok) world.checker.effects.read(node.id, machine?.countAtLastQuery ?? 0, floor, fromLease);
          done(outcome);
        });
      },
      answered: (result) => {
        this.#openReads -= 1;
        this.#ledger.history.complete(historyId, result);
        this.#ledger.readAnswered(world.time.now - invokedAtMs);
        this.#noteAnswer(operation, 0, result, invokedAtMs, request.attempts);
        world.digest.addBytes(result);
        this.#onSettled();
      },
      isFinal: () => false,
      refused: () => undefined,
    });
    this.#noteCall(operation, 0);
    request.send();
  }

  #register(): void {
    if (this.#registering) return;
    this.#registering = true;
    const request = new RetryingRequest<{ sessionId: number }>(this.connection, {
      perform: (replica, _node, done) => {
        replica.registerSession(done, this.#routing());
      },
      answered: ({ sessionId }) => {
        this.#registering = false;
        this.#sessionId = sessionId;
        this.#nextSequence = 1;
        for (const command of this.#open) this.#begin(command, sessionId);
      },
      isFinal: () => false,
      refused: () => undefined,
    });
    request.send();
  }

  #routing(): ProposeRouting {
    const share = this.#world.scenario.workload?.forwardingShare ?? DEFAULT_FORWARDING_SHARE;
    return { forward: this.connection.forwarding.chance(share) };
  }

  #begin(command: OpenCommand, sessionId: number): void {
    const { world } = this.connection;
    command.sequence = this.#nextSequence;
    this.#nextSequence += 1;
    const { sequence } = command;
    const request = new RetryingRequest<Applied>(this.connection, {
      perform: (replica, node, done) => {
        const session: SessionCommand = { sessionId, sequence, firstOpenSequence: this.#firstOpenSequence(sequence) };
        const acknowledge: OutcomeHandler<Applied> = (outcome) => {
          if (outcome.ok) {
            world.checker.acknowledged(node.id, outcome.value.index, outcome.value.term);
            if (outcome.value.duplicate) world.watch?.reach("repetitionAnsweredFromCache");
          }
          done(outcome);
        };
        replica.propose(command.bytes, session, acknowledge, this.#routing());
      },
      answered: ({ result }) => {
        this.#settle(command);
        this.#ledger.history.complete(command.historyId, result);
        this.#ledger.commandAnswered(world.time.now - command.invokedAtMs);
        this.#noteAnswer(command.operation, sequence, result, command.invokedAtMs, request.attempts);
        world.digest.addBytes(result);
        this.#onSettled();
      },
      isFinal: (code) => code === "SESSION_EXPIRED" || code === "STALE_SEQUENCE" || code === "TOO_LARGE",
      refused: (code) => {
        this.#refusedForGood(command, sessionId, code);
      },
    });
    command.request = request;
    this.#noteCall(command.operation, sequence);
    request.send();
  }

  /** All sequences below it are answered, and a copy that is late must not claim more than its own attempt knew. */
  #firstOpenSequence(sequence: number): number {
    return Math.min(sequence, this.#open[0]?.sequence ?? sequence);
  }

  #settle(command: OpenCommand): void {
    this.#open = this.#open.filter((other) => other !== command);
  }

  /** The session is gone: what was sent in it may or may not have taken effect, and no longer can. */
  #refusedForGood(command: OpenCommand, sessionId: number, code: RefusalCode): void {
    const given = code === "SESSION_EXPIRED" ? this.#open : [command];
    for (const each of given) {
      each.request?.abandon();
      this.#ledger.history.close(each.historyId);
      this.#ledger.outcomesUnknown += 1;
      const operation = describeOperation(each.operation);
      this.#world.trace?.({ what: "clientGaveUp", node: this.name, client: this.number, operation, reason: code });
    }
    this.#open = this.#open.filter((other) => !given.includes(other));
    if (code === "SESSION_EXPIRED" && this.#sessionId === sessionId) this.#sessionId = null;
    this.#onSettled();
  }

  #noteCall(operation: ClientOperation, sequence: number): void {
    const { trace } = this.#world;
    if (trace === null) return;
    const text = describeOperation(operation);
    trace({ what: "clientCalled", node: this.name, client: this.number, operation: text, sequence });
  }

  #noteAnswer(
    operation: ClientOperation,
    sequence: number,
    result: Uint8Array,
    sinceMs: number,
    attempts: number,
  ): void {
    const { trace, time, kit } = this.#world;
    trace?.({
      what: "clientAnswered",
      node: this.name,
      client: this.number,
      operation: describeOperation(operation),
      sequence,
      answer: kit.describeResult(result),
      latencyMs: time.now - sinceMs,
      attempts,
    });
  }
}
