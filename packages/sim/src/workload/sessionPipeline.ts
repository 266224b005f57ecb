import type { Applied, Outcome, Refusal, RefusalCode, Replica } from "@balsa/replica";
import type { ScheduledEvent } from "../schedule/eventQueue.js";
import type { Cluster } from "../world/cluster.js";
import type { ClusterNode } from "../world/clusterNode.js";
import type { WorkloadCommand } from "../world/commandSource.js";
import type { ClientLedger } from "./clientLedger.js";
import { describeOperation } from "./machineKit.js";
import { RetryingRequest, turnTo, type ClientConnection } from "./retryingRequest.js";

/** Commands on their way at once: fewer than a session keeps results, so that no answer is forgotten before it is got. */
const WINDOW = 256;
/** And their bytes. */
const WINDOW_BYTES = 512 * 1_024;
/** Commands in one request. */
const BATCH = 64;
/** After a silence it is not known what got lost, so that only so many are sent until there is an answer. */
const PROBE_WINDOW = 16;
/** How often in a row one that says that it leads, and could not do it, is asked again. */
const MAX_STAYS = 16;
/** How long the oldest command may go without an answer; doubled with each time in a row, up to the request timeout. */
const RESEND_AFTER_MS = 100;
const HINTED_BACKOFF_MS = 4;
const BACKOFF_MIN_MS = 5;
const BACKOFF_SPREAD_MS = 20;

interface OpenCommand {
  readonly operation: WorkloadCommand;
  readonly bytes: Uint8Array;
  readonly historyId: number;
  readonly invokedAtMs: number;
  sequence: number;
  attempts: number;
  answered: boolean;
}

/** What one request asks for: commands of consecutive sequences, but for those that are answered. */
interface Batch {
  /** How often the client had begun again before: an older one's refusal says nothing of what is under way. */
  readonly round: number;
  readonly sessionId: number;
  readonly firstOpenSequence: number;
  readonly commands: readonly OpenCommand[];
}

/** What one response says: the commands of a batch that were applied, and why the first of the others was not. */
interface BatchAnswer {
  readonly batch: Batch;
  readonly applied: { readonly command: OpenCommand; readonly result: Uint8Array }[];
  refusal: Refusal | null;
}

/**
 * Sends commands of one session many at a time, in order. When one was lost or refused it goes back to the oldest that
 * has no answer, and sends from there on again: the session takes care that each takes effect once and in its turn.
 */
export class SessionPipeline {
  readonly #name = "client-0";
  readonly #connection: ClientConnection;
  readonly #cluster: Cluster;
  readonly #ledger: ClientLedger;
  readonly #onSettled: () => void;
  #sessionId: number | null = null;
  #registering = false;
  #nextSequence = 1;
  /** In the order of their sequences; the first is never answered. */
  #open: OpenCommand[] = [];
  #openBytes = 0;
  /** How many of `#open`, from the first on, were sent in this round. */
  #sent = 0;
  #round = 0;
  #window = WINDOW;
  #silences = 0;
  /** Refusals since the last answer, or since it last turned to another member. */
  #stays = 0;
  #timer: ScheduledEvent | null = null;

  /** @param onSettled told after each answer; is to submit more if there is room, and to call `flush` */
  constructor(connection: ClientConnection, cluster: Cluster, ledger: ClientLedger, onSettled: () => void) {
    this.#connection = connection;
    this.#cluster = cluster;
    this.#ledger = ledger;
    this.#onSettled = onSettled;
  }

  get openCount(): number {
    return this.#open.length;
  }

  get hasRoom(): boolean {
    return this.#open.length < WINDOW && this.#openBytes < WINDOW_BYTES;
  }

