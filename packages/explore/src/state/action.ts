/** What can happen next. The numbers say what `subject` and `detail` of a step are. */
export const ACTIONS = [
  /** `subject` is a message. */
  "deliver",
  "duplicate",
  "drop",
  /** `subject` is a node, here and below. */
  "timeOut",
  "heartbeat",
  /** Time passes, and with it a promise to a leader, or a leader's hold of its quorum. */
  "lapse",
  "sync",
  "compact",
  "propose",
  /** `detail` is how many of the writes that are under way outlive it. */
  "crash",
  /** `detail` is the number of a change. */
  "change",
] as const;

export type ActionName = (typeof ACTIONS)[number];

/** Inputs of a member other than messages, as numbers below those of messages. */
export const INPUT = {
  timeOut: 0,
  heartbeat: 1,
  lapse: 2,
  sync: 3,
  compact: 4,
  propose: 16,
  crash: 32,
  change: 48,
  message: 96,
} as const;
