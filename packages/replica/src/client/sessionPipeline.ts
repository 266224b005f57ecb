import { invariant, type NodeId } from "@balsa/core";
import type { Clock, Timer } from "../clock.js";
import type { Applied, Outcome, OutcomeHandler, Refusal, SessionCommand } from "../outcome.js";
import { refusal } from "../replica/refusal.js";
import { PipelinedCommand } from "./pipelinedCommand.js";

/** How requests get to a member. Each `done` is called once, in bounded time. */
export interface PipelineTransport {
  register(done: OutcomeHandler<{ readonly sessionId: number }>): void;
  send(command: Uint8Array, session: SessionCommand, done: OutcomeHandler<Applied>): void;
  closeSession(sessionId: number, done: OutcomeHandler<null>): void;
  /** The member asked before does not lead: ask this one, or if it is null some other. */
  turnTo(leader: NodeId | null): void;
}

export interface SessionPipelineOptions {
  readonly transport: PipelineTransport;
  readonly clock: Clock;
  /** Gives numbers from 0 to below 1. */
  readonly random: () => number;
  /** Commands on their way at once; at most as many as a session keeps results of. Default 1,024. */
  readonly window?: number;
  /** And their bytes. Default 4 MiB. */
  readonly windowBytes?: number;
  /** Commands that have not ended, before more are refused. Default 16,384. */
  readonly maxOpen?: number;
  /** How long the oldest command goes without an answer before all is sent again; doubled each time in a row. Default 500. */
  readonly resendAfterMs?: number;
}

/** After a silence it is not known what got lost, so that only so many are sent until there is an answer. */
const PROBE_WINDOW = 16;
const HINTED_BACKOFF_MS = 5;
const BACKOFF_MIN_MS = 5;
const BACKOFF_SPREAD_MS = 45;
const MAX_DOUBLINGS = 4;
/**
 * How often in a row a member is asked again that could not do it, though it says that it leads: without check-quorum one
 * that is cut off never learns that another leads.
 */
const MAX_STAYS = 16;

/**
 * Sends the commands of one client as one session, many at a time and in order, and has each take effect exactly once.
 * When one was lost or refused it goes back to the oldest that has no answer, and sends from there on again.
 *
 * A command ends with its result; with a refusal when it surely had no effect; or as `UNKNOWN_OUTCOME` when its time is
 * over, or its session is gone, and an attempt has left that open. One that is given up by its caller but may be under
 * way keeps its place, for those behind it can only take effect after it.
 */
export class SessionPipeline {
  readonly #transport: PipelineTransport;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #maxWindow: number;
  readonly #windowBytes: number;
  readonly #maxOpen: number;
  readonly #resendAfterMs: number;
  #sessionId: number | null = null;
  #registering = false;
  /** The session is gone: no more is sent before every attempt has ended. */
  #expiring = false;
  #nextSequence = 1;
  /** In the order of submission, and so of their sequences. */
  #open: PipelinedCommand[] = [];
  /** How many of `#open`, from the first on, were sent in this round. */
  #sent = 0;
  #sentBytes = 0;
  #round = 0;
  #window: number;
  #silences = 0;
  /** Refusals since the last answer, or since it last turned to another member. */
  #stays = 0;
  /** Nothing is sent before `#pauseUntil`, and then all is: it ends by a flush alone, never by time merely going by. */
  #isPaused = false;
  #pauseUntil = 0;
  #flushIsDue = false;
  #timer: { readonly at: number; readonly timer: Timer } | null = null;
  #lastAnswerAt = 0;
  #closing: (() => void) | null = null;
  #isClosed = false;

  constructor(options: SessionPipelineOptions) {
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#maxWindow = options.window ?? 1_024;
    this.#window = this.#maxWindow;
    this.#windowBytes = options.windowBytes ?? 4 * 1024 * 1024;
    this.#maxOpen = options.maxOpen ?? 16_384;
    this.#resendAfterMs = options.resendAfterMs ?? 500;
  }

  /** Commands that have not ended. */
  get openCount(): number {
    this.#dropAnswered();
    return this.#open.length;
  }

