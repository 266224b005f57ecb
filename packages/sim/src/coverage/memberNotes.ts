import type { NodeId, Role } from "@balsa/core";

/** What is remembered of one member to recognise situations by. */
export interface MemberNotes {
  role: Role;
  /** The last one that it changed its role in. */
  term: number;
  transferringTo: NodeId | null;
  configurationIndex: number;
  /** Whether it was a learner or a voter in the last configuration that it knew to be committed. */
  standing: "voter" | "learner" | null;
  /** From where its log was last cut. */
  cutFrom: number;
  incoming: { index: number; checksum: number; from: NodeId; offset: number } | null;
  /** A vote was asked in this term; the next look tells whether the term was taken over. 0: none. */
  askedInTerm: number;
  /** How it was when it last stopped. */
  stopped: { asLeader: boolean; lastIndex: number; elections: number } | null;
  /** The term in which it had voted when it last started; 0: none. */
  votedBeforeStart: number;
}

export function newMemberNotes(): MemberNotes {
  return {
    role: "follower",
    term: 0,
    transferringTo: null,
    configurationIndex: 0,
    standing: null,
    cutFrom: Infinity,
    incoming: null,
    askedInTerm: 0,
    stopped: null,
    votedBeforeStart: 0,
  };
}
