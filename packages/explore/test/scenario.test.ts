import { describe, expect, test } from "vitest";
import {
  BoundsError,
  completeBounds,
  ExploredScenarioError,
  replay,
  validateExploredScenario,
  type TraceAction,
} from "@balsa/explore";

const scenario = (actions: readonly unknown[], bounds: object = {}): unknown => ({
  version: 1,
  explored: { bounds, actions },
});

const REQUEST = "voteRequest n1→n2 term 2, preVote false, leadershipTransfer false, lastLogIndex 1, lastLogTerm 1";

describe("a trace from a file", () => {
  test("is replayed on the core at hand", () => {
    const actions: TraceAction[] = [
      { do: "timeOut", node: "n1" },
      { do: "deliver", message: REQUEST },
      { do: "deliver", message: "voteResponse n2→n1 term 2, preVote false, granted true" },
      { do: "propose", node: "n1" },
    ];
    const { steps, violation, stoppedAt } = replay(validateExploredScenario(scenario(actions)));
    expect(violation).toBeNull();
    expect(stoppedAt).toBeNull();
    expect(steps.map(({ action }) => action)).toEqual(actions);
    expect(steps[2]?.outcome[0]).toBe("n1: leader in term 2, log [1:1 {n1 n2 n3} 2:2 no-op]");
  });

  test("stops where a step can't be taken, and says what could", () => {
    const document = scenario([
      { do: "timeOut", node: "n1" },
      { do: "propose", node: "n2" },
    ]);
    const { steps, stoppedAt } = replay(validateExploredScenario(document));
    expect(steps).toHaveLength(1);
    expect(stoppedAt?.action).toBe(1);
    expect(stoppedAt?.possible).toContain(`deliver ${REQUEST}`);
  });

  test.each<[unknown, string]>([
    [null, "the document must be an object."],
    [{ version: 2, explored: {} }, "version must be 1."],
    [
      { version: 1, seed: 3, explored: {} },
      "each field of the document must be one of version, explored; it has seed.",
    ],
    [{ version: 1, explored: [] }, "explored must be an object with bounds and actions."],
    [{ version: 1, explored: {} }, "explored.actions must be a list of at most 100000 actions."],
    [scenario([], { nodes: 9 }), "explored.bounds.nodes must be a whole number from 1 to 5."],
    [scenario([], { disk: "slow" }), "explored.bounds.disk must be lazy or instant."],
    [scenario([{ do: "explode" }]), "explored.actions[0].do must be one of deliver, duplicate,"],
    [scenario([{ do: "timeOut", node: "n4" }]), "explored.actions[0].node must be one of n1, n2, n3."],
    [scenario([{ do: "timeOut", node: "n1", at: 1 }]), "it has at."],
    [scenario([{ do: "deliver", message: 3 }]), "explored.actions[0].message must be the text of a message."],
    [scenario([{ do: "crash", node: "n1", keptWrites: -1 }]), "explored.actions[0].keptWrites must be a whole number"],
    [
      scenario([{ do: "change", node: "n1", change: { type: "swap", id: "n2" } }]),
      "explored.actions[0].change.type must be one of remove, addLearner, promote, demote.",
    ],
  ])("is refused with the place that is wrong: %j", (document, message) => {
    expect(() => validateExploredScenario(document)).toThrow(ExploredScenarioError);
    expect(() => validateExploredScenario(document)).toThrow(message);
  });
});

describe("bounds", () => {
  test("have writes that a crash may lose where there are crashes, unless told otherwise", () => {
    expect(completeBounds().disk).toBe("instant");
    expect(completeBounds({ crashes: 1 }).disk).toBe("lazy");
    expect(completeBounds({ crashes: 1, disk: "instant" }).disk).toBe("instant");
  });

  test.each<[object, string]>([
    [{ terms: 0 }, "The bound terms is 0; it must be a whole number from 1 to 15."],
    [{ commands: 1.5 }, "The bound commands is 1.5"],
    [{ nodes: 5, spares: 2 }, "it must be so few that there are at most 6 nodes in all."],
    [{ rules: ["fairness"] }, "it must be a list of electionSafety,"],
    [{ symmetry: 1 }, "it must be true or false."],
    [{ speed: 3 }, "it must be the name of a bound: nodes,"],
  ])("%j are refused", (bounds, message) => {
    expect(() => completeBounds(bounds)).toThrow(BoundsError);
    expect(() => completeBounds(bounds)).toThrow(message);
  });
});
