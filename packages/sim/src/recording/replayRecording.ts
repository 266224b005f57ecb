import { feedInput, Raft, type Effects, type RaftInput } from "@balsa/core";
import {
  DecodeError,
  summarizeEffects,
  SUMMARY_FIELDS,
  type EffectsSummary,
  type RecordedMember,
  type RecordedStep,
  type RecordingPart,
} from "@balsa/replica";
import type { RecordingChecks } from "./recordingChecks.js";
import { firstDifference } from "./stateDifference.js";

/** Where the replayed member did something else than the recorded one. */
export interface ReplayDifference {
  /** The part, and the input in it, counted from 1; 0 for the state that the part begins with. */
  readonly part: number;
  readonly input: number;
  readonly inputType: RaftInput["type"] | null;
  /** What is not the same: a number of the summary, a place in the state, or `draws`. */
  readonly what: string;
  readonly recorded: string;
  readonly replayed: string;
}

export interface Replay {
  readonly member: RecordedMember;
  readonly parts: number;
  readonly inputs: number;
  /** The members' own clock. */
  readonly spanMs: number;
  readonly lastTerm: number;
  readonly lastCommitIndex: number;
  /** Replaying ends there. */
  readonly difference: ReplayDifference | null;
  /** Why the recorded member stopped; null where it did not stop by itself, as far as the recording goes. */
  readonly stopped: string | null;
  /** What the replayed core threw, where it did. */
  readonly thrown: string | null;
  /** Runs of the process that it tells of, and places where the part in between is gone. */
  readonly beginnings: number;
}

/**
 * Feeds a member's recording, its parts in order, to the core, and compares what it wants done with what is recorded.
 * @throws DecodeError for bytes that no recorder has written
 */
export function replayRecording(parts: Iterable<RecordingPart>, checks: RecordingChecks): Replay | null {
  let player: PartPlayer | null = null;
  const total = { parts: 0, inputs: 0, spanMs: 0, beginnings: 0 };
  let stopped: string | null = null;
  for (const part of parts) {
    const before: PartPlayer | null = player;
    player = new PartPlayer(part, checks);
    total.parts += 1;
    const goesOn = before !== null && before.isWhole && part.part === before.part.part + 1;
    if (goesOn) player.compareWith(before);
    else {
      total.beginnings += 1;
      checks.begin(player.raft);
    }
    if (player.difference === null) player.play();
    total.inputs += player.inputs;
    total.spanMs += player.spanMs;
    stopped = player.stopped ?? stopped;
    if (player.difference !== null || player.thrown !== null) break;
  }
  if (player === null) return null;
  const { raft, difference, thrown, part } = player;
  const last = { lastTerm: raft.term, lastCommitIndex: raft.commitIndex };
  return { member: part.member, ...total, ...last, difference, stopped, thrown };
}

class PartPlayer {
  readonly part: RecordingPart;
  readonly raft: Raft;
  inputs = 0;
  difference: ReplayDifference | null = null;
  stopped: string | null = null;
  thrown: string | null = null;
  #hasEnded = false;
  #inputType: RaftInput["type"] | null = null;
  #now: number;
  readonly #beganAt: number;
  readonly #checks: RecordingChecks;
  /** Numbers that the present input is to draw. */
  #draws: number[] = [];
  #missingDraws = 0;

  constructor(part: RecordingPart, checks: RecordingChecks) {
    this.part = part;
    this.#checks = checks;
    this.#now = part.state.now;
    this.#beganAt = part.state.now;
    this.raft = Raft.load(part.state, { options: part.member.options, random: () => this.#draw() });
  }

  /** Whether the next part goes on where this one ends. */
  get isWhole(): boolean {
    return !this.#hasEnded;
  }

  get spanMs(): number {
    return this.#now - this.#beganAt;
  }

  /** The state that this part begins with is the one that the part before has come to. */
  compareWith(before: PartPlayer): void {
    const found = firstDifference(this.part.state, before.raft.save());
    if (found !== null) this.#differs(found.where, found.recorded, found.replayed);
  }

  play(): void {
    const steps = this.part.steps[Symbol.iterator]();
    let next = steps.next();
    while (next.done !== true && this.difference === null && this.thrown === null) {
      const step = next.value;
      next = steps.next();
      if (step.kind === "stopped") {
        this.#hasEnded = true;
        this.stopped = step.reason;
        continue;
      }
      if (step.kind !== "input") throw new DecodeError(`${step.kind} without an input`, this.inputs);
      this.#draws = [];
      for (; next.done !== true && next.value.kind === "draw"; next = steps.next()) this.#draws.push(next.value.value);
      const effects = this.#feed(step.input);
      if (step.input.type !== "takeEffects" || this.difference !== null || this.thrown !== null) continue;
      if (next.done === true || next.value.kind !== "effects") continue; // the recording ends, or the core threw here
      this.#compare(effects, next.value);
      next = steps.next();
    }
  }

  #feed(input: RaftInput): Effects | null {
    this.inputs += 1;
    this.#inputType = input.type;
    if (input.type !== "takeEffects") this.#now = Math.max(this.#now, input.now);
    const draws = this.#draws.length;
    let effects: Effects | null;
    try {
      effects = feedInput(this.raft, input);
    } catch (error) {
      this.thrown = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return null;
    }
    const drawn = draws - this.#draws.length + this.#missingDraws;
    if (drawn !== draws) this.#differs("draws", `${draws} random numbers`, `${drawn}`);
    return effects;
  }

  #draw(): number {
    const n = this.#draws.shift();
    if (n === undefined) this.#missingDraws += 1;
    return n ?? 0;
  }

  #compare(effects: Effects | null, { summary }: Extract<RecordedStep, { kind: "effects" }>): void {
    if (effects === null || summary === null) {
      const tell = (there: unknown): string => (there === null ? "nothing to be done" : "something to be done");
      if (effects !== summary) this.#differs("effects", tell(summary), tell(effects));
      return;
    }
    const replayed = summarizeEffects(this.raft, effects);
    const field = SUMMARY_FIELDS.find((name: keyof EffectsSummary) => summary[name] !== replayed[name]);
    if (field !== undefined) return this.#differs(field, String(summary[field]), String(replayed[field]));
    this.#checks.look(this.raft, effects);
  }

  #differs(what: string, recorded: string, replayed: string): void {
    const { part } = this.part;
    this.difference = { part, input: this.inputs, inputType: this.#inputType, what, recorded, replayed };
  }
}
