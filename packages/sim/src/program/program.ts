import type { Applied, Clock, OutcomeHandler, StateMachine } from "@balsa/replica";

/** A service that uses the simulated cluster, in place of the workload's clients, and with a state machine of its own. */
export interface Program {
  createMachine(): StateMachine;
  /** A command that any member takes and that changes nothing. */
  readonly harmless: Uint8Array;
  /** Called once, at the beginning of the world. */
  start(world: ProgramWorld): void;
  /** The faults are over: it asks for nothing new. The run ends when all that it has asked for has ended. */
  stop(): void;
}

export interface ProgramWorld {
  /** The time of the world, which nothing in it can know. For whoever checks what the program does. */
  readonly nowMs: number;
  /** Calls back after so long, outside of any process. */
  after(durationMs: number, callback: () => void): void;
  /** Numbers from 0 to below 1, the same in each run of a scenario. */
  random(purpose: string): () => number;
  newProcess(name: string): ProgramProcess;
}

/** One instance of the service: all that its code runs for comes through it, so that a pause stops all of it. */
export interface ProgramProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly client: ProgramClient;
  readonly isPaused: boolean;
  /** Local milliseconds that pass in one of the world's. */
  setClockRate(rate: number): void;
  pause(): void;
  /** Nothing that it asks for arrives, nor any answer, until it is connected again. */
  cutOff(): void;
  connect(): void;
  resume(): void;
  /** It dies. Nothing of it runs any more, and nobody hears of it. */
  kill(): void;
}

/** A session with the cluster, by the same code that programs outside of the simulator use. */
export interface ProgramClient {
  /** `done` is called once, soon after `timeoutMs` at the latest, unless the process dies. */
  propose(command: Uint8Array, timeoutMs: number, done: OutcomeHandler<Applied>): void;
  read(
    question: Uint8Array,
    consistency: "linearizable" | "stale",
    timeoutMs: number,
    done: OutcomeHandler<Uint8Array>,
  ): void;
}
