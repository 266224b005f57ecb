import type { Effects, Entry, Message, Raft } from "@balsa/core";
import { RecordingChecks } from "@balsa/sim";
import { describe, expect, it } from "vitest";

interface Member {
  id?: string;
  role?: "follower" | "leader";
  term?: number;
  commitIndex?: number;
  appliedIndex?: number;
  /** Of the entry at the commit index. */
  commitTerm?: number;
}

/** What the checks look at in a member. */
function member({ id = "a", role = "follower", term = 2, commitIndex = 5, appliedIndex = 5, commitTerm = 2 }: Member) {
  return { id, role, term, commitIndex, appliedIndex, termAt: () => commitTerm } as unknown as Raft;
}

function effects(given: Partial<Effects> = {}): Effects {
  const nothing = { persist: null, send: [], sendAfterPersist: [], sendAfterPosition: 0, apply: [], reads: [] };
  return { ...nothing, snapshotReads: [], snapshotWrites: [], events: [], ...given };
}

const entry = (index: number, term: number, text = "x"): Entry => ({
  index,
  term,
  kind: "command",
  data: new TextEncoder().encode(text),
  configuration: null,
});

const persist = (entries: Entry[], truncateFrom = 0): Partial<Effects> => ({
  persist: {
    position: 1,
    hardState: { term: 2, vote: null },
    snapshot: null,
    keepLogAfterSnapshot: false,
    truncateFrom,
    entries,
  },
});

const says = (message: Partial<Message>): Message => ({ from: "a", to: "b", term: 2, ...message }) as Message;

/** The checks that steps of members violate, one after the other; each begins as it is first seen. */
function violated(...steps: [Member, Partial<Effects>][]): string[] {
  const checks = new RecordingChecks();
  let last = "";
  for (const [fields, given] of steps) {
    const raft = member(fields);
    if (raft.id !== last) checks.begin(raft);
    last = raft.id;
    checks.look(raft, effects(given));
  }
  return checks.violations.map(({ check }) => check);
}

describe("recordings are checked for", () => {
  it("nothing that a correct member does", () => {
    const vote = says({ type: "voteResponse", preVote: false, granted: true });
    expect(
      violated(
        [{}, { ...persist([entry(6, 2)], 6), sendAfterPersist: [vote] }],
        [
          { commitIndex: 6, appliedIndex: 5 },
          { apply: [entry(6, 2)], sendAfterPersist: [vote] },
        ],
        [{ role: "leader", term: 3, commitIndex: 6 }, { send: [says({ type: "heartbeatRequest", term: 3 })] }],
        [{ role: "leader", term: 3, commitIndex: 7, commitTerm: 3 }, { apply: [entry(7, 3)] }],
        [{ id: "b", appliedIndex: 6 }, { apply: [entry(7, 3)] }],
      ),
    ).toEqual([]);
  });

  it("a term or a commit index that falls", () => {
    expect(violated([{ term: 3 }, {}], [{ term: 2 }, {}])).toEqual(["promisesKept"]);
    expect(violated([{ commitIndex: 6 }, {}], [{ commitIndex: 5 }, {}])).toEqual(["commitNeverFalls"]);
  });

  it("a leader that commits by counting what is of another term (§5.4.2)", () => {
    const leads = { role: "leader", term: 3 } as const;
    expect(violated([leads, {}], [{ ...leads, commitIndex: 6, commitTerm: 2 }, {}])).toEqual(["commitOwnTermOnly"]);
  });

  it("what is cut off: nothing committed, and nothing by a leader", () => {
    expect(violated([{}, {}], [{}, persist([], 5)])).toEqual(["committedNeverLost"]);
    expect(violated([{ role: "leader" }, {}], [{ role: "leader" }, persist([], 6)])).toEqual(["leaderAppendOnly"]);
  });

  it("a second vote in a term", () => {
    const vote = (to: string): Partial<Effects> => ({
      sendAfterPersist: [says({ type: "voteResponse", preVote: false, granted: true, to })],
    });
    expect(violated([{}, vote("b")], [{}, vote("c")])).toEqual(["voteOncePerTerm"]);
    const own = { sendAfterPersist: [says({ type: "voteRequest", preVote: false })] };
    expect(violated([{}, vote("b")], [{}, own])).toEqual(["voteOncePerTerm"]);
  });

  it("a second leader of a term, by its role or by what it says", () => {
    const leads = (id: string): [Member, Partial<Effects>] => [{ id, role: "leader" }, {}];
    expect(violated(leads("a"), leads("b"))).toEqual(["electionSafety"]);
    expect(violated(leads("b"), [{}, { send: [says({ type: "appendRequest" })] }])).toEqual(["electionSafety"]);
  });

  it("an index that is used twice in a term", () => {
    expect(violated([{}, persist([entry(6, 2, "x")])], [{ id: "b" }, persist([entry(6, 2, "y")])])).toEqual([
      "indexNotReused",
    ]);
  });

  it("what is applied: in order, and the same everywhere (§5.4.3)", () => {
    expect(violated([{}, { apply: [entry(6, 2), entry(8, 2)] }])).toEqual(["stateMachineSafety"]);
    expect(violated([{}, { apply: [entry(6, 2)] }], [{ id: "b" }, { apply: [entry(6, 3)] }])).toEqual([
      "stateMachineSafety",
    ]);
  });
});
