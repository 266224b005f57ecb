import { wrapText } from "../render/text.js";
import type { RecoveredMembers, Recovery } from "./recover.js";

const WIDTH = 100;

/** What is at stake, before anything is done. */
export function recoveryWarning(recovery: Recovery): string[] {
  const { directory, id, oldCluster, newCluster, groups } = recovery;
  const others = [...new Set(groups.flatMap((group) => group.others))];
  const lost = others.length === 0 ? "other members" : others.join(", ");
  const again =
    oldCluster === newCluster
      ? `it would be a second cluster under the name ${oldCluster} that takes commands, and clients could not tell the two apart`
      : `they still belong to ${oldCluster}, and would be that cluster again, beside this one`;
  return [
    `Member ${id} of the cluster ${oldCluster}, in ${directory}:`,
    ...groups.map(describeGroup),
    `WARNING: to make ${id} the only member of the cluster ${newCluster} by force means:`,
    ...point(`If a majority of the members can still be started with their data, stop here: that loses nothing.`),
    ...groups.flatMap((group) =>
      point(
        `What was acknowledged and stands behind entry ${String(group.lastIndex)} is lost, and so is any other entry that only ` +
          `${lost} had. How much that is can't be seen from here; of the members that are left take the one with the highest ` +
          "last term, and among those the longest log.",
      ),
    ),
    ...point(
      "All entries up to there count as committed from now on, also those at the end that never were, whose clients heard that " +
        "the outcome is unknown.",
    ),
    ...point(
      `Never again run ${lost} with the data they had: if a majority of them ran, ${again}. They join anew, under new names ` +
        "and with empty data directories.",
    ),
  ];
}

/** What to do next. */
export function startingText({ directory, id, newCluster }: Recovery, originals: string): string[] {
  return [
    `Done. ${id} is the only member of the cluster ${newCluster}. The log as it was is in ${originals}.`,
    "Start it with no other member named, then add the others one by one:",
    `  balsa serve --id ${id} --data ${directory} --cluster ${newCluster} --listen HOST:PORT --members ${id}=HOST:PORT`,
    `  balsa member add NEW=HOST:PORT --cluster ${newCluster} --servers HOST:PORT`,
  ];
}

function describeGroup({ group, term, lastIndex, lastTerm, others, wasMember }: RecoveredMembers): string {
  const with_ = others.length === 0 ? "no other member" : `other members: ${others.join(", ")}`;
  const odd = wasMember ? "" : "; its own log does not name it as a member";
  return `  group ${String(group)}: term ${String(term)}, entries up to ${String(lastIndex)} of term ${String(lastTerm)}, ${with_}${odd}`;
}

function point(text: string): string[] {
  return wrapText(text, WIDTH, "  - ", "    ");
}
