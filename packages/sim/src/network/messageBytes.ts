import { entryBytes } from "@balsa/core";
import type { GroupMessage } from "@balsa/replica";

const ENVELOPE_BYTES = 64;

/** About how long a message is on the wire, without encoding it. */
export function messageBytes(message: GroupMessage): number {
  const body = message.message;
  let bytes = ENVELOPE_BYTES;
  if (body.type === "appendRequest") for (const entry of body.entries) bytes += entryBytes(entry);
  else if (body.type === "snapshotRequest") bytes += body.data.length;
  return bytes;
}
