import type { MembershipChange } from "../raftNode/raftNodeApi.js";

/** What operators ask for over a client's connection. */
export type AdminRequest =
  | { readonly op: "status" }
  | { readonly op: "members" }
  | { readonly op: "clock" }
  | { readonly op: "diagnose" }
  | { readonly op: "reconfigure"; readonly change: MembershipChange; readonly timeoutMs?: number }
  | { readonly op: "transfer"; readonly to?: string; readonly timeoutMs?: number };

/** A request that can't be understood. */
export class BadRequestError extends Error {
  readonly code = "BAD_REQUEST";
  override readonly name = "BadRequestError";
}

const MAX_TIMEOUT_MS = 10 * 60_000;
const CHANGES = ["add", "promote", "demote", "remove", "replace"];

/** @throws BadRequestError that says what is wrong */
export function parseAdminRequest(json: string): AdminRequest {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch (cause) {
    throw new BadRequestError("The request is no JSON.", { cause });
  }
  const request = record(document, "the request");
  const timeoutMs = request["timeoutMs"];
  const isDuration = typeof timeoutMs === "number" && timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS;
  if (timeoutMs !== undefined && !isDuration) {
    throw new BadRequestError(`timeoutMs must be a number above 0 and at most ${String(MAX_TIMEOUT_MS)}.`);
  }
  const patience = isDuration ? { timeoutMs } : {};
  switch (request["op"]) {
    case "status":
      return { op: "status" };
    case "members":
      return { op: "members" };
    case "clock":
      return { op: "clock" };
    case "diagnose":
      return { op: "diagnose" };
    case "transfer": {
      const { to } = request;
      return { op: "transfer", ...patience, ...(to === undefined ? {} : { to: text(to, "to") }) };
    }
    case "reconfigure":
      return { op: "reconfigure", ...patience, change: parseChange(record(request["change"], "change")) };
    default:
      throw new BadRequestError(
        `op is ${JSON.stringify(request["op"])}; it must be status, members, clock, diagnose, reconfigure or transfer.`,
      );
  }
}

function parseChange(change: Record<string, unknown>): MembershipChange {
  const { type } = change;
  const id = text(change["id"], "change.id");
  switch (type) {
    case "add":
      return { type, id, address: text(change["address"], "change.address"), learner: change["learner"] === true };
    case "replace": {
      const replaced = text(change["replaced"], "change.replaced");
      return { type, id, replaced, address: text(change["address"], "change.address") };
    }
    case "promote":
    case "demote":
    case "remove":
      return { type, id };
    default:
      throw new BadRequestError(`change.type is ${JSON.stringify(type)}; it must be one of ${CHANGES.join(", ")}.`);
  }
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BadRequestError(`${name} must be an object.`);
}

function text(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "" && value.length <= 256) return value;
  throw new BadRequestError(`${name} must be a text of 1 to 256 characters.`);
}
