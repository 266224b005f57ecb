import type { NodeId, Role } from "@balsa/core";
import type { PeerMessage } from "@balsa/replica";
import type { DropReason } from "../network/delivery.js";
import type { FaultKind } from "../scenario/timedFault.js";

export interface TraceEventCommon {
  /** Virtual time. */
  readonly timeMs: number;
  /** Which event of the run this belongs to; counts from 1. */
  readonly step: number;
  /** Where it happened: a node, `client-N`, or `world`. */
  readonly node: string;
}

/** One thing that happened, told apart by `what`. The trace of a run is these in order, one a line. */
export type TraceEvent = TraceEventCommon &
  (
    | {
        readonly what: "messageSent" | "messageDelivered";
        readonly from: NodeId;
        readonly to: NodeId;
        readonly message: PeerMessage["type"];
        readonly term: number;
        /** The few numbers that matter in this type of message, for a person to read. */
        readonly detail: string;
      }
    | {
        readonly what: "messageDropped";
        readonly from: NodeId;
        readonly to: NodeId;
        readonly message: PeerMessage["type"];
        readonly term: number;
        readonly detail: string;
        readonly reason: DropReason;
      }
    | { readonly what: "roleChanged"; readonly role: Role; readonly term: number; readonly reason: string }
    | { readonly what: "termChanged"; readonly term: number }
    /** `node` became the leader of `term`. Told once a term. */
    | { readonly what: "leaderElected"; readonly term: number }
    | { readonly what: "committed"; readonly commitIndex: number }
    | { readonly what: "applied"; readonly fromIndex: number; readonly toIndex: number }
    | { readonly what: "logTruncated"; readonly fromIndex: number }
    | {
        readonly what: "configurationChanged" | "configurationCommitted";
        readonly index: number;
        readonly voters: readonly NodeId[];
        readonly votersOutgoing: readonly NodeId[];
        readonly learners: readonly NodeId[];
      }
    | { readonly what: "snapshotTaken" | "snapshotInstalled"; readonly index: number }
    | { readonly what: "leadershipTransfer"; readonly to: NodeId; readonly succeeded: boolean | null }
    | { readonly what: "sessionExpired"; readonly sessionId: number }
    | { readonly what: "messageRefused"; readonly from: string; readonly reason: string }
    | { readonly what: "started"; readonly lastLogIndex: number; readonly tornBytes: number }
    /** The replica stopped: a crash, a failed disk, or damage found when it started. */
    | { readonly what: "stopped"; readonly reason: string }
    | { readonly what: "faultBegan" | "faultEnded"; readonly fault: FaultKind; readonly description: string }
    | { readonly what: "clientCalled"; readonly client: number; readonly operation: string; readonly sequence: number }
    | {
        readonly what: "clientAnswered";
        readonly client: number;
        readonly operation: string;
        readonly sequence: number;
        readonly answer: string;
        readonly latencyMs: number;
        readonly attempts: number;
      }
    | { readonly what: "clientGaveUp"; readonly client: number; readonly operation: string; readonly reason: string }
    /** `broken`: who is down or cut off as the phase begins, and stays so until the next one. */
    | { readonly what: "phase"; readonly phase: SimulationPhase; readonly broken: readonly NodeId[] }
    | { readonly what: "violation"; readonly check: string; readonly message: string }
  );

/** `faults`: the run proper. `liveness`: only a majority is healed. `recovery`: all is healed and catches up. */
export type SimulationPhase = "faults" | "liveness" | "recovery" | "done";

export type TraceEventOf<What extends TraceEvent["what"]> = Extract<TraceEvent, { readonly what: What }>;
