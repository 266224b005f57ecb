import type { AppendAccepted, Configuration, Entry, Message, Role, VoteResponse } from "@balsa/core";
import { encodeEnvelope } from "@balsa/replica";
import { describe, expect, it } from "vitest";
import { InvariantChecker } from "../src/invariants/invariantChecker.js";
import type { MemberView } from "../src/invariants/memberView.js";

const CONFIGURATION: Configuration = { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] };

/** A member as a test wants it to be, right or wrong. */
class MadeUpMember implements MemberView {
  term = 1;
  vote: string | null = null;
  role: Role = "follower";
  commitIndex = 0;
  baseIndex = 0;
  baseTerm = 0;
  configuration = CONFIGURATION;
  entries: Entry[] = [];

  get lastLogIndex(): number {
    return this.baseIndex + this.entries.length;
  }

  entryAt(index: number): Entry | null {
    return this.entries[index - this.baseIndex - 1] ?? null;
  }

  termAt(index: number): number | null {
    return index === this.baseIndex ? this.baseTerm : (this.entryAt(index)?.term ?? null);
  }
}

function entry(index: number, term: number, text = "x"): Entry {
  const payload = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const data = encodeEnvelope({ kind: "plain", clusterTimeMs: 0, payload });
  return { index, term, kind: "command", data, configuration: null };
}

function changeTo(index: number, term: number, configuration: Configuration): Entry {
  return { index, term, kind: "configuration", data: new Uint8Array(0), configuration };
}

/** Three members, and the names of the rules that were found broken. */
function world() {
  const broken: string[] = [];
  const checker = new InvariantChecker((check) => broken.push(check));
  const members = { a: new MadeUpMember(), b: new MadeUpMember(), c: new MadeUpMember() };
  const record = (id: "a" | "b" | "c") => checker.member(id);
  const look = (...ids: ("a" | "b" | "c")[]) => {
    for (const id of ids) checker.observe(record(id), members[id]);
  };
  for (const id of ["a", "b", "c"] as const) checker.started(record(id), members[id]);
  return { broken, checker, look, record, ...members };
}

/** `a` leads term 1, and two entries are on all and committed. */
function goodWorld() {
  const made = world();
  made.a.role = "leader";
  for (const member of [made.a, made.b, made.c]) member.entries = [entry(1, 1), entry(2, 1)];
  made.look("a", "b", "c");
  for (const member of [made.a, made.b, made.c]) member.commitIndex = 2;
  made.look("a", "b", "c");
  expect(made.broken).toEqual([]);
  return made;
}

