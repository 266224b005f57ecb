import { membersOf } from "@balsa/core";
import { RefusedError } from "@balsa/replica";
import type { MembershipChange, NodeStatus, WaitOptions } from "../raftNode/raftNodeApi.js";
import { BadRequestError, parseAdminRequest } from "./adminRequest.js";

/** What operators can ask of a node. */
export interface AdministeredNode {
  status(): NodeStatus;
  diagnose(): Promise<object>;
  reconfigure(change: MembershipChange, options: WaitOptions): Promise<object>;
  transferLeadership(to: string | undefined, options: WaitOptions): Promise<object>;
}

/** Answers an operator's request: one JSON document by another. */
export async function administer(node: AdministeredNode, json: string): Promise<string> {
  try {
    return JSON.stringify({ ok: true, ...(await perform(node, json)) });
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof BadRequestError)) throw error;
    const leaderHint = error instanceof RefusedError ? error.leaderHint : null;
    const leaderAddress = leaderHint === null ? null : (node.status().addresses[leaderHint] ?? null);
    const { code, message } = error;
    return JSON.stringify({ ok: false, error: { code, message, leaderHint, leaderAddress } });
  }
}

async function perform(node: AdministeredNode, json: string): Promise<object> {
  const request = parseAdminRequest(json);
  switch (request.op) {
    case "status":
      return { status: node.status() };
    case "members": {
      const { configuration, addresses, leader } = node.status();
      const known = membersOf(configuration).map((id) => [id, addresses[id] ?? null] as const);
      return { configuration, addresses: Object.fromEntries(known), leader };
    }
    case "clock":
      return { wallClockMs: Date.now(), monotonicMs: performance.now() };
    case "diagnose":
      return { diagnosis: await node.diagnose() };
    case "reconfigure":
      return node.reconfigure(request.change, request);
    case "transfer":
      return node.transferLeadership(request.to, request);
  }
}
