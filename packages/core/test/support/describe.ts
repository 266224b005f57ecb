import type { Configuration, Entry, Message, RaftEvent } from "@balsa/core";
import { text } from "./bytes.js";

/** As scripts write it: lists that are empty are left out, but for that of the voters. */
export function describeConfiguration(configuration: Configuration): string {
  const { voters, votersOutgoing, learners, learnersNext } = configuration;
  const lists = [`voters=(${voters.join(",")})`];
  if (votersOutgoing.length > 0) lists.push(`outgoing=(${votersOutgoing.join(",")})`);
  if (learners.length > 0) lists.push(`learners=(${learners.join(",")})`);
  if (learnersNext.length > 0) lists.push(`learnersNext=(${learnersNext.join(",")})`);
  return lists.join(" ");
}

/** Index and term, `3@2`, then what stands there. */
export function describeEntry({ index, term, kind, data, configuration }: Entry): string {
  const place = `${index}@${term}`;
  if (configuration !== null) return `${place} ${describeConfiguration(configuration)}`;
  return kind === "noop" ? `${place} no-op` : `${place} "${text(data)}"`;
}

export function describeMessage(message: Message): string {
  const { from, to, term } = message;
  return `${from}→${to} ${describeBody(message)}, term ${term}`;
}

function describeBody(message: Message): string {
  switch (message.type) {
    case "voteRequest": {
      const kind = message.preVote ? "pre-vote?" : message.leadershipTransfer ? "vote? (hand-over)" : "vote?";
      return `${kind} log ends at ${message.lastLogIndex}@${message.lastLogTerm}`;
    }
    case "voteResponse":
      return `${message.preVote ? "pre-vote" : "vote"} ${message.granted ? "granted" : "refused"}`;
    case "appendRequest": {
      const entries = message.entries.length === 0 ? "nothing" : message.entries.map(describeEntry).join("; ");
      const before = `${message.previousLogIndex}@${message.previousLogTerm}`;
      return `append behind ${before}: ${entries}; commit ${message.commitIndex}`;
    }
    case "appendAccepted":
      return `accepted up to ${message.matchIndex}`;
    case "appendRejected":
      return `rejected ${message.rejectedIndex}, may agree up to ${message.hintIndex}@${message.hintTerm}`;
    case "heartbeatRequest":
      return `heartbeat ${message.round === 0 ? "without a round" : `round ${message.round}`}, commit ${message.commitIndex}`;
    case "heartbeatResponse":
      return `heartbeat answered, round ${message.round}`;
    case "snapshotRequest": {
      const { index, term, sizeBytes, configuration } = message.snapshot;
      const part = `bytes ${message.offset} to ${message.offset + message.data.length} of ${sizeBytes}`;
      return `snapshot up to ${index}@${term}, ${describeConfiguration(configuration)}, ${part}`;
    }
    case "snapshotResponse":
      return `snapshot up to ${message.snapshotIndex} ${message.failed ? "failed" : `there up to byte ${message.nextOffset}`}`;
    case "readIndexRequest":
      return "read index?";
    case "readIndexResponse":
      return message.index === null ? "read index refused" : `read index ${message.index}`;
    case "timeoutNow":
      return "campaign now";
  }
}

/** Null for what scripts pass over, as it follows from the rest. */
export function describeEvent(id: string, event: RaftEvent): string | null {
  switch (event.type) {
    case "roleChanged":
      return `${id} is ${ROLE_NAMES[event.role]} in term ${event.term}: ${event.reason}`;
    case "entriesCommitted":
      return `${id} commits up to ${event.commitIndex}`;
    case "configurationChanged":
      return `${id} goes by ${describeConfiguration(event.configuration)} from ${event.index} on`;
    case "configurationCommitted":
      return `${id} knows that the configuration at ${event.index} is committed`;
    case "logTruncated":
      return `${id} cuts its log from ${event.fromIndex} on`;
    case "snapshotTaken":
      return `${id} has a snapshot up to ${event.index}`;
    case "snapshotInstalled":
      return `${id} takes over a snapshot up to ${event.index}`;
    case "leadershipTransferStarted":
      return `${id} hands leadership to ${event.to}`;
    case "leadershipTransferEnded":
      return `${id} ${event.succeeded ? "has handed" : "could not hand"} leadership to ${event.to}`;
    case "followerLostEntries":
      return `${id} finds that ${event.id} has lost entries: ${event.matchIndex} acknowledged, ${event.lastIndex} there`;
    case "messageRefused":
      return `${id} refuses a message of ${event.from}: ${event.reason}`;
    case "termChanged":
    case "leaderElected":
    case "snapshotSent":
      return null;
  }
}

export const ROLE_NAMES = {
  follower: "follower",
  preCandidate: "pre-candidate",
  candidate: "candidate",
  leader: "leader",
} as const;
