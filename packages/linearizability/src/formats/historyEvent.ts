import type { Datum } from "./datum.js";

export const EVENT_TYPES = ["invoke", "ok", "fail", "info"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** One line of a history of events: a client asks (`invoke`), or hears what became of it. */
export interface HistoryEvent {
  readonly line: number;
  readonly process: string | number;
  /**
   * `ok`: it took effect, with this answer. `fail`: it did not, and never will (for one that only reads, this says as
   * much as that its answer is unknown). `info`: nobody knows; it may still take effect at any later time.
   */
  readonly type: EventType;
  /** What is done, such as `read`. */
  readonly f: string;
  /** Of several objects the one that is meant; undefined where there is only one. */
  readonly key: string | undefined;
  readonly value: Datum;
}

/** An operation as events tell of it. */
export interface EventPair {
  readonly invocation: HistoryEvent;
  /** Null where it is not known whether it took effect. */
  readonly completion: HistoryEvent | null;
  /** Places among all events: times, as far as a check is concerned. */
  readonly invokedAt: number;
  readonly returnedAt: number | null;
}
