import { HistoryFormatError } from "./historyFormatError.js";
import type { EventPair, HistoryEvent } from "./historyEvent.js";

/**
 * Puts each invocation and what became of it together, in the order of invocation; what failed is left out.
 * @throws HistoryFormatError where a process does two things at a time, or hears of what it did not ask for.
 */
export function pairEvents(events: readonly HistoryEvent[]): readonly EventPair[] {
  const pairs = new Map<number, EventPair>();
  const open = new Map<string | number, { readonly invocation: HistoryEvent; readonly at: number }>();
  for (const [time, event] of events.entries()) {
    const { line, process, type, f } = event;
    const begun = open.get(process);
    if (type === "invoke") {
      if (begun !== undefined) throw busy(event, begun.invocation);
      open.set(process, { invocation: event, at: time });
      pairs.set(time, { invocation: event, completion: null, invokedAt: time, returnedAt: null });
      continue;
    }
    const name = `process ${process}`;
    if (begun === undefined) {
      throw new HistoryFormatError(
        line,
        `${name} has no open operation that could end with ${type}`,
        "its invoke before",
      );
    }
    const { invocation, at } = begun;
    if (invocation.f !== f || (event.key !== undefined && event.key !== invocation.key)) {
      const what = `${invocation.f}${invocation.key === undefined ? "" : ` of key ${JSON.stringify(invocation.key)}`}`;
      throw new HistoryFormatError(
        line,
        `${name} ends what it did not begin`,
        `the ${what} of line ${invocation.line}`,
      );
    }
    open.delete(process);
    if (type === "fail") pairs.delete(at);
    if (type === "ok") pairs.set(at, { invocation, completion: event, invokedAt: at, returnedAt: time });
  }
  return [...pairs.values()];
}

function busy(event: HistoryEvent, begun: HistoryEvent): HistoryFormatError {
  const problem = `process ${event.process} invokes although its operation of line ${begun.line} is still open`;
  return new HistoryFormatError(event.line, problem, "ok, fail or info of that first");
}
