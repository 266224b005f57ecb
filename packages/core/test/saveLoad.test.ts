import { Raft, type RaftState } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { cluster, type Cluster } from "./support/cluster.js";
import { SeededRandom } from "./support/random.js";
import { acknowledge, leader } from "./support/scenes.js";

const INPUTS = [
  "receive",
  "propose",
  "read",
  "reconfigure",
  "transferLeadership",
  "wake",
  "persisted",
  "applied",
  "snapshotTaken",
  "snapshotChunkRead",
  "snapshotReadFailed",
  "snapshotInstalled",
  "snapshotFailed",
] as const;
const COMPARED: ReadonlySet<string> = new Set([...INPUTS, "takeEffects"]);

interface Fork {
  readonly saved: RaftState;
  readonly savedText: string;
  readonly twin: Raft;
}

/**
 * Stands for a member's core. At random moments, pending effects included, a copy is made by save and load; every later
 * input is given to both, and every answer and effect must be the same. Now and then the original is replaced by its copy.
 */
class Mirror {
  raft: Raft;
  fork: Fork | null = null;
  compared = 0;
  forksWithEffects = 0;
  readonly #chance: SeededRandom;
  readonly #load: (saved: RaftState) => Raft;

  constructor(raft: Raft, chance: SeededRandom, load: (saved: RaftState) => Raft) {
    this.raft = raft;
    this.#chance = chance;
    this.#load = load;
  }

  call(name: string, args: readonly unknown[]): unknown {
    const result = invoke(this.raft, name, args);
    if (!COMPARED.has(name)) return result;
    if (this.fork !== null) {
      const twinResult = invoke(this.fork.twin, name, args);
      this.compared += 1;
      if (asText(twinResult) !== asText(result)) {
        throw new Error(`${name}: ${asText(result)} and, on the copy, ${asText(twinResult)}`);
      }
      if (this.#chance.chance(0.01)) this.end();
    } else if (this.#chance.chance(0.2)) {
      const saved = this.raft.save();
      if (Object.values<readonly unknown[]>({ ...saved.pending }).some((list) => list.length > 0))
        this.forksWithEffects += 1;
      this.fork = { saved, savedText: asText(saved), twin: this.#load(saved) };
    }
    return result;
  }

  end(): void {
    if (this.fork === null) return;
    const { saved, savedText, twin } = this.fork;
    if (asText(saved) !== savedText) throw new Error("what was saved has changed");
    if (asText(twin.save()) !== asText(this.raft.save())) throw new Error("original and copy have gone apart");
    this.fork = null;
  }
}

function invoke(raft: Raft, name: string, args: readonly unknown[]): unknown {
  const method = Reflect.get(raft, name, raft) as (...args: readonly unknown[]) => unknown;
  return method.apply(raft, [...args]);
}

function asText(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (item instanceof Uint8Array) return `bytes ${[...item].join(" ")}`;
    return typeof item === "number" && !Number.isFinite(item) ? String(item) : item;
  });
}

function mirrorAll(world: Cluster): Mirror[] {
  return [...world.members.values()].map((member) => {
    const random = world.randomOf.get(member.id) as SeededRandom;
    const load = (saved: RaftState): Raft =>
      Raft.load(saved, { options: world.options, random: new SeededRandom(random.seed).next });
    const mirror = new Mirror(member.raft, world.random, load);
    member.raft = new Proxy(member.raft, {
      get: (_, name) => {
        const value: unknown = Reflect.get(mirror.raft, name, mirror.raft);
        if (typeof value !== "function") return value;
        return (...args: readonly unknown[]) => mirror.call(String(name), args);
      },
    });
    return mirror;
  });
}

describe("save and load", () => {
  test("give a member that does exactly the same from then on, at any moment of random lives", () => {
    let compared = 0;
    let forksWithEffects = 0;
    for (let seed = 1; seed <= 12; seed += 1) {
      const options = {
        electionTimeoutMs: 100,
        heartbeatIntervalMs: 25,
        restAfterMs: seed % 3 === 0 ? 100 : 0,
        restingHeartbeatIntervalMs: 100,
        leaseReads: seed % 2 === 0,
        logTailEntries: 2,
        snapshotChunkBytes: 8,
      };
      const world = cluster({ ids: ["a", "b", "c", "d"], seed, options, checked: false });
      const { random } = world;
      const mirrors = mirrorAll(world);
      world.latencyMs = () => 1 + random.below(20);
      world.diskMs = () => random.below(10);
      world.fate = () => (random.chance(0.15) ? "drop" : random.chance(0.1) ? "duplicate" : "deliver");
      for (let action = 0; action < 60; action += 1) {
        const member = world.member(random.pick(["a", "b", "c", "d"]));
        const choice = random.below(6);
        if (choice === 0 && member.appliedIndex > (member.raft.snapshot?.index ?? 0)) member.takeSnapshot();
        else if (choice === 1) member.read(action, "lease");
        else if (choice === 2) world.leader?.transfer(member.id);
        else if (choice === 3)
          world.leader?.reconfigure({ type: random.chance(0.5) ? "demote" : "promote", id: member.id });
        else world.leader?.propose(`${action}`);
        world.run(random.below(50));
      }
      for (const mirror of mirrors) {
        mirror.end();
        compared += mirror.compared;
        forksWithEffects += mirror.forksWithEffects;
      }
    }
    expect(compared).toBeGreaterThan(2_000);
    expect(forksWithEffects).toBeGreaterThan(20);
  });

  test("are plain data, which survives being written down as JSON but for bytes", () => {
    const a = leader();
    a.reconfigure({ type: "addLearner", id: "d" });
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
      expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value));
      for (const item of Object.values(value)) visit(item);
    };
    visit(a.raft.save());
    expect(structuredClone(a.raft.save())).toEqual(a.raft.save());
  });

  test("share nothing with what goes on: neither bytes of a Buffer, nor what is loaded twice", () => {
    const a = leader();
    const command = Buffer.from("abc");
    a.raft.propose(a.now, [command]);
    const saved = a.raft.save();
    const before = asText(saved);
    command.fill(0);
    acknowledge(a);
    const setup = { random: () => 0.5 };
    const [first, second] = [Raft.load(saved, setup), Raft.load(saved, setup)];
    first.propose(a.now, [new Uint8Array(3)]);
    first.takeEffects();
    expect(asText(saved)).toBe(before);
    expect(asText(second.save())).toBe(before);
  });

  test("load refuses wrong options like create does", () => {
    const saved = leader().raft.save();
    expect(() => Raft.load(saved, { random: () => 0, options: { electionTimeoutMs: -1 } })).toThrow(
      "electionTimeoutMs",
    );
  });
});

test("two members with the same chance and inputs give the same bytes", () => {
  const history = (): string => {
    const world = cluster({ seed: 9 });
    world.latencyMs = () => 1 + world.random.below(20);
    world.fate = () => (world.random.chance(0.1) ? "drop" : "deliver");
    for (let i = 0; i < 30; i += 1) {
      world.leader?.propose(`${i}`);
      world.run(100);
    }
    return asText([...world.members.values()].map(({ effects, raft }) => [effects, raft.save()]));
  };
  expect(history()).toBe(history());
});
