import type { NodeId } from "@balsa/core";
import {
  decodeKeyValueResult,
  encodeKeyValueCommand,
  encodeKeyValueQuestion,
  refusal,
  SessionPipeline,
  type Applied,
  type KeyValueCommand,
  type Outcome,
  type OutcomeHandler,
  type PipelineTransport,
  type Replica,
} from "@balsa/replica";
import { NodeClock } from "../../../src/clock/nodeClock.js";
import { NodeProcess } from "../../../src/schedule/nodeProcess.js";
import type { ClusterNode } from "../../../src/world/clusterNode.js";
import type { Activity } from "./activity.js";
import type { KeyValueLab } from "./keyValueLab.js";

const DELAY_MIN_MS = 0.2;
const DELAY_SPREAD_MS = 1.6;
/** A call to a server that can't be reached comes back, as failed, after anything up to this. */
const MAX_CUT_CALL_MS = 7_000;
/** And nobody waits for an answer for longer than this. */
const CALL_TIMEOUT_MS = 1_000;
const READ_BACKOFF_MS = 10;

/** What a server is asked, in its own process. */
type Call<T> = (replica: Replica, done: OutcomeHandler<T>, node: ClusterNode) => void;

function* outcomeOf<T>(begin: (done: OutcomeHandler<T>) => unknown): Activity<Outcome<T>> {
  let outcome: Outcome<T> | null = null;
  yield (resume) => {
    begin((given) => {
      outcome = given;
      resume();
    });
  };
  if (outcome === null) throw new Error("something was taken up before it had ended");
  return outcome;
}

/**
 * A client of the lab's key-value service. Its writes go through the library's own `SessionPipeline`, so each takes effect
 * once however often it is sent; its gets are linearizable reads beside the log, at whatever server it turns to, leader or
 * not. It gives nothing up. The lab's weather rules between it and the servers, too.
 *
 * A call that the network lost has failed at once, as in the lab; one to a server that is cut off after 0 to 7 s. Without
 * an answer for a second the clerk takes it for failed, too, and turns to the next server.
 */
export class Clerk {
  readonly name: string;
  readonly #lab: KeyValueLab;
  readonly #pipeline: SessionPipeline;
  /** Those who stand on this server's side of a partition are all that it reaches; null: it reaches every server. */
  #beside: number | null = null;
  #target: number;

  constructor(lab: KeyValueLab, number: number, beside: number | null = null) {
    this.name = `clerk-${number}`;
    this.#lab = lab;
    this.#beside = beside;
    this.#target = beside ?? number % lab.size;
    const clock = new NodeClock(lab.time).attach(new NodeProcess(this.name, lab.time));
    const random = lab.streams.stream(`lab/${this.name}`);
    this.#pipeline = new SessionPipeline({ transport: this.#transport(), clock, random: () => random.float() });
  }

  /** From now on it reaches all servers. */
  reachAll(): void {
    this.#beside = null;
  }

  put(key: string, value: string): Activity {
    return this.#write({ type: "put", key, value });
  }

  append(key: string, value: string): Activity {
    return this.#write({ type: "append", key, value });
  }

  /** Null where the key is absent. */
  *get(key: string): Activity<string | null> {
    const { history, checker } = this.#lab;
    const id = history.invoke(this.name, { type: "get", key });
    const question = encodeKeyValueQuestion({ type: "get", key });
    const call: Call<Uint8Array> = (replica, answered, node) => {
      const floor = checker.effects.most;
      replica.read(question, "linearizable", (outcome) => {
        if (outcome.ok) checker.effects.read(node.id, node.machine?.countAtLastQuery ?? 0, floor, false);
        answered(outcome);
      });
    };
    for (;;) {
      const outcome = yield* outcomeOf<Uint8Array>((done) => this.#call(call, done));
      if (outcome.ok) {
        history.complete(id, outcome.value);
        const result = decodeKeyValueResult(outcome.value);
        return result.type === "value" ? result.value : null;
      }
      this.#turnTo(outcome.leaderHint);
      yield READ_BACKOFF_MS;
    }
  }

  *#write(command: KeyValueCommand): Activity {
    const { history, checker } = this.#lab;
    const id = history.invoke(this.name, command);
    const bytes = encodeKeyValueCommand(command);
    const outcome = yield* outcomeOf<Applied>((done) => this.#pipeline.submit(bytes, Infinity, done));
    if (!outcome.ok) throw new Error(`${this.name} gave up a command: ${outcome.message}`);
    const { index, term, result } = outcome.value;
    checker.acknowledged(this.name, index, term);
    history.complete(id, result);
  }

  #transport(): PipelineTransport {
    return {
      register: (done) => this.#call((replica, answered) => replica.registerSession(answered), done),
      send: (command, session, done) => {
        this.#call((replica, answered) => replica.propose(command, session, answered), done);
      },
      closeSession: (sessionId, done) => {
        this.#call((replica, answered) => replica.closeSession(sessionId, answered), done);
      },
      turnTo: (leader) => this.#turnTo(leader),
    };
  }

  #turnTo(leader: NodeId | null): void {
    this.#target = leader === null ? (this.#target + 1) % this.#lab.size : this.#lab.serverOf(leader);
  }

  /** Asks the server that it has turned to. `done` is called once; without an answer it turns to another. */
  #call<T>(call: Call<T>, done: OutcomeHandler<T>): void {
    const lab = this.#lab;
    const server = this.#target;
    const node = lab.node(server);
    const timer = lab.time.after(CALL_TIMEOUT_MS, () => {
      if (this.#target === server) this.#turnTo(null);
      done(refusal("UNKNOWN_OUTCOME", null));
    });
    const settle = (outcome: Outcome<T>): void => {
      if (timer.task === null) return;
      timer.cancel();
      done(outcome);
    };
    const failLater = (): void => {
      lab.time.after(lab.chance.float() * MAX_CUT_CALL_MS, () => settle(refusal("UNKNOWN_OUTCOME", null)));
    };
    const lost = (): void => settle(refusal("UNKNOWN_OUTCOME", null));
    if (!this.#reaches(server)) return failLater();
    this.#carry(true, lost, () => {
      const { replica } = node;
      if (replica === null) return settle(refusal("STOPPED", null));
      node.enter(() => {
        call(
          replica,
          (outcome) => {
            if (this.#reaches(server)) this.#carry(false, lost, () => settle(outcome));
            else failLater();
          },
          node,
        );
      });
    });
  }

  #reaches(server: number): boolean {
    const lab = this.#lab;
    return lab.isConnected(server) && (this.#beside === null || lab.areJoined(this.#beside, server));
  }

  /** One way between client and server; `lost` is called where nothing arrives. */
  #carry(isRequest: boolean, lost: () => void, arrive: () => void): void {
    const { network, time, chance } = this.#lab;
    const fate = network.drawFate(isRequest);
    const delayMs = DELAY_MIN_MS + chance.float() * DELAY_SPREAD_MS + fate.delayMs;
    time.after(delayMs, fate.lost ? lost : arrive);
  }
}