  /** Gives a command its place; `flush` sends it. */
  submit(operation: WorkloadCommand): void {
    const { world } = this.#connection;
    const command: OpenCommand = {
      operation,
      bytes: world.kit.encodeCommand(operation),
      historyId: this.#ledger.history.invoke(this.#name, operation),
      invokedAtMs: world.time.now,
      sequence: this.#nextSequence,
      attempts: 0,
      answered: false,
    };
    this.#nextSequence += 1;
    this.#ledger.commandsSubmitted += 1;
    this.#open.push(command);
    this.#openBytes += command.bytes.length;
    const { sequence } = command;
    world.trace?.({
      what: "clientCalled",
      node: this.#name,
      client: 0,
      operation: describeOperation(operation),
      sequence,
    });
  }

  /** Sends what was not sent yet, as far as the window reaches. */
  flush(): void {
    const sessionId = this.#sessionId;
    if (this.#open.length === 0) return;
    if (sessionId === null) return this.#register();
    const end = Math.min(this.#open.length, this.#window);
    while (this.#sent < end) {
      const taken = this.#open.slice(this.#sent, Math.min(end, this.#sent + BATCH));
      this.#sent += taken.length;
      this.#send(sessionId, taken);
    }
    if (this.#timer === null) this.#awaitAnswer();
  }

  #register(): void {
    if (this.#registering) return;
    this.#registering = true;
    const request = new RetryingRequest<{ sessionId: number }>(this.#connection, {
      perform: (replica, _node, done) => {
        replica.registerSession(done);
      },
      answered: ({ sessionId }) => {
        this.#registering = false;
        this.#sessionId = sessionId;
        this.flush();
      },
      isFinal: () => false,
      refused: () => undefined,
    });
    request.send();
  }

  #send(sessionId: number, taken: readonly OpenCommand[]): void {
    const { requests, target } = this.#connection;
    const commands = taken.filter(({ answered }) => !answered);
    const node = this.#cluster.node(target);
    if (commands.length === 0) return;
    for (const command of commands) command.attempts += 1;
    const firstOpenSequence = this.#open[0]?.sequence ?? 1;
    const batch: Batch = { round: this.#round, sessionId, firstOpenSequence, commands };
    requests.carry(() => {
      this.#arrive(batch, node);
    });
  }

  #arrive(batch: Batch, node: ClusterNode | null): void {
    if (node === null || node.state !== "running") {
      const refusal: Refusal = { ok: false, code: "STOPPED", leaderHint: null, message: "Nobody listens there." };
      this.#respond({ batch, applied: [], refusal });
      return;
    }
    node.enter(() => {
      if (node.replica !== null) this.#perform(batch, node, node.replica);
    });
  }

  /** Runs in the member's process. What becomes known in one step goes back in one response. */
  #perform(batch: Batch, node: ClusterNode, replica: Replica): void {
    const { time, checker } = this.#connection.world;
    const { sessionId, firstOpenSequence } = batch;
    let gathered: BatchAnswer | null = null;
    const gather = (): BatchAnswer => {
      if (gathered !== null) return gathered;
      const answer: BatchAnswer = { batch, applied: [], refusal: null };
      gathered = answer;
      time.soon(() => {
        gathered = null;
        this.#respond(answer);
      });
      return answer;
    };
    let isRefused = false;
    for (const command of batch.commands) {
      const session = { sessionId, sequence: command.sequence, firstOpenSequence };
      replica.propose(command.bytes, session, (outcome: Outcome<Applied>) => {
        if (outcome.ok) {
          checker.acknowledged(node.id, outcome.value.index, outcome.value.term);
          gather().applied.push({ command, result: outcome.value.result });
        } else {
          isRefused = true;
          gather().refusal ??= outcome;
        }
      });
      // Those behind it would be out of order.
      if (isRefused) return;
    }
  }

