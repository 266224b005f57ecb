import type { AppendRequest, Entry, Message } from "@balsa/core";
import { bytes } from "./bytes.js";
import { member, type Member, type MemberSetup } from "./member.js";

export function command(index: number, term: number, content = `${index}@${term}`): Entry {
  return { index, term, kind: "command", data: bytes(content), configuration: null };
}

export function noop(index: number, term: number): Entry {
  return { index, term, kind: "noop", data: new Uint8Array(0), configuration: null };
}

/** Entries from `first` on, one for each term given. */
export function commands(first: number, ...terms: number[]): Entry[] {
  return terms.map((term, i) => command(first + i, term));
}

type Append = Omit<AppendRequest, "from" | "to" | "term" | "type">;

export function append(fields: Partial<Append> = {}): Append & { type: "appendRequest" } {
  return { type: "appendRequest", previousLogIndex: 1, previousLogTerm: 1, entries: [], commitIndex: 0, ...fields };
}

/** `a`, a founder beside `b` and `c`, which follows `b` in term 2 and holds `entries` behind the first configuration. */
export function followerWith(entries: readonly Entry[] = [], setup: MemberSetup = {}): Member {
  const a = member(setup);
  const term = Math.max(2, entries[entries.length - 1]?.term ?? 0);
  a.receive("b", { ...append({ entries }), term });
  a.take();
  return a;
}

/** Lets `candidate` time out and gives it the votes of `voters`. What it sent as leader stays in its outbox. */
export function elect(candidate: Member, voters: readonly string[] = ["b"]): Member {
  candidate.wakeAtDeadline();
  if (candidate.raft.role === "preCandidate") {
    for (const voter of voters) {
      const term = candidate.raft.term + 1;
      if (candidate.raft.role !== "preCandidate") break;
      candidate.receive(voter, { type: "voteResponse", preVote: true, granted: true, term });
    }
  }
  candidate.take();
  for (const voter of voters) candidate.receive(voter, { type: "voteResponse", preVote: false, granted: true });
  if (candidate.raft.role !== "leader") throw new Error(`${candidate.id} is ${candidate.raft.role}`);
  return candidate;
}

/** `a` leads `b` and `c` in term 2; its no-op, entry 2, isn't acknowledged by anyone yet. */
export function freshLeader(setup: MemberSetup = {}): Member {
  return elect(member(setup));
}

/** Lets `voters` acknowledge the whole log of `leader`. */
export function acknowledge(leader: Member, voters: readonly string[] = ["b", "c"], matchIndex?: number): void {
  for (const voter of voters) {
    leader.receive(voter, { type: "appendAccepted", matchIndex: matchIndex ?? leader.raft.lastLogIndex });
  }
}

/** `a` leads `b` and `c` in term 2, and all have and know as committed its no-op, entry 2. */
export function leader(setup: MemberSetup = {}): Member {
  const a = freshLeader(setup);
  acknowledge(a);
  a.take();
  return a;
}

/** Lets `voters` answer the latest round of heartbeats. */
export function answerHeartbeats(of: Member, voters: readonly string[] = ["b", "c"]): void {
  const round = of.raft.save().leadership?.round ?? 0;
  for (const voter of voters) of.receive(voter, { type: "heartbeatResponse", round, resting: false });
}

/** Lets time pass on a leader while `voters` answer its heartbeats. */
export function elapseInContact(of: Member, milliseconds: number, voters: readonly string[] = ["b", "c"]): void {
  const until = of.now + milliseconds;
  while (of.raft.deadline <= until) {
    of.wakeAtDeadline();
    answerHeartbeats(of, voters);
  }
  of.elapse(until - of.now);
}

export function to(id: string, messages: readonly Message[]): Message[] {
  return messages.filter((message) => message.to === id);
}