  /** Takes a command. `done` is called once, soon after `deadline` at the latest. */
  submit(bytes: Uint8Array, deadline: number, done: OutcomeHandler<Applied>): PipelinedCommand {
    const command = new PipelinedCommand(bytes, deadline, done);
    if (this.#open.length >= this.#maxOpen) this.#dropAnswered();
    if (this.#isClosed || this.#closing !== null) {
      command.end(refusal("STOPPED", null));
    } else if (this.#open.length >= this.#maxOpen) {
      command.end(refusal("OVERLOADED", null));
    } else {
      if (this.#open.length === this.#sent) this.#lastAnswerAt = Math.max(this.#lastAnswerAt, this.#clock.now());
      this.#open.push(command);
      this.#flushSoon();
    }
    return command;
  }

  /** Whoever waits for it waits no longer. */
  cancel(command: PipelinedCommand): void {
    if (command.isAwaited) this.#giveUp(command, "TIMED_OUT");
  }

  /** Ends what is open, and the session. `done` comes in bounded time. */
  close(done: () => void): void {
    if (this.#isClosed || this.#closing !== null) return done();
    this.#closing = done;
    for (const command of this.#open) this.#endUnanswered(command, "STOPPED");
    this.#open = [];
    this.#timer?.timer.cancel();
    const finish = (): void => {
      this.#isClosed = true;
      this.#closing = null;
      done();
    };
    if (this.#sessionId === null) return finish();
    this.#transport.closeSession(this.#sessionId, finish);
  }

  #flushSoon(): void {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    this.#clock.soon(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushIsDue = false;
    if (this.#isClosed || this.#closing !== null) return;
    this.#dropAnswered();
    if (this.#clock.now() >= this.#pauseUntil) this.#isPaused = false;
    if (this.#open.length > 0 && !this.#isPaused) this.#sendDue();
    this.#setTimer();
  };

  #sendDue(): void {
    if (this.#expiring) return this.#renewIfResolved();
    if (this.#sessionId === null) return this.#register();
    const sessionId = this.#sessionId;
    const round = this.#round;
    while (this.#sent < this.#open.length && this.#sent < this.#window && this.#sentBytes < this.#windowBytes) {
      const command = this.#open[this.#sent] as PipelinedCommand;
      this.#sent += 1;
      this.#sentBytes += command.bytes.length;
      if (command.answered) continue;
      if (command.sequence === 0) command.sequence = this.#nextSequence++;
      const firstOpenSequence = (this.#open[0] as PipelinedCommand).sequence;
      command.unresolved += 1;
      this.#transport.send(command.bytes, { sessionId, sequence: command.sequence, firstOpenSequence }, (outcome) => {
        this.#resolved(command, sessionId, round, outcome);
      });
      if (this.#round !== round) return; // it was refused at once
    }
  }

  #register(): void {
    if (this.#registering) return;
    this.#registering = true;
    this.#transport.register((outcome) => {
      this.#registering = false;
      if (outcome.ok) this.#sessionId = outcome.value.sessionId;
      else {
        for (const command of this.#open) command.lastRefusal = outcome;
        this.#beginAgain(outcome);
      }
      this.#flushSoon();
    });
  }

  #resolved(command: PipelinedCommand, sessionId: number, round: number, outcome: Outcome<Applied>): void {
    command.unresolved -= 1;
    if (command.answered) return;
    if (outcome.ok) {
      command.answered = true;
      command.end(outcome);
      this.#answered();
      return;
    }
    command.lastRefusal = outcome;
    switch (outcome.code) {
      case "UNKNOWN_OUTCOME":
      case "TIMED_OUT":
        command.isUncertain = true;
        break;
      case "STALE_SEQUENCE":
        // It was applied once, and its answer is gone.
        command.answered = true;
        command.end(refusal("UNKNOWN_OUTCOME", outcome.leaderHint));
        this.#answered();
        return;
      case "TOO_LARGE":
      case "MALFORMED":
        // Nobody will ever take it, so nothing behind it can take effect in this session.
        if (command.isSurelyNotTaken) {
          command.answered = true;
          command.end(outcome);
        }
        if (sessionId === this.#sessionId) this.#abandonSession();
        break;
      case "SESSION_EXPIRED":
        if (sessionId === this.#sessionId) this.#abandonSession();
        break;
      default:
    }
    if (this.#expiring) this.#flushSoon();
    else if (round === this.#round) this.#beginAgain(outcome);
  }

  #answered(): void {
    this.#lastAnswerAt = this.#clock.now();
    this.#silences = 0;
    this.#stays = 0;
    this.#window = this.#maxWindow;
    this.#flushSoon();
  }

  /** Answers mostly come many at a time, so they leave the queue together. */
  #dropAnswered(): void {
    let count = 0;
    while (this.#open[count]?.answered === true) {
      if (count < this.#sent) this.#sentBytes -= (this.#open[count] as PipelinedCommand).bytes.length;
      count += 1;
    }
    if (count === 0) return;
    this.#open.splice(0, count);
    this.#sent = Math.max(0, this.#sent - count);
  }

  /** Sends all that has no answer once more, after a little while. */
  #beginAgain({ code, leaderHint }: Refusal): void {
    const staysHere =
      code === "OUT_OF_ORDER" || code === "OVERLOADED" || code === "UNKNOWN_OUTCOME" || code === "DISK_FULL";
    this.#stays += 1;
    if (!staysHere || this.#stays > MAX_STAYS) {
      this.#stays = 0;
      this.#transport.turnTo(staysHere ? null : leaderHint);
    }
    const drawn = this.#random();
    const isKnown = code === "OUT_OF_ORDER" || (leaderHint !== null && code === "NOT_LEADER");
    this.#restart(isKnown ? drawn * HINTED_BACKOFF_MS : BACKOFF_MIN_MS + drawn * BACKOFF_SPREAD_MS);
  }

  #restart(afterMs: number): void {
    this.#round += 1;
    this.#sent = 0;
    this.#sentBytes = 0;
    this.#isPaused = true;
    this.#pauseUntil = this.#clock.now() + afterMs;
    this.#lastAnswerAt = this.#pauseUntil;
    this.#setTimer();
  }

  #abandonSession(): void {
    this.#sessionId = null;
    this.#expiring = true;
    this.#restart(0);
  }

  /** What surely had no effect in the old session begins anew in the next one; of the rest that can't be known. */
  #renewIfResolved(): void {
    if (this.#open.some((command) => command.unresolved > 0)) return;
    const again = this.#open.filter((command) => !command.answered && command.isSurelyNotTaken && command.isAwaited);
    for (const command of this.#open) if (!again.includes(command)) this.#endUnanswered(command, "UNKNOWN_OUTCOME");
    for (const command of again) command.sequence = 0;
    this.#open = again;
    this.#sent = 0;
    this.#sentBytes = 0;
    this.#nextSequence = 1;
    this.#expiring = false;
    if (again.length > 0) this.#register();
  }

  #endUnanswered(command: PipelinedCommand, code: Refusal["code"]): void {
    command.end(refusal(command.isSurelyNotTaken ? code : "UNKNOWN_OUTCOME", null));
  }

  /**
   * Its caller hears what is known. It leaves the queue where nothing can bring it back: when neither it nor any behind it
   * may have been taken, and so their sequences may be given anew.
   */
  #giveUp(command: PipelinedCommand, code: Refusal["code"]): void {
    const at = this.#open.indexOf(command);
    invariant(at >= 0, "whoever waits for a command waits for an open one");
    const removable = this.#open.slice(at).every((later) => later.isSurelyNotTaken && !later.answered);
    if (!removable) return command.end(refusal("UNKNOWN_OUTCOME", null));
    this.#open.splice(at, 1);
    if (command.sequence > 0) {
      for (const later of this.#open.slice(at)) if (later.sequence > 0) later.sequence -= 1;
      this.#nextSequence -= 1;
    }
    if (at < this.#sent) this.#restart(0);
    command.end(command.lastRefusal ?? refusal(code, null));
  }

  #setTimer(): void {
    const at = this.#nextWakeAt();
    if (at === Infinity || (this.#timer !== null && this.#timer.at <= at)) return;
    this.#timer?.timer.cancel();
    this.#timer = { at, timer: this.#clock.setTimer(at, this.#wake) };
  }

  #nextWakeAt(): number {
    const first = this.#open[0];
    if (first === undefined) return Infinity;
    if (this.#isPaused) return Math.min(this.#pauseUntil, this.#earliestDeadline());
    // Before anything is sent there is no silence: the end of a registration, or of old attempts, goes on from there.
    return Math.min(this.#sent > 0 ? this.#silentUntil() : Infinity, this.#earliestDeadline());
  }

  /** Deadlines mostly rise along the queue; the first ones that are awaited stand for all. */
  #earliestDeadline(): number {
    let earliest = Infinity;
    for (const command of this.#open) {
      if (!command.isAwaited) continue;
      earliest = Math.min(earliest, command.deadline);
      if (command.deadline > this.#clock.now()) break;
    }
    return earliest;
  }

  #silentUntil(): number {
    return this.#lastAnswerAt + this.#resendAfterMs * 2 ** Math.min(this.#silences, MAX_DOUBLINGS);
  }

  readonly #wake = (): void => {
    this.#timer = null;
    this.#dropAnswered();
    const now = this.#clock.now();
    for (const command of [...this.#open]) {
      if (command.isAwaited && command.deadline <= now) this.#giveUp(command, "TIMED_OUT");
    }
    if (this.#open.length > 0 && this.#sent > 0 && !this.#isPaused && now >= this.#silentUntil()) {
      this.#silences += 1;
      this.#window = PROBE_WINDOW;
      if (this.#silences > 1) this.#transport.turnTo(null);
      this.#restart(0);
    }
    this.#flush();
  };
}