  #respond(answer: BatchAnswer): void {
    this.#connection.responses.carry(() => {
      this.#take(answer);
    });
  }

  #take({ batch, applied, refusal }: BatchAnswer): void {
    // One of an earlier session has been given up.
    if (batch.sessionId !== this.#sessionId) return;
    for (const { command, result } of applied) if (!command.answered) this.#answered(command, result);
    this.#dropAnswered();
    if (refusal !== null) this.#refused(batch, refusal);
    this.#onSettled();
  }

  #answered(command: OpenCommand, result: Uint8Array): void {
    const { world } = this.#connection;
    const latencyMs = world.time.now - command.invokedAtMs;
    command.answered = true;
    this.#ledger.history.complete(command.historyId, result);
    this.#ledger.commandAnswered(latencyMs);
    world.digest.addBytes(result);
    world.trace?.({
      what: "clientAnswered",
      node: this.#name,
      client: 0,
      operation: describeOperation(command.operation),
      sequence: command.sequence,
      answer: world.kit.describeResult(result),
      latencyMs,
      attempts: command.attempts,
    });
  }

  #dropAnswered(): void {
    let count = 0;
    for (let first = this.#open[0]; first?.answered === true; first = this.#open[count]) {
      this.#openBytes -= first.bytes.length;
      count += 1;
    }
    if (count === 0) return;
    this.#open.splice(0, count);
    this.#sent = Math.max(0, this.#sent - count);
    this.#silences = 0;
    this.#stays = 0;
    this.#window = WINDOW;
    this.#awaitAnswer();
  }

  #refused(batch: Batch, { code, leaderHint }: Refusal): void {
    if (code === "SESSION_EXPIRED" || code === "STALE_SEQUENCE" || code === "TOO_LARGE") return this.#giveUp(code);
    if (batch.round !== this.#round) return;
    const { backoff } = this.#connection;
    const isLeader = code === "OUT_OF_ORDER" || code === "OVERLOADED" || code === "UNKNOWN_OUTCOME";
    this.#stays += 1;
    if (!isLeader || this.#stays > MAX_STAYS) {
      this.#stays = 0;
      turnTo(this.#connection, isLeader ? null : leaderHint);
    }
    const drawn = backoff.float();
    const known = code === "OUT_OF_ORDER" || leaderHint !== null;
    this.#beginAgain(known ? drawn * HINTED_BACKOFF_MS : BACKOFF_MIN_MS + drawn * BACKOFF_SPREAD_MS);
  }

  /** Sends all that has no answer once more, after this while. */
  #beginAgain(afterMs: number): void {
    this.#round += 1;
    this.#sent = this.#open.length;
    this.#timer?.cancel();
    this.#timer = this.#connection.world.time.after(afterMs, () => {
      this.#timer = null;
      this.#sent = 0;
      this.flush();
    });
  }

  /** From now on the oldest command has this much time. */
  #awaitAnswer(): void {
    const { world, requestTimeoutMs } = this.#connection;
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#open.length === 0) return;
    const patienceMs = Math.min(requestTimeoutMs, RESEND_AFTER_MS * (1 << Math.min(this.#silences, 8)));
    this.#timer = world.time.after(patienceMs, () => {
      this.#silences += 1;
      this.#window = PROBE_WINDOW;
      // The first time a message may have got lost; the second time it is more likely that nobody is there.
      if (this.#silences > 1) turnTo(this.#connection, null);
      this.#beginAgain(0);
    });
  }

  /** The session or an answer is gone: what was sent may or may not have taken effect, and no longer can. */
  #giveUp(code: RefusalCode): void {
    const { world } = this.#connection;
    this.#sessionId = null;
    for (const { historyId, operation, answered } of this.#open) {
      if (answered) continue;
      this.#ledger.history.close(historyId);
      this.#ledger.outcomesUnknown += 1;
      const text = describeOperation(operation);
      world.trace?.({ what: "clientGaveUp", node: this.#name, client: 0, operation: text, reason: code });
    }
    this.#open = [];
    this.#openBytes = 0;
    this.#sent = 0;
    this.#round += 1;
    this.#nextSequence = 1;
    this.#timer?.cancel();
    this.#timer = null;
  }
}
