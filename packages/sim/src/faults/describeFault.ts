import type { NodeId } from "@balsa/core";
import { formatDuration } from "../report/formatDuration.js";
import type { TimedFault } from "../scenario/timedFault.js";

/** One line for a person: what happens, to whom, and for how long. */
export function describeFault(fault: TimedFault, nodes: readonly NodeId[]): string {
  const who = nodes.length === 0 ? "all" : nodes.join(", ");
  const lasting = "durationMs" in fault ? ` for ${formatDuration(fault.durationMs)}` : "";
  return describe(fault, who, nodes) + lasting;
}

function describe(fault: TimedFault, who: string, nodes: readonly NodeId[]): string {
  switch (fault.kind) {
    case "loss":
      return `${percent(fault.rate)} of messages lost (${who})`;
    case "duplication":
      return `${percent(fault.rate)} of messages duplicated (${who})`;
    case "reordering":
      return `${percent(fault.rate)} of messages overtaken (${who})`;
    case "slowLink":
      return `messages ${formatDuration(fault.extraDelayMs)} slower (${who})`;
    case "partition":
      return fault.oneWay === true ? `${who} can't hear the others` : `${who} cut off from the others`;
    case "bridge":
      return `only a bridge left between two sides (${who})`;
    case "crash":
      return fault.unsynced === "lose" ? `${who} loses power, and what wasn't synced` : `${who} crashes`;
    case "clusterCrash":
      return fault.unsynced === "lose" ? "all nodes lose power, and what wasn't synced" : "all nodes crash";
    case "upgrade":
      return `${who} is replaced by one that speaks version ${String(fault.version)} of the protocol,`;
    case "pause":
      return `${who} pauses`;
    case "clockSkew":
      return `the clock of ${who} jumps ${formatDuration(fault.skewMs)} ahead`;
    case "clockDrift":
      return `the clock of ${who} runs at ${String(fault.rate)} times its rate`;
    case "bitRot":
      return `a bit of the log of ${who} rots`;
    case "diskError":
      return `the disk of ${who} fails an operation`;
    case "fullDisk":
      return `the disk of ${who} is full`;
    case "slowDisk":
      return `the disk of ${who} takes ${formatDuration(fault.syncMs)} or more to sync`;
    case "diskStall":
      return `the disk of ${who} stalls`;
    case "addMember":
      return `${who} joins as a learner`;
    case "promote":
      return `${who} becomes a voter`;
    case "demote":
      return `${who} becomes a learner`;
    case "removeMember":
      return `${who} leaves the cluster`;
    case "replaceMember":
      return nodes.join(" is replaced by ");
    case "transferLeadership":
      return `the leader hands over to ${who}`;
  }
}

function percent(rate: number): string {
  return `${String(Math.round(rate * 10_000) / 100)} %`;
}
