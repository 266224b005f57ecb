import type { NodeId } from "@balsa/core";
import type { TimedRead, TimedRequest } from "../scenario/timedRequest.js";
import type { WorkloadCommand } from "../world/commandSource.js";
import type { ClientOperation } from "./machineKit.js";

/** The command that a listed request stands for. */
export function commandOf(request: Exclude<TimedRequest, TimedRead>): WorkloadCommand {
  switch (request.type) {
    case "add":
      return { type: "add", amount: request.amount };
    case "put":
    case "append":
      return { type: request.type, key: request.key, value: request.value };
    case "get":
    case "delete":
      return { type: request.type, key: request.key };
    case "compareAndSet":
      return { type: "compareAndSet", key: request.key, expected: request.expected ?? null, value: request.value };
  }
}

/** The listed request that asks for this command. */
export function requestOf(command: WorkloadCommand, atMs: number, client: number): TimedRequest {
  if (command.type !== "compareAndSet") return { atMs, client, ...command };
  const { type, key, expected, value } = command;
  return { atMs, client, type, key, ...(expected === null ? {} : { expected }), value };
}

/** The listed request that asks for this read. */
export function readRequestOf(
  operation: ClientOperation,
  atMs: number,
  client: number,
  from: NodeId,
  lease: boolean,
): TimedRead {
  const key = operation.type === "get" ? { key: operation.key } : {};
  return { atMs, client, type: "read", ...key, from, ...(lease ? { lease } : {}) };
}
