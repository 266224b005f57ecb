import { CHANGE_KINDS, completeBounds, nodeNames, type Bounds } from "../bounds.js";
import { BoundsError } from "../boundsError.js";
import type { Violation } from "../rules/rule.js";
import { ExploredScenarioError } from "./exploredScenarioError.js";
import type { Trace } from "./trace.js";
import type { TraceAction } from "./traceAction.js";

/** A trace as a document, to be kept and replayed: the world, and what happens in it step by step. */
export interface ExploredScenario {
  readonly version: 1;
  readonly explored: {
    readonly bounds: Partial<Bounds>;
    /** What happens from the first state of the world on. */
    readonly actions: readonly TraceAction[];
    /** What was violated when this was found. Says nothing of what a replay finds. */
    readonly found: Violation | null;
  };
}

export function exploredScenario(bounds: Bounds, { steps, startSteps, violation }: Trace): ExploredScenario {
  const actions = steps.slice(startSteps).map(({ action }) => action);
  return { version: 1, explored: { bounds, actions, found: violation } };
}

/** Whether a document means to be such a scenario, right or wrong. */
export function isExploredScenario(document: unknown): boolean {
  return isObject(document) && "explored" in document;
}

const MAX_ACTIONS = 100_000;

/**
 * Checks a document from outside.
 * @throws ExploredScenarioError naming the place.
 */
export function validateExploredScenario(document: unknown): ExploredScenario {
  if (!isObject(document)) throw new ExploredScenarioError("the document", "an object");
  if (document["version"] !== 1) throw new ExploredScenarioError("version", "1");
  allowOnly("the document", document, ["version", "explored"]);
  const explored = document["explored"];
  if (!isObject(explored)) throw new ExploredScenarioError("explored", "an object with bounds and actions");
  allowOnly("explored", explored, ["bounds", "actions", "found"]);
  const { actions } = explored;
  const bounds = readBounds(explored["bounds"] ?? {});
  if (!Array.isArray(actions) || actions.length > MAX_ACTIONS) {
    throw new ExploredScenarioError("explored.actions", `a list of at most ${MAX_ACTIONS} actions`);
  }
  actions.forEach((action, i) => checkAction(`explored.actions[${i}]`, action, nodeNames(bounds)));
  return document as unknown as ExploredScenario; // every field was checked just now
}

function readBounds(value: unknown): Bounds {
  if (!isObject(value)) throw new ExploredScenarioError("explored.bounds", "an object");
  try {
    return completeBounds(value);
  } catch (cause) {
    if (!(cause instanceof BoundsError)) throw cause;
    throw new ExploredScenarioError(`explored.bounds.${cause.bound}`, cause.expected, { cause });
  }
}

/** The fields of each kind of action beside `do`. */
const FIELDS: Readonly<Record<TraceAction["do"], readonly string[]>> = {
  deliver: ["message"],
  duplicate: ["message"],
  drop: ["message"],
  timeOut: ["node"],
  heartbeat: ["node"],
  lapse: ["node"],
  sync: ["node"],
  compact: ["node"],
  propose: ["node"],
  crash: ["node", "keptWrites"],
  change: ["node", "change"],
};

function checkAction(path: string, action: unknown, names: readonly string[]): void {
  const kinds = Object.keys(FIELDS);
  if (!isObject(action) || !kinds.includes(action["do"] as string)) {
    throw new ExploredScenarioError(`${path}.do`, `one of ${kinds.join(", ")}`);
  }
  const fields = FIELDS[action["do"] as TraceAction["do"]];
  allowOnly(path, action, ["do", ...fields]);
  for (const field of fields) checkField(`${path}.${field}`, field, action[field], names);
}

function checkField(path: string, field: string, value: unknown, names: readonly string[]): void {
  switch (field) {
    case "message":
      if (typeof value !== "string") throw new ExploredScenarioError(path, "the text of a message");
      return;
    case "node":
      checkNode(path, value, names);
      return;
    case "keptWrites":
      if (!Number.isSafeInteger(value) || (value as number) < 0) {
        throw new ExploredScenarioError(path, "a whole number from 0 on");
      }
      return;
    default:
      if (!isObject(value) || !CHANGE_KINDS.some((kind) => kind === value["type"])) {
        throw new ExploredScenarioError(`${path}.type`, `one of ${CHANGE_KINDS.join(", ")}`);
      }
      allowOnly(path, value, ["type", "id"]);
      checkNode(`${path}.id`, value["id"], names);
  }
}

function checkNode(path: string, value: unknown, names: readonly string[]): void {
  if (!names.includes(value as string)) throw new ExploredScenarioError(path, `one of ${names.join(", ")}`);
}

function allowOnly(path: string, value: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const other = Object.keys(value).find((name) => !known.includes(name));
  if (other !== undefined)
    throw new ExploredScenarioError(`each field of ${path}`, `one of ${known.join(", ")}; it has ${other}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
