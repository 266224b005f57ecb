import { DEFAULT_OPTIONS } from "@balsa/core";
import { MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION } from "@balsa/replica";
import { NODE_CHOICE_SHAPE } from "./nodeChoiceShape.js";
import { MAX_CLIENTS, MAX_TIMED_REQUESTS, TIMED_REQUEST_SHAPE } from "./requestShape.js";
import { KEY_VALUE_COMMAND_NAMES } from "./scenario.js";
import { list, number, record, wholeNumber, type Fields, type Shape } from "./shape.js";
import { FAULT_CLASSES, FAULT_KINDS } from "./timedFault.js";

export const MAX_NODES = 9;
export const MAX_TIMED_FAULTS = 1_000_000;
const MAX_SEED = 4_294_967_295;
const MAX_TIME_MS = 1e12;
const MAX_BYTES = 1e9;

const text: Shape = { is: "text", pattern: null, expected: "text" };
const flag: Shape = { is: "flag" };
const timeMs = number(0, MAX_TIME_MS);
const bytes = wholeNumber(1, MAX_BYTES);
const rate = number(0, 1);
const nodeChoice = NODE_CHOICE_SHAPE;
const side = list(nodeChoice, 1, 64);
const protocolVersion = wholeNumber(MIN_PROTOCOL_VERSION, MAX_PROTOCOL_VERSION);
const unsynced: Shape = { is: "choice", values: ["keep", "lose"] };

/** The options of the algorithm; `completeOptions` of the core has the last word on their values. */
const raftOptions: Fields = Object.fromEntries(
  Object.entries(DEFAULT_OPTIONS).map(([name, standard]): [string, Shape] => {
    if (typeof standard === "boolean") return [name, flag];
    if (name === "maxClockDriftRatio") return [name, rate];
    const least = name === "restAfterMs" ? 0 : 1;
    return [name, name.endsWith("Ms") ? number(least, MAX_TIME_MS) : wholeNumber(0, MAX_BYTES)];
  }),
);

function fault(kind: string, required: Fields, optional: Fields = {}): [string, Shape] {
  return [kind, record({ kind: { is: "choice", values: [kind] }, atMs: timeMs, ...required }, optional)];
}

const durationMs = timeMs;
const link = { from: nodeChoice, to: nodeChoice };

export const TIMED_FAULT_SHAPE: Shape = {
  is: "variant",
  field: "kind",
  cases: Object.fromEntries([
    fault("loss", { durationMs, rate }, link),
    fault("duplication", { durationMs, rate }, link),
    fault("reordering", { durationMs, rate }, link),
    fault("slowLink", { durationMs, extraDelayMs: timeMs }, link),
    fault("partition", { durationMs, side }, { oneWay: flag, whenBusy: flag }),
    fault("bridge", { durationMs, bridge: nodeChoice, side }),
    fault("crash", { durationMs, node: nodeChoice }, { unsynced, whenBusy: flag }),
    fault("clusterCrash", { durationMs }, { unsynced }),
    fault("upgrade", { durationMs, node: nodeChoice, version: protocolVersion }),
    fault("pause", { durationMs, node: nodeChoice }),
    fault("clockSkew", { node: nodeChoice, skewMs: timeMs }),
    fault("clockDrift", { durationMs, node: nodeChoice, rate: number(0.5, 2) }),
    fault("bitRot", { node: nodeChoice }),
    fault("diskError", { durationMs, node: nodeChoice }),
    fault("fullDisk", { durationMs, node: nodeChoice }),
    fault("slowDisk", { durationMs, node: nodeChoice, syncMs: number(0.001, 60_000) }),
    fault("diskStall", { durationMs, node: nodeChoice }),
    fault("addMember", {}),
    fault("promote", {}),
    fault("demote", { node: nodeChoice }),
    fault("removeMember", { node: nodeChoice }),
    fault("replaceMember", { node: nodeChoice }),
    fault("transferLeadership", { to: nodeChoice }),
  ]),
};

const intensity = number(0, 100);
const faultPlan = record(
  { classes: list({ is: "choice", values: FAULT_CLASSES }, 0, 16) },
  {
    intensity,
    intensities: record({}, Object.fromEntries(FAULT_CLASSES.map((name) => [name, intensity]))),
    shares: record({}, Object.fromEntries(FAULT_KINDS.map((kind) => [kind, rate]))),
  },
);

const replicaSettings = record(
  {},
  {
    snapshotEveryBytes: bytes,
    segmentBytes: wholeNumber(4_096, MAX_BYTES),
    sessionTimeoutMs: number(1, MAX_TIME_MS),
    maxSessions: wholeNumber(1, 1_000_000),
    commandTimeoutMs: number(1, MAX_TIME_MS),
    readTimeoutMs: number(1, MAX_TIME_MS),
  },
);

const workload = record(
  {},
  {
    clients: wholeNumber(1, MAX_CLIENTS),
    commands: wholeNumber(0, 1e9),
    ratePerSecond: number(0.001, 100_000),
    readsPerCommand: number(0, 1_000),
    keys: wholeNumber(1, 1_000_000),
    hotKeyShare: rate,
    forwardingShare: rate,
    mix: record({}, Object.fromEntries(KEY_VALUE_COMMAND_NAMES.map((name) => [name, number(0, 1e6)]))),
    requestTimeoutMs: number(1, MAX_TIME_MS),
    requests: list(TIMED_REQUEST_SHAPE, 0, MAX_TIMED_REQUESTS),
  },
);

export const SCENARIO_SHAPE: Shape = record(
  {
    version: { is: "choice", values: [1] },
    seed: wholeNumber(0, MAX_SEED),
    nodes: wholeNumber(1, MAX_NODES),
    machine: { is: "choice", values: ["counter", "kv"] },
  },
  {
    $schema: text,
    name: text,
    description: text,
    raft: record({}, raftOptions),
    replica: replicaSettings,
    protocolVersion,
    workload,
    faults: { is: "listOrRecord", list: list(TIMED_FAULT_SHAPE, 0, MAX_TIMED_FAULTS), record: faultPlan },
    durationMs: number(0, MAX_TIME_MS),
    liveness: record({}, { serveWithinMs: number(1, MAX_TIME_MS), catchUpWithinMs: number(1, MAX_TIME_MS) }),
  },
);
