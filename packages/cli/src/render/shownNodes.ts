import type { SimulationReport } from "@balsa/sim";

/** More lanes than this don't fit a screen. */
const MAX_SHOWN_NODES = 16;

/**
 * Who is shown to a person. In a long run with changes of membership hundreds of nodes come and go; then those that
 * have left are left out, and after them the latest of the others.
 */
export function shownNodes(report: Pick<SimulationReport, "finalStates">): ReadonlySet<string> {
  const { finalStates } = report;
  const all =
    finalStates.length <= MAX_SHOWN_NODES ? finalStates : finalStates.filter(({ role }) => role !== "removed");
  return new Set(all.slice(0, MAX_SHOWN_NODES).map(({ id }) => id));
}
