import type { SimulationPhase, TraceEvent, TraceEventOf } from "@balsa/sim";
import { formatSeconds } from "../duration.js";
import { termColour, type Emphasis, type Paint } from "./style.js";
import { printable, words, wrapText } from "./text.js";

interface Told {
  readonly text: string;
  readonly emphases?: readonly Emphasis[];
}

const PHASES: Readonly<Record<SimulationPhase, string>> = {
  faults: "the run begins",
  liveness: "the faults end; all are healed and must serve again",
  recovery: "everything is healed: all members must catch up",
  done: "the run ends",
};

const TIME_WIDTH = 9;
const NODE_WIDTH = 6;

/** A line (or more, where it is long) for an event that a person would want to hear of; none for all others. */
export function tellEvent(event: TraceEvent, paint: Paint, width: number): string[] {
  const told = tell(event);
  if (told === null) return [];
  const node = event.node === "world" ? "*" : event.node;
  const head = tellPlace(event.timeMs, node);
  const indent = " ".repeat(TIME_WIDTH + 2 + NODE_WIDTH);
  const lines = wrapText(printable(told.text), width, " ".repeat(head.length), `${indent}  `);
  return lines.map((line, index) => {
    const start = index === 0 ? head : indent;
    return start + paint(line.slice(start.length), ...(told.emphases ?? []));
  });
}

function tell(event: TraceEvent): Told | null {
  switch (event.what) {
    case "leaderElected":
      return { text: `leads term ${String(event.term)}`, emphases: ["bold", termColour(event.term)] };
    case "roleChanged":
      if (event.role !== "candidate") return null;
      return { text: `campaigns for term ${String(event.term)}: ${event.reason}`, emphases: ["dim"] };
    case "faultBegan":
      return { text: `fault: ${event.description}`, emphases: ["yellow"] };
    case "faultEnded":
      return { text: `over: ${event.description}`, emphases: ["dim"] };
    case "started": {
      const torn = event.tornBytes > 0 ? `, ${String(event.tornBytes)} torn bytes cut off` : "";
      return { text: `starts again with its log up to ${String(event.lastLogIndex)}${torn}` };
    }
    case "stopped":
      return { text: `stops: ${event.reason}`, emphases: ["red"] };
    case "configurationCommitted":
      return { text: `membership committed: ${tellMembers(event)}`, emphases: ["bold"] };
    case "snapshotInstalled":
      return { text: `caught up by a snapshot up to ${String(event.index)}` };
    case "leadershipTransfer":
      return event.succeeded === null ? { text: `hands leadership to ${event.to}` } : null;
    case "clientGaveUp":
      return { text: `gave up on ${event.operation}: ${event.reason}`, emphases: ["yellow"] };
    case "phase":
      return { text: tellPhase(event), emphases: ["bold"] };
    case "violation":
      return { text: `VIOLATED: ${words(event.check)}: ${event.message}`, emphases: ["bold", "red"] };
    default:
      return null;
  }
}

/** When and where, with a space after it however long the node's name is. */
function tellPlace(timeMs: number, node: string): string {
  return `${formatSeconds(timeMs).padStart(TIME_WIDTH)}  ${node.padEnd(NODE_WIDTH - 1)} `;
}

function tellPhase({ phase, broken }: TraceEventOf<"phase">): string {
  const [only] = broken;
  if (phase !== "liveness" || only === undefined) return PHASES[phase];
  const names = broken.length === 1 ? `${only} is` : `${broken.slice(0, -1).join(", ")} and ${broken.at(-1) ?? ""} are`;
  return `at last ${names} broken as a test; the others must serve`;
}

function tellMembers(event: TraceEventOf<"configurationCommitted" | "configurationChanged">) {
  const learners = event.learners.length === 0 ? "" : `, learning: ${event.learners.join(" ")}`;
  const joint = event.votersOutgoing.length === 0 ? "" : ` (jointly with ${event.votersOutgoing.join(" ")})`;
  return `${event.voters.join(" ")}${joint}${learners}`;
}

const COMMON = new Set(["timeMs", "step", "node", "what"]);

/** Any event on one line, for `BALSA_LOG=debug`. */
export function tellAnyEvent(event: TraceEvent): string {
  const details = Object.entries(event)
    .filter(([name]) => !COMMON.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const head = tellPlace(event.timeMs, event.node) + event.what;
  return printable([head, ...details].join(" "));
}
