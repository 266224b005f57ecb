import type { Configuration, ConfigurationChange } from "./configuration.js";
import type { NodeId } from "./entry.js";

/** The most members that a configuration may name. */
export const MAX_MEMBERS = 64;

/** The longest name of a member, in UTF-16 code units. */
export const MAX_ID_LENGTH = 64;

export type ConfigurationChangeResult =
  { readonly ok: true; readonly configuration: Configuration } | { readonly ok: false; readonly reason: string };

export function simpleConfiguration(voters: readonly NodeId[], learners: readonly NodeId[] = []): Configuration {
  return { voters: sorted(voters), votersOutgoing: [], learners: sorted(learners), learnersNext: [] };
}

export function isJoint(configuration: Configuration): boolean {
  return configuration.votersOutgoing.length > 0;
}

export function isVoter(configuration: Configuration, id: NodeId): boolean {
  return configuration.voters.includes(id) || configuration.votersOutgoing.includes(id);
}

/** Everyone who receives the log: voters of both halves and learners, sorted. */
export function membersOf(configuration: Configuration): readonly NodeId[] {
  return sorted([...configuration.voters, ...configuration.votersOutgoing, ...configuration.learners]);
}

/**
 * The configuration to append for these changes: a joint one when the set of voters changes (§6), else the final one
 * directly, for learners don't count in any decision. A change that cannot be made refuses them all.
 */
export function changeConfiguration(
  current: Configuration,
  changes: readonly ConfigurationChange[],
): ConfigurationChangeResult {
  if (isJoint(current)) return refuse("the configuration is joint: an earlier change has not ended yet");
  if (!Array.isArray(changes) || changes.length === 0) return refuse("no change was given");
  const voters = new Set(current.voters);
  const learners = new Set(current.learners);
  const touched = new Set<NodeId>();
  for (const change of changes as readonly ConfigurationChange[]) {
    if (typeof change?.id !== "string") return refuse("a change does not name a member");
    if (touched.has(change.id)) return refuse(`${change.id} is named in more than one change`);
    touched.add(change.id);
    const reason = applyChange(change, voters, learners);
    if (reason !== null) return refuse(reason);
  }
  if (voters.size === 0) return refuse("no voter would be left");
  if (voters.size + learners.size > MAX_MEMBERS) return refuse(`there would be more than ${MAX_MEMBERS} members`);
  return { ok: true, configuration: transition(current, voters, learners) };
}

/** The configuration that ends a joint one. */
export function leaveJoint(configuration: Configuration): Configuration {
  return simpleConfiguration(configuration.voters, [...configuration.learners, ...configuration.learnersNext]);
}

function applyChange(change: ConfigurationChange, voters: Set<NodeId>, learners: Set<NodeId>): string | null {
  const { id } = change;
  switch (change.type) {
    case "addLearner":
      if (id.length === 0 || id.length > MAX_ID_LENGTH)
        return `a member needs a name of 1 to ${MAX_ID_LENGTH} characters`;
      if (voters.has(id) || learners.has(id)) return `${id} is a member already`;
      learners.add(id);
      return null;
    case "promote":
      if (!learners.delete(id)) return `${id} is not a learner`;
      voters.add(id);
      return null;
    case "demote":
      if (!voters.delete(id)) return `${id} is not a voter`;
      learners.add(id);
      return null;
    case "remove":
      if (!voters.delete(id) && !learners.delete(id)) return `${id} is not a member`;
      return null;
    default:
      return `there is no change of the type ${String((change as { type: unknown }).type)}`;
  }
}

/** A voter that becomes a learner goes on voting in the outgoing half, and so is a learner only when that is left. */
function transition(current: Configuration, voters: Set<NodeId>, learners: Set<NodeId>): Configuration {
  const sameVoters = voters.size === current.voters.length && current.voters.every((id) => voters.has(id));
  if (sameVoters) return simpleConfiguration([...voters], [...learners]);
  const outgoing = new Set(current.voters);
  return {
    voters: sorted([...voters]),
    votersOutgoing: sorted(current.voters),
    learners: sorted([...learners].filter((id) => !outgoing.has(id))),
    learnersNext: sorted([...learners].filter((id) => outgoing.has(id))),
  };
}

function refuse(reason: string): ConfigurationChangeResult {
  return { ok: false, reason };
}

/** By code units, so that every machine sorts alike. */
function sorted(ids: readonly NodeId[]): readonly NodeId[] {
  return [...new Set(ids)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** What is wrong with a configuration from outside, or null. */
export function describeInvalidConfiguration(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return "the configuration is not an object";
  const { voters, votersOutgoing, learners, learnersNext } = value as Record<string, unknown>;
  for (const list of [voters, votersOutgoing, learners, learnersNext]) {
    if (!isSortedIdList(list)) return "a list of members is not sorted, unique and of non-empty names";
  }
  const configuration = value as Configuration;
  if (membersOf(configuration).length > 2 * MAX_MEMBERS) return "the configuration has too many members";
  if (configuration.learners.some((id) => isVoter(configuration, id))) return "a learner is a voter too";
  if (
    configuration.learnersNext.some(
      (id) => !configuration.votersOutgoing.includes(id) || configuration.voters.includes(id),
    )
  ) {
    return "a coming learner is not an outgoing voter";
  }
  if (isJoint(configuration) && configuration.voters.length === 0)
    return "a joint configuration has no incoming voters";
  return null;
}

function isSortedIdList(list: unknown): boolean {
  if (!Array.isArray(list)) return false;
  return list.every(
    (id, i) =>
      typeof id === "string" &&
      id.length > 0 &&
      id.length <= MAX_ID_LENGTH &&
      (i === 0 || (list[i - 1] as string) < id),
  );
}
