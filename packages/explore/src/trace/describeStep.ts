import type { Member } from "../member/member.js";
import type { World } from "../state/world.js";
import { describeConfiguration, describeEntry, describeMessage } from "./describeMessage.js";

/** What a step has changed, in words: a line for each member it happened to, and one for each message that left. */
export function describeStep(world: World, before: Int32Array, after: Int32Array): readonly string[] {
  const { layout, members, messages, names } = world;
  const lines: string[] = [];
  for (let node = 0; node < layout.nodes; node += 1) {
    if (before[node] === after[node]) continue;
    const old = members.get(before[node] as number);
    const present = members.get(after[node] as number);
    const changes = describeMember(old, present);
    if (changes.length > 0) lines.push(`${names[node] as string}: ${changes.join(", ")}`);
  }
  for (const message of arrivals(world, before, after)) lines.push(`sent ${describeMessage(messages.get(message))}`);
  return lines;
}

function describeMember(before: Member, after: Member): string[] {
  const old = before.raft;
  const { raft } = after;
  const changes: string[] = [];
  if (raft.role !== old.role || raft.term !== old.term) changes.push(`${raft.role} in term ${raft.term}`);
  if (raft.vote !== old.vote && raft.vote !== null) changes.push(`votes for ${raft.vote}`);
  const log = raft.log.entries.map(describeEntry).join(" ");
  if (log !== old.log.entries.map(describeEntry).join(" ")) changes.push(`log [${log}]`);
  if (raft.log.baseIndex !== old.log.baseIndex) changes.push(`log begins behind ${raft.log.baseIndex}`);
  if (raft.commitIndex !== old.commitIndex) changes.push(`committed up to ${raft.commitIndex}`);
  const configuration = describeConfiguration(raft.configurations.at(-1)!.configuration);
  if (configuration !== describeConfiguration(old.configurations.at(-1)!.configuration)) {
    changes.push(`members {${configuration}}`);
  }
  if (after.writes.length !== before.writes.length) changes.push(`writes under way: ${after.writes.length}`);
  return changes;
}

/** Messages that are on their way now and were not, or not so often. */
function arrivals({ layout }: World, before: Int32Array, after: Int32Array): number[] {
  const listed = (state: Int32Array): number[] =>
    Array.from(state.subarray(layout.messages, layout.messages + (state[layout.messageCount] as number)));
  const old = listed(before);
  return listed(after).filter((message) => {
    const place = old.indexOf(message);
    if (place >= 0) old.splice(place, 1);
    return place < 0;
  });
}