describe("the checks object when", () => {
  it("two lead the same term", () => {
    const { broken, look, b } = goodWorld();
    b.role = "leader";
    look("b");
    expect(broken).toEqual(["electionSafety"]);
  });

  it("somebody else than the leader of a term sends its messages", () => {
    const { broken, checker, record } = goodWorld();
    const heartbeat: Message = {
      type: "heartbeatRequest",
      from: "c",
      to: "a",
      term: 1,
      commitIndex: 0,
      round: 1,
      mayRest: false,
    };
    checker.messageSent(record("c"), heartbeat);
    expect(broken).toEqual(["electionSafety"]);
  });

  it("a leader cuts its own log", () => {
    const { broken, look, a } = goodWorld();
    a.entries.push(entry(3, 1));
    look("a");
    a.entries = a.entries.slice(0, 2);
    look("a");
    expect(broken).toEqual(["leaderAppendOnly"]);
  });

  it("logs agree on an entry and not on the one before", () => {
    const { broken, look, b, c } = goodWorld();
    b.entries.push(entry(3, 1), entry(4, 3));
    look("b");
    c.entries.push(entry(3, 2), entry(4, 3));
    look("c");
    expect(broken).toEqual(["logMatching"]);
  });

  it("an index is used again within a term", () => {
    const { broken, look, b, c } = goodWorld();
    b.entries.push(entry(3, 1, "one"));
    look("b");
    c.entries.push(entry(3, 1, "another"));
    look("c");
    expect(broken).toEqual(["indexNotReused"]);
  });

  it("somebody leads without all that is committed", () => {
    const { broken, look, b } = goodWorld();
    b.entries = b.entries.slice(0, 1);
    b.commitIndex = 1;
    b.term = 2;
    b.role = "leader";
    look("b");
    expect(broken).toContain("leaderCompleteness");
  });

  it("but not when one learns late of its election, and has not what was committed in a later term", () => {
    const { broken, look, a, b, c } = world();
    for (const member of [a, b]) member.entries = [entry(1, 7)];
    for (const member of [a, b]) member.term = 7;
    a.role = "leader";
    look("a", "b");
    a.commitIndex = 1;
    look("a");
    c.term = 6;
    c.role = "leader";
    look("c");
    expect(broken).toEqual([]);
  });

  it("a committed entry is cut off", () => {
    const { broken, look, b } = goodWorld();
    b.entries = [entry(1, 1), entry(2, 2)];
    look("b");
    expect(broken).toContain("committedNeverLost");
  });

  it("another entry is committed where one was committed before", () => {
    const { broken, look, a, b, c } = world();
    for (const member of [a, b]) member.entries = [entry(1, 1, "one")];
    look("a", "b");
    a.commitIndex = 1;
    look("a");
    c.entries = [entry(1, 2, "another")];
    c.commitIndex = 1;
    look("c");
    expect(broken).toEqual(["stateMachineSafety"]);
  });

  it("a commit index falls, or lies beyond the log", () => {
    const { broken, look, b, c } = goodWorld();
    b.commitIndex = 1;
    look("b");
    expect(broken).toEqual(["commitNeverFalls"]);
    c.commitIndex = 9;
    look("c");
    expect(broken).toEqual(["commitNeverFalls", "commitNeverFalls"]);
  });

  it("a leader commits an entry of an earlier term by counting (§5.4.2)", () => {
    const { broken, look, a, b, c } = goodWorld();
    for (const member of [a, b, c]) member.entries.push(entry(3, 1));
    look("a", "b", "c");
    a.term = 2;
    a.commitIndex = 3;
    look("a");
    expect(broken).toEqual(["commitOwnTermOnly"]);
  });

  it("something is committed that only a minority has", () => {
    const { broken, look, a } = goodWorld();
    a.entries.push(entry(3, 1));
    a.commitIndex = 3;
    look("a");
    expect(broken).toEqual(["commitOnQuorum"]);
  });

  it("something is committed by one half of a joint configuration alone", () => {
    const { broken, look, a, b, c } = goodWorld();
    const joint = { ...CONFIGURATION, votersOutgoing: ["a", "d", "e"] };
    for (const member of [a, b, c]) member.configuration = joint;
    for (const member of [a, b, c]) member.entries.push(changeTo(3, 1, joint));
    look("a", "b", "c");
    a.commitIndex = 3;
    look("a");
    expect(broken).toContain("commitOnQuorum");
  });

  it("a member votes for two in one term, or for itself after another", () => {
    const { broken, checker, record } = goodWorld();
    const vote = (to: string): VoteResponse => {
      return { type: "voteResponse", from: "c", to, term: 5, preVote: false, granted: true };
    };
    checker.messageSent(record("c"), vote("a"));
    checker.messageSent(record("c"), vote("a"));
    checker.messageSent(record("c"), { ...vote("b"), preVote: true });
    expect(broken).toEqual([]);
    checker.messageSent(record("c"), vote("b"));
    expect(broken).toEqual(["voteOncePerTerm"]);
    checker.messageSent(record("c"), {
      type: "voteRequest",
      from: "c",
      to: "a",
      term: 5,
      preVote: false,
      leadershipTransfer: false,
      lastLogIndex: 2,
      lastLogTerm: 1,
    });
    expect(broken).toEqual(["voteOncePerTerm", "voteOncePerTerm"]);
  });

  it("a vote is forgotten in a crash", () => {
    const { broken, checker, record, c } = goodWorld();
    checker.messageSent(record("c"), {
      type: "voteResponse",
      from: "c",
      to: "b",
      term: 5,
      preVote: false,
      granted: true,
    });
    checker.stopped(record("c"));
    c.term = 5;
    c.vote = null;
    checker.started(record("c"), c);
    expect(broken).toEqual(["promisesKept"]);
  });

  it("an acknowledged entry is lost in a crash, or was never there", () => {
    const { broken, checker, record, c } = goodWorld();
    const accepted: AppendAccepted = { type: "appendAccepted", from: "c", to: "a", term: 1, matchIndex: 2 };
    checker.messageSent(record("c"), { ...accepted, matchIndex: 7 });
    expect(broken).toEqual(["promisesKept"]);
    checker.messageSent(record("c"), accepted);
    checker.stopped(record("c"));
    c.entries = c.entries.slice(0, 1);
    c.commitIndex = 0;
    checker.started(record("c"), c);
    expect(broken).toEqual(["promisesKept", "promisesKept"]);
  });

  it("but not when a crash loses what took the place of an acknowledged entry, and was committed with the cut", () => {
    const { broken, checker, look, record, a, b, c } = goodWorld();
    c.entries.push(entry(3, 1, "old"));
    look("c");
    checker.messageSent(record("c"), { type: "appendAccepted", from: "c", to: "a", term: 1, matchIndex: 3 });
    for (const member of [a, b]) {
      member.term = 2;
      member.entries.push(entry(3, 2));
    }
    look("b", "a");
    a.commitIndex = 3;
    look("a");
    c.term = 2;
    c.entries[2] = entry(3, 2);
    c.commitIndex = 3;
    look("c");
    checker.stopped(record("c"));
    c.entries.pop();
    c.commitIndex = 0;
    checker.started(record("c"), c);
    expect(broken).toEqual([]);
  });

  it("two changes of the membership are under way at once", () => {
    const { broken, look, a } = goodWorld();
    const four = { ...CONFIGURATION, voters: ["a", "b", "c", "d"] };
    const five = { ...CONFIGURATION, voters: ["a", "b", "c", "d", "e"] };
    a.entries.push(changeTo(3, 1, four));
    a.configuration = four;
    look("a");
    expect(broken).toEqual([]);
    a.entries.push(changeTo(4, 1, five));
    a.configuration = five;
    look("a");
    expect(broken).toEqual(["configurationSafety"]);
  });

  it("a configuration can decide without the one before", () => {
    const { broken, look, a } = goodWorld();
    a.configuration = { ...CONFIGURATION, voters: ["c", "d", "e"] };
    a.entries.push(changeTo(3, 1, a.configuration));
    look("a");
    expect(broken).toEqual(["configurationSafety"]);
  });

  it("one who is no voter leads", () => {
    const { broken, look, b } = goodWorld();
    b.configuration = { ...CONFIGURATION, voters: ["a", "c"], learners: [] };
    b.term = 2;
    b.role = "leader";
    look("b");
    expect(broken).toEqual(["configurationSafety"]);
  });

  it("something is compacted that isn't committed", () => {
    const { broken, look, b } = goodWorld();
    b.baseIndex = 5;
    b.baseTerm = 1;
    b.entries = [];
    b.commitIndex = 5;
    look("b");
    expect(broken).toContain("snapshotsAgree");
  });

  it("a machine executes another command than others did, or gives another result", () => {
    const { broken, checker } = goodWorld();
    checker.effects.executed("a", 1, 77);
    checker.effects.executed("b", 1, 77);
    expect(broken).toEqual([]);
    checker.effects.executed("c", 1, 78);
    expect(broken).toEqual(["stateMachineSafety"]);
  });

  it("entries are applied with a gap, or before they are committed", () => {
    const { broken, checker, record } = goodWorld();
    checker.applied(record("a"), 2, 2, 0);
    checker.applied(record("b"), 1, 3, 0);
    expect(broken).toEqual(["stateMachineSafety", "stateMachineSafety"]);
  });

  it("a machine executes more commands than there are", () => {
    const { broken, checker, record } = goodWorld();
    checker.applied(record("a"), 1, 2, 2);
    expect(broken).toEqual([]);
    checker.applied(record("b"), 1, 2, 3);
    expect(broken).toEqual(["sessionsApplyOnce"]);
  });

  it("a command that is repeated within its session takes effect twice", () => {
    const { broken, checker, look, record, a, b, c } = world();
    const command = (index: number): Entry => {
      const session = { sessionId: 1, sequence: 1, firstOpenSequence: 1 };
      const data = encodeEnvelope({ kind: "command", clusterTimeMs: 0, session, payload: new Uint8Array(1) });
      return { index, term: 1, kind: "command", data, configuration: null };
    };
    const register = { ...entry(1, 1), data: encodeEnvelope({ kind: "register", clusterTimeMs: 0 }) };
    for (const member of [a, b, c]) {
      member.entries = [register, command(2), command(3)];
      member.commitIndex = 3;
    }
    look("a", "b", "c");
    checker.applied(record("a"), 1, 3, 1);
    expect(broken).toEqual([]);
    checker.applied(record("b"), 1, 3, 2);
    expect(broken).toEqual(["sessionsApplyOnce"]);
  });

  it("snapshots of the same moment differ, or hold what nobody had", () => {
    const { broken, checker } = goodWorld();
    checker.effects.executed("a", 1, 5);
    checker.effects.captured("a", 1, 100);
    checker.effects.captured("b", 1, 101);
    expect(broken).toEqual(["snapshotsAgree"]);
    checker.effects.restored("c", 1, 6);
    expect(broken).toEqual(["snapshotsAgree", "snapshotsAgree"]);
  });

  it("a read does not show what was committed before it began", () => {
    const { broken, checker } = goodWorld();
    checker.effects.read("a", 4, 4, false);
    expect(broken).toEqual([]);
    checker.effects.read("a", 3, 4, false);
    checker.effects.read("a", 3, 4, true);
    expect(broken).toEqual(["readSafety", "leaseSafety"]);
  });

  it("a client is told that something is committed which is not", () => {
    const { broken, checker } = goodWorld();
    checker.acknowledged("a", 2, 1);
    expect(broken).toEqual([]);
    checker.acknowledged("a", 3, 1);
    checker.acknowledged("a", 2, 4);
    expect(broken).toEqual(["acknowledgedCommitted", "acknowledgedCommitted"]);
  });
});
