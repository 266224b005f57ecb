import {
  refusal,
  SessionPipeline,
  type Applied,
  type Clock,
  type Outcome,
  type OutcomeHandler,
  type Replica,
} from "@balsa/replica";
import type { NodeProcess } from "../schedule/nodeProcess.js";
import type { ClientLedger } from "../workload/clientLedger.js";
import { turnTo, type ClientConnection } from "../workload/retryingRequest.js";
import type { ProgramClient } from "./program.js";

const RETRY_MIN_MS = 5;
const RETRY_SPREAD_MS = 25;

/** What a program's process asks of the cluster, by way of channels that lose, delay and repeat. */
export class SimulatedProgramClient implements ProgramClient {
  readonly #connection: ClientConnection;
  readonly #process: NodeProcess;
  readonly #clock: Clock;
  readonly #ledger: ClientLedger;
  readonly #pipeline: SessionPipeline;
  /** Whatever comes to the way in between is lost. */
  isCutOff = false;
  #open = 0;

  constructor(connection: ClientConnection, process: NodeProcess, clock: Clock, ledger: ClientLedger) {
    this.#connection = connection;
    this.#process = process;
    this.#clock = clock;
    this.#ledger = ledger;
    this.#pipeline = new SessionPipeline({
      clock,
      random: () => connection.backoff.float(),
      transport: {
        register: (done) => this.#ask((replica, answer) => replica.registerSession(answer), done),
        send: (command, session, done) =>
          this.#ask((replica, answer) => replica.propose(command, session, answer), done),
        closeSession: (id, done) => this.#ask((replica, answer) => replica.closeSession(id, answer), done),
        turnTo: (leader) => turnTo(connection, leader),
      },
    });
  }

  /** What has not ended. Nobody waits for what a dead process has asked. */
  get openCount(): number {
    return this.#process.alive ? this.#open : 0;
  }

  propose(command: Uint8Array, timeoutMs: number, done: OutcomeHandler<Applied>): void {
    const beganAt = this.#connection.world.time.now;
    this.#ledger.commandsSubmitted += 1;
    this.#open += 1;
    this.#pipeline.submit(command, this.#clock.now() + timeoutMs, (outcome) => {
      this.#open -= 1;
      if (outcome.ok) this.#ledger.commandAnswered(this.#connection.world.time.now - beganAt);
      else this.#ledger.outcomesUnknown += 1;
      done(outcome);
    });
  }

  read(
    question: Uint8Array,
    consistency: "linearizable" | "stale",
    timeoutMs: number,
    done: OutcomeHandler<Uint8Array>,
  ): void {
    const deadline = this.#clock.now() + timeoutMs;
    const { world, backoff } = this.#connection;
    const beganAt = world.time.now;
    this.#open += 1;
    const attempt = (): void => {
      this.#ask<Uint8Array>(
        (replica, answer) => replica.read(question, consistency, answer),
        (outcome) => {
          if (!outcome.ok && this.#clock.now() < deadline) {
            turnTo(this.#connection, outcome.leaderHint);
            this.#clock.setTimer(this.#clock.now() + RETRY_MIN_MS + backoff.float() * RETRY_SPREAD_MS, attempt);
            return;
          }
          this.#open -= 1;
          if (outcome.ok) this.#ledger.readAnswered(world.time.now - beganAt);
          done(outcome);
        },
      );
    };
    attempt();
  }

  /** Asks the member that it has turned to, once. */
  #ask<T>(perform: (replica: Replica, answer: OutcomeHandler<T>) => void, done: OutcomeHandler<T>): void {
    const { cluster, requests, responses, requestTimeoutMs, target } = this.#connection;
    let isOver = false;
    const end = (outcome: Outcome<T>): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      done(outcome);
    };
    const timer = this.#clock.setTimer(this.#clock.now() + requestTimeoutMs, () =>
      end(refusal("UNKNOWN_OUTCOME", null)),
    );
    const respond = (outcome: Outcome<T>): void => {
      responses.carry(() => {
        if (!this.isCutOff) this.#process.enter(() => end(outcome));
      });
    };
    requests.carry(() => {
      if (this.isCutOff) return;
      const node = cluster.node(target);
      if (node === null || node.state !== "running") return respond(refusal("NOT_REACHED", null));
      node.enter(() => {
        if (node.replica !== null) perform(node.replica, respond);
      });
    });
  }
}
