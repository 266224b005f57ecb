import {
  DecodeError,
  MemberRecorder,
  readRecordingPart,
  RecordingFormatError,
  type RecordedStep,
  type RecordingPart,
} from "@balsa/replica";
import {
  createSimulation,
  drawScenario,
  RecordingChecks,
  replayRecording,
  type Replay,
  type Scenario,
} from "@balsa/sim";
import { describe, expect, it } from "vitest";

/** The parts of one run of one member's process, as bytes. */
type Tape = Uint8Array[][];

/** All that the members of a simulated cluster have recorded, a tape for each start of a process. */
function record(scenario: Scenario, partBytes = 4 * 1024): Tape[] {
  const tapes: Tape[] = [];
  const gathering = new Set<() => void>();
  const simulation = createSimulation(scenario, {
    recorder: () => {
      const tape: Tape = [];
      tapes.push(tape);
      const sink = {
        begin: () => void tape.push([]),
        gathering: (flush: () => void) => void gathering.add(flush),
        write: (bytes: Uint8Array) => tape[tape.length - 1]!.push(bytes) > 0,
        end: () => undefined,
      };
      return new MemberRecorder(sink, partBytes);
    },
  });
  // Blocks end anywhere, as they do where a timer has them written.
  while (simulation.run({ maxSteps: 100 }) === "running") for (const flush of gathering) flush();
  expect(simulation.report().violations).toEqual([]);
  return tapes.filter((tape) => tape.length > 0);
}

const partsOf = (tape: Tape): RecordingPart[] => tape.map((blocks) => readRecordingPart(blocks));

function replay(parts: Iterable<RecordingPart>, checks = new RecordingChecks()): Replay {
  return replayRecording(parts, checks)!;
}

const FAULTS: Scenario = {
  version: 1,
  seed: 11,
  nodes: 5,
  machine: "kv",
  durationMs: 15_000,
  faults: { classes: ["network", "crash", "disk", "clock", "membership"] },
};
const QUIET: Scenario = { version: 1, seed: 3, nodes: 3, machine: "kv", durationMs: 6_000 };

describe("a recording", () => {
  it.each([
    ["faults of every kind", FAULTS, 32],
    ["a scenario of the swarm", { ...drawScenario("swarm", 7), durationMs: 5_000 }, 32],
  ])("of each member's run, through %s, replays to the same effects and the same states", (_, scenario, partKiB) => {
    const checks = new RecordingChecks();
    const tapes = record(scenario, partKiB * 1024);
    let [parts, inputs] = [0, 0];
    for (const tape of tapes) {
      const found = replay(partsOf(tape), checks);
      expect(found).toMatchObject({ difference: null, thrown: null, beginnings: 1, parts: tape.length });
      parts += found.parts;
      inputs += found.inputs;
    }
    expect(checks.violations).toEqual([]);
    expect(parts, "some go over several parts, each with its state").toBeGreaterThan(tapes.length);
    expect(inputs).toBeGreaterThan(1_000);
  });

  it("can be replayed from any of its parts on, and tells where one is missing", () => {
    const tape = record(QUIET).find(({ length }) => length > 3)!;
    const parts = partsOf(tape);
    expect(replay(parts.slice(2))).toMatchObject({ difference: null, beginnings: 1 });
    expect(replay([parts[0]!, ...parts.slice(2)])).toMatchObject({ difference: null, beginnings: 2 });
  });

  it("does not write a long state again for little behind it", () => {
    for (const tape of record(QUIET, 1)) {
      const sizes = tape.map((blocks) => blocks.map(({ length }) => length));
      for (const [head, ...rest] of sizes.slice(0, -1)) {
        expect(rest.reduce((sum, length) => sum + length, 0)).toBeGreaterThanOrEqual(head!);
      }
    }
  });

  it("that ends early, as a crash leaves it, is replayed up to there", () => {
    const blocks = record(QUIET, 1024 * 1024)[0]![0]!;
    const all = replay([readRecordingPart(blocks)]);
    const torn = replay([readRecordingPart(blocks.slice(0, -1))]);
    expect(torn.difference).toBeNull();
    expect(torn.inputs).toBeLessThan(all.inputs);
    expect(torn.inputs).toBeGreaterThan(0);
  });

  it("of something else is refused, and so is one of a later version", () => {
    const [head] = record(QUIET)[0]![0]!;
    const ofVersion = (version: number): Uint8Array[] => {
      const bytes = head!.slice();
      bytes[bytes.indexOf("G".charCodeAt(0)) + 1] = version; // behind BALSA-RECORDING
      return [bytes];
    };
    expect(readRecordingPart(ofVersion(1)).part).toBe(1);
    expect(() => readRecordingPart(ofVersion(2))).toThrow(/version 2/);
    expect(() => readRecordingPart([new Uint8Array(100)])).toThrow(RecordingFormatError);
    expect(() => readRecordingPart([])).toThrow(RecordingFormatError);
  });
});

/** The part with its steps changed. */
function changed(part: RecordingPart, change: (steps: RecordedStep[]) => void): RecordingPart {
  const steps = [...part.steps];
  change(steps);
  return { ...part, steps };
}

describe("a replay tells of the first difference", () => {
  const [first] = partsOf(record(QUIET)[0]!);
  const part = first!;

  it("where an input is missing", () => {
    let at = 0;
    const without = changed(part, (steps) => {
      const isAppend = (step: RecordedStep): boolean =>
        step.kind === "input" &&
        step.input.type === "receive" &&
        /^append/.test((step.input.message as { type: string }).type);
      at = steps.findIndex((step, i) => isAppend(step) && steps[i + 1]?.kind !== "draw");
      steps.splice(at, 1);
    });
    const { difference, inputs } = replay([without]);
    expect(at).toBeGreaterThan(0);
    expect(difference).not.toBeNull();
    expect(difference!.input).toBe(inputs);
  });

  it("where a member wants something else done", () => {
    const other = changed(part, (steps) => {
      const at = steps.findIndex(
        (step) => step.kind === "effects" && step.summary !== null && step.summary.messages > 0,
      );
      const step = steps[at] as Extract<RecordedStep, { kind: "effects" }>;
      steps[at] = { kind: "effects", summary: { ...step.summary!, messages: step.summary!.messages + 1 } };
    });
    expect(replay([other]).difference).toMatchObject({ what: "messages", inputType: "takeEffects" });
  });

  it("where it draws more or fewer random numbers", () => {
    const isDraw = (step: RecordedStep): boolean => step.kind === "draw";
    const fewer = changed(part, (steps) => void steps.splice(steps.findIndex(isDraw), 1));
    expect(replay([fewer]).difference).toMatchObject({ what: "draws", recorded: "0 random numbers", replayed: "1" });
    const more = changed(part, (steps) => void steps.splice(steps.findIndex(isDraw), 0, { kind: "draw", value: 0.5 }));
    expect(replay([more]).difference).toMatchObject({ what: "draws", recorded: "2 random numbers", replayed: "1" });
  });

  it("where the next part begins with another state", () => {
    const tape = record(QUIET).find(({ length }) => length > 1)!;
    const [one, two] = partsOf(tape);
    const other = { ...two!, state: { ...two!.state, term: two!.state.term + 1 } };
    expect(replay([one!, other]).difference).toMatchObject({ part: 2, input: 0, what: "term" });
  });

  it("where there are effects without an input", () => {
    const odd = changed(part, (steps) => void steps.unshift({ kind: "effects", summary: null }));
    expect(() => replay([odd])).toThrow(DecodeError);
  });
});
