import {
  changeConfiguration,
  leaveJoint,
  quorumValue,
  voteOutcome,
  type Configuration,
  type ConfigurationChange,
} from "@balsa/core";
import { describeConfiguration } from "./describe.js";

const CHANGE_TYPES: Readonly<Record<string, ConfigurationChange["type"]>> = {
  "add-learner": "addLearner",
  promote: "promote",
  demote: "demote",
  remove: "remove",
};

/** `add-learner d, promote e` */
export function parseChanges(text: string): ConfigurationChange[] {
  if (text.trim() === "") return [];
  return text.split(",").map((each) => {
    const [word = "", id = ""] = each.trim().split(" ");
    const type = CHANGE_TYPES[word];
    if (type === undefined || id === "") throw new Error(`no change is called "${each.trim()}"`);
    return { type, id };
  });
}

/** `voters=(a,b) outgoing=(c)`: the lists by their names. */
function parseLists(text: string): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const [, name = "", items = ""] of text.matchAll(/(\w+)=\(([^)]*)\)/g)) {
    lists.set(name, items === "" ? [] : items.split(",").map((item) => item.trim()));
  }
  return lists;
}

export function parseConfiguration(text: string): Configuration {
  const lists = parseLists(text);
  return {
    voters: lists.get("voters") ?? [],
    votersOutgoing: lists.get("outgoing") ?? [],
    learners: lists.get("learners") ?? [],
    learnersNext: lists.get("learnersNext") ?? [],
  };
}

/** `voters=(a,b,c) match=(a:5,b:3)`: what a quorum has; who isn't named has nothing. */
export function commitIndexOf(text: string): string[] {
  const configuration = parseConfiguration(text);
  const matches = new Map((parseLists(text).get("match") ?? []).map((each) => each.split(":") as [string, string]));
  const matchOf = (id: string): number => Number(matches.get(id) ?? 0);
  const half = (name: string, voters: readonly string[]): string => {
    const descending = voters.map(matchOf).sort((a, b) => b - a);
    const needed = Math.floor(voters.length / 2) + 1;
    return `${name}: ${descending.join(" ")}, so ${needed} of ${voters.length} have ${descending[needed - 1]}`;
  };
  const said = [half("voters", configuration.voters)];
  if (configuration.votersOutgoing.length > 0) said.push(half("outgoing", configuration.votersOutgoing));
  return [...said, `commit index ${quorumValue(configuration, matchOf)}`];
}

/** `voters=(a,b,c) yes=(a) no=(b)`: what a vote has come to. */
export function voteOf(text: string): string[] {
  const lists = parseLists(text);
  const [yes, no] = [lists.get("yes") ?? [], lists.get("no") ?? []];
  return [voteOutcome(parseConfiguration(text), (id) => (yes.includes(id) ? true : no.includes(id) ? false : null))];
}

/** `voters=(a,b) : promote c`: the configuration that would be appended, or why not. */
export function computeChange(text: string): string[] {
  const [current = "", changes = ""] = text.split(" : ");
  const result = changeConfiguration(parseConfiguration(current), parseChanges(changes));
  return [result.ok ? describeConfiguration(result.configuration) : `refused: ${result.reason}`];
}

export function computeLeave(text: string): string[] {
  return [describeConfiguration(leaveJoint(parseConfiguration(text)))];
}
