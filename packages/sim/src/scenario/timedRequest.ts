import type { NodeChoice } from "./timedFault.js";

interface Asked {
  /** Virtual time at which the client asks. */
  readonly atMs: number;
  /** Which client; each has a session of its own. 1 to 1,000. */
  readonly client: number;
}

/** A command of the counter. */
export interface TimedAdd extends Asked {
  readonly type: "add";
  readonly amount: number;
}

export interface TimedPut extends Asked {
  readonly type: "put" | "append";
  readonly key: string;
  readonly value: string;
}

export interface TimedKeyCommand extends Asked {
  /** `get` goes through the log, as all commands do. */
  readonly type: "get" | "delete";
  readonly key: string;
}

export interface TimedComparison extends Asked {
  readonly type: "compareAndSet";
  readonly key: string;
  /** Left out where the key must be absent. */
  readonly expected?: string;
  readonly value: string;
}

/** A read beside the log. */
export interface TimedRead extends Asked {
  readonly type: "read";
  /** Of the key-value machine; the counter is read as a whole. */
  readonly key?: string;
  /** The member that is asked. */
  readonly from: NodeChoice;
  /** From the leader's lease, if it has one. */
  readonly lease?: boolean;
}

/** One thing that one client asks for, at one time. A workload may list them, or have them drawn. */
export type TimedRequest = TimedAdd | TimedPut | TimedKeyCommand | TimedComparison | TimedRead;
