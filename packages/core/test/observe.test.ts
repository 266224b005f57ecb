import { feedInput, Raft, type Effects, type RaftInput } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { cluster } from "./support/cluster.js";
import { SeededRandom } from "./support/random.js";
import { leader } from "./support/scenes.js";

const configuration = { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] };
const snapshot = { index: 1, term: 1, configuration, sizeBytes: 0, checksum: 0 };
const message = { type: "heartbeatResponse", from: "b", to: "a", term: 2, round: 1, resting: false };

const now = 5_000;
const INPUTS: readonly RaftInput[] = [
  { type: "receive", now, message },
  { type: "propose", now, commands: [Uint8Array.of(1)] },
  { type: "read", now, readContext: 7, consistency: "lease" },
  { type: "reconfigure", now, changes: [{ type: "addLearner", id: "d" }] },
  { type: "transferLeadership", now, to: "b" },
  { type: "wake", now },
  { type: "persisted", now, position: 1 },
  { type: "applied", now, index: 2 },
  { type: "snapshotTaken", now, snapshot },
  { type: "snapshotChunkRead", now, to: "b", snapshotIndex: 1, offset: 3, data: Uint8Array.of(4) },
  { type: "snapshotReadFailed", now, to: "c", snapshotIndex: 1 },
  { type: "snapshotInstalled", now, snapshot },
  { type: "snapshotFailed", now, snapshotIndex: 1 },
  { type: "takeEffects" },
];

describe("an observer", () => {
  test.each(INPUTS.map((input) => [input.type, input] as const))("hears of the input %s as it was fed", (_, input) => {
    const { raft } = leader();
    const heard: RaftInput[] = [];
    raft.observe({ input: (given) => void heard.push(given), effectsTaken: () => undefined });
    feedInput(raft, input);
    expect(heard).toEqual([input]);
    raft.observe(null);
    feedInput(raft, input);
    expect(heard).toHaveLength(1);
  });

  test("hears of an input before it has any effect, and of effects as they are taken", () => {
    const { raft } = leader();
    const before = raft.lastLogIndex;
    const heard: (number | Effects | null)[] = [];
    raft.observe({
      input: () => void heard.push(raft.lastLogIndex),
      effectsTaken: (effects) => void heard.push(effects),
    });
    raft.propose(now, [Uint8Array.of(1)]);
    const effects = raft.takeEffects();
    expect(effects).not.toBeNull();
    expect(heard).toEqual([before, before + 1, effects]);
    expect(raft.takeEffects()).toBeNull();
    expect(heard.at(-1)).toBeNull();
  });

  test("has heard all that leads to the same effects and the same state again", () => {
    const world = cluster({ ids: ["a", "b", "c"], seed: 5, checked: false });
    const { random } = world;
    const records = [...world.members.values()].map(({ id, raft }) => {
      const { seed } = world.randomOf.get(id) as SeededRandom;
      const twin = Raft.load(raft.save(), { options: world.options, random: new SeededRandom(seed).next });
      const inputs: RaftInput[] = [];
      const effects: (Effects | null)[] = [];
      raft.observe({ input: (input) => void inputs.push(input), effectsTaken: (taken) => void effects.push(taken) });
      return { raft, twin, inputs, effects };
    });
    world.fate = () => (random.chance(0.1) ? "drop" : "deliver");
    for (let i = 0; i < 30; i += 1) {
      world.leader?.propose(`${i}`);
      world.leader?.read(i);
      if (i % 7 === 0) world.leader?.takeSnapshot();
      world.run(random.below(200));
    }
    for (const { raft, twin, inputs, effects } of records) {
      const replayed = inputs.flatMap((input) => {
        const taken = feedInput(twin, input);
        return input.type === "takeEffects" ? [taken] : [];
      });
      expect(inputs.length).toBeGreaterThan(100);
      expect(replayed).toEqual(effects);
      expect(twin.save()).toEqual(raft.save());
    }
  });
});
