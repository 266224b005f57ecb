import { at } from "../at.js";
import { effectsOf, type DrawnOperation } from "./drawnHistory.js";

const EVENT_PX = 12;
const BADGE_PX = 24;
const READABLE_BAR_PX = 120;
/** In places as wide as a badge: the operation that is stuck must be readable. */
const STUCK_PLACES = 2;
const MAX_STRETCH = 6;
const LEAST_WIDTH_PX = 1_000;
const MAX_WIDTH_PX = 60_000;
/** How much of an operation that never returned is drawn, unless it took effect later. */
const OPEN_END_EVENTS = 3;

/** Where moments lie from left to right. Time is not to scale: what counts is the order of calls and returns. */
export interface TimeAxis {
  readonly widthPx: number;
  /** The times of calls and returns, ascending, each once. */
  readonly times: readonly number[];
  xOf(time: number): number;
  /** Where in the picture an operation took effect; null if it isn't in the order. */
  effectOf(drawn: DrawnOperation<unknown, unknown>): number | null;
  /** Where the bar of one that never returned ends. */
  openEndOf(drawn: DrawnOperation<unknown, unknown>): number;
}

export function createTimeAxis(drawn: readonly DrawnOperation<unknown, unknown>[], breakAt: number | null): TimeAxis {
  const all = drawn.flatMap(({ operation }) => [operation.invokedAt, operation.returnedAt ?? operation.invokedAt]);
  if (breakAt !== null) all.push(breakAt);
  const times = [...new Set(all)].sort((a, b) => a - b);
  const eventByTime = new Map(times.map((time, event) => [time, event]));
  const eventOf = (time: number): number => eventByTime.get(time) ?? 0;
  const effects = effectsOf(drawn, eventOf);
  const effectsAfter = new Array<number>(times.length).fill(0);
  for (const event of effects.values()) effectsAfter[event] = at(effectsAfter, event) + 1;
  const stuck = drawn.find(({ role }) => role === "stuck");
  const stuckFrom = stuck === undefined ? -1 : eventOf(stuck.operation.invokedAt);

  const lefts = [0];
  times.forEach((_, event) => {
    const places = Math.max(at(effectsAfter, event), event === stuckFrom ? STUCK_PLACES : 0);
    lefts.push(at(lefts, event) + EVENT_PX + BADGE_PX * places);
  });
  const width = at(lefts, times.length);
  const bars = drawn
    .map(
      ({ operation: { invokedAt, returnedAt } }) =>
        at(lefts, eventOf(returnedAt ?? invokedAt)) - at(lefts, eventOf(invokedAt)),
    )
    .filter((bar) => bar > 0)
    .sort((a, b) => a - b);
  // Three bars of four are to be readable.
  const wanted = READABLE_BAR_PX / (bars[bars.length >> 2] ?? READABLE_BAR_PX);
  const most = Math.min(MAX_STRETCH, MAX_WIDTH_PX / Math.max(width, 1));
  const stretch = Math.max(1, Math.min(Math.max(wanted, LEAST_WIDTH_PX / Math.max(width, 1)), most));

  const seenAfter = new Array<number>(times.length).fill(0);
  const effectX = new Map<DrawnOperation<unknown, unknown>, number>();
  for (const [one, event] of effects) {
    const nth = at(seenAfter, event) + 1;
    seenAfter[event] = nth;
    const span = at(lefts, event + 1) - at(lefts, event);
    effectX.set(one, Math.round(stretch * (at(lefts, event) + (span * nth) / (at(effectsAfter, event) + 1))));
  }
  return {
    widthPx: Math.round(stretch * width),
    times,
    xOf: (time) => Math.round(stretch * at(lefts, eventOf(time))),
    effectOf: (one) => effectX.get(one) ?? null,
    openEndOf(one) {
      const event = Math.min(eventOf(one.operation.invokedAt) + OPEN_END_EVENTS, times.length);
      return Math.max(Math.round(stretch * at(lefts, event)), (effectX.get(one) ?? 0) + BADGE_PX);
    },
  };
}
