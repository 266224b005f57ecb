import type { Entry, Message, RaftOptions } from "@balsa/core";
import {
  Replica,
  type Applied,
  type GroupMessage,
  type ReplicaEvent,
  type ReplicaLimits,
  type ReplicaReadConsistency,
  type SessionCommand,
  type SessionOptions,
} from "../../../src/index.js";
import { Asked } from "./asked.js";
import { bytes, DiaryMachine, text } from "./diaryMachine.js";
import type { Schedule } from "./schedule.js";
import { TestDisk } from "./testDisk.js";

export interface NodeSetup {
  readonly id: string;
  readonly founders: readonly string[] | null;
  readonly group?: number;
  readonly raft?: Partial<RaftOptions>;
  readonly limits?: Partial<ReplicaLimits>;
  readonly sessions?: Partial<SessionOptions>;
}

type Handler = (message: GroupMessage) => void;

/** One machine: a disk that outlives the process, and the process that runs on it now. */
export class TestNode {
  readonly id: string;
  readonly disk: TestDisk;
  setup: NodeSetup;
  machine = new DiaryMachine();
  replica: Replica | null = null;
  /** Why the last opening failed. */
  openError: Error | null = null;
  events: ReplicaEvent[] = [];
  /** Called with each event, after it was noted. */
  onEvent: (event: ReplicaEvent) => void = () => undefined;
  /** Called in the call that hands the replica over. */
  onReplica: (replica: Replica) => void = () => undefined;
  /** Called before the process is opened, with its machine still empty. */
  prepare: (machine: DiaryMachine) => void = () => undefined;
  timersSet = 0;
  timersFired = 0;
  handler: Handler | null = null;
  readonly #schedule: Schedule;
  readonly #send: (to: string, message: GroupMessage) => void;
  readonly #random: () => number;
  #incarnation = 0;

  constructor(
    schedule: Schedule,
    setup: NodeSetup,
    random: () => number,
    send: (to: string, message: GroupMessage) => void,
  ) {
    this.id = setup.id;
    this.setup = setup;
    this.disk = new TestDisk(schedule);
    this.#schedule = schedule;
    this.#random = random;
    this.#send = send;
  }

  /** The process, which must be up. */
  get up(): Replica {
    if (this.replica === null) throw new Error(`${this.id} is not up: ${String(this.openError)}`);
    return this.replica;
  }

  get isUp(): boolean {
    return this.replica !== null && !this.replica.isStopped;
  }

  /** Why it stopped by itself; null where it did not. */
  get stopReason(): Error | null {
    for (const event of this.events) if (event.type === "stopped") return event.reason;
    return null;
  }

  get log(): readonly Entry[] {
    const { raft } = this.up;
    const entries: Entry[] = [];
    for (let index = raft.baseIndex + 1; index <= raft.lastLogIndex; index++)
      entries.push(raft.entryAt(index) as Entry);
    return entries;
  }

  /** Begins to open; the disk takes its time. */
  open(): void {
    const incarnation = ++this.#incarnation;
    const isAlive = (): boolean => incarnation === this.#incarnation;
    this.machine = new DiaryMachine();
    this.prepare(this.machine);
    this.replica = null;
    this.openError = null;
    this.events = [];
    Replica.open(
      {
        ...this.setup,
        disk: this.disk,
        stateMachine: this.machine,
        random: this.#random,
        clock: {
          now: () => this.#schedule.now,
          setTimer: (deadline, callback) => {
            this.timersSet++;
            const cancel = this.#schedule.after(deadline - this.#schedule.now, () => {
              if (!isAlive()) return;
              this.timersFired++;
              callback();
            });
            return { cancel };
          },
          soon: (callback) => {
            callback();
          },
        },
        network: {
          send: (to, message) => {
            if (isAlive()) this.#send(to, message);
          },
          onMessage: (handler) => {
            if (isAlive()) this.handler = handler;
          },
        },
        onEvent: (event) => {
          this.events.push(event);
          this.onEvent(event);
        },
      },
      (error, replica) => {
        if (this.replica !== null || this.openError !== null) throw new Error("opened twice");
        this.openError = error;
        this.replica = replica;
        if (replica !== null) this.onReplica(replica);
      },
    );
  }

  /** The machine loses power. */
  crash(): void {
    this.#incarnation++;
    this.handler = null;
    this.replica = null;
    this.disk.crash();
  }

  deliver(message: Message, group = 1): void {
    this.handler?.({ group, message });
  }

  propose(command: string, session: SessionCommand | null = null): Asked<Applied> {
    const asked = new Asked<Applied>();
    this.up.propose(bytes(command), session, asked.handler);
    return asked;
  }

  register(): Asked<{ readonly sessionId: number }> {
    const asked = new Asked<{ readonly sessionId: number }>();
    this.up.registerSession(asked.handler);
    return asked;
  }

  read(consistency: ReplicaReadConsistency = "linearizable"): Asked<string> {
    const asked = new Asked<string>();
    this.up.read(bytes(""), consistency, (outcome) => {
      asked.handler(outcome.ok ? { ok: true, value: text(outcome.value) } : outcome);
    });
    return asked;
  }

  reconfigure(...changes: Parameters<Replica["reconfigure"]>[0]): Asked<{ readonly index: number }> {
    const asked = new Asked<{ readonly index: number }>();
    this.up.reconfigure(changes, asked.handler);
    return asked;
  }

  transfer(to: string): Asked<null> {
    const asked = new Asked<null>();
    this.up.transferLeadership(to, asked.handler);
    return asked;
  }

  /** Asks the replica to stop; `ended` says when its files are closed. */
  stop(): { ended: boolean; error: Error | null } {
    const stopping: { ended: boolean; error: Error | null } = { ended: false, error: null };
    this.up.stop((error) => {
      if (stopping.ended) throw new Error("stopped twice");
      stopping.ended = true;
      stopping.error = error;
    });
    return stopping;
  }
}
