import type { NodeId } from "@balsa/core";
import type { MemberRecorder } from "@balsa/replica";
import type { CoverageWatch } from "../coverage/coverageWatch.js";
import type { Digest } from "../digest/digest.js";
import type { InvariantChecker } from "../invariants/invariantChecker.js";
import type { SimulatedNetwork } from "../network/simulatedNetwork.js";
import type { RandomStreams } from "../random/randomStreams.js";
import type { TimelineRecorder } from "../report/timelineRecorder.js";
import type { TraceEvent } from "../report/traceEvent.js";
import type { Scenario } from "../scenario/scenario.js";
import type { TimedRequest } from "../scenario/timedRequest.js";
import type { ProtocolVersions } from "./protocolVersions.js";
import type { VirtualTime } from "../schedule/virtualTime.js";
import type { FaultTally } from "../faults/faultTally.js";
import type { MachineKit } from "../workload/machineKit.js";

type WithoutPlace<Event> = Event extends unknown ? Omit<Event, "timeMs" | "step"> : never;

/** A trace event before the time and the step are filled in. */
export type TraceNote = WithoutPlace<TraceEvent>;

/** What the parts of a world share. */
export interface WorldContext {
  readonly scenario: Scenario;
  readonly time: VirtualTime;
  readonly streams: RandomStreams;
  readonly digest: Digest;
  readonly network: SimulatedNetwork;
  readonly versions: ProtocolVersions;
  readonly checker: InvariantChecker;
  readonly timeline: TimelineRecorder;
  readonly tally: FaultTally;
  readonly kit: MachineKit;
  /** Whether the commands come from a source, of any length, and not from the workload's clients. */
  readonly takesInput: boolean;
  /** Null when nobody wants to know. Set once the cluster is there. */
  watch: CoverageWatch | null;
  /** Null when nobody listens: then no event need be made. */
  readonly trace: ((note: TraceNote) => void) | null;
  /** Null when nobody wants to know what is drawn. */
  readonly onRequest: ((request: TimedRequest) => void) | null;
  /** Null when nothing is recorded. */
  readonly recorder: ((id: NodeId) => MemberRecorder) | null;
}
