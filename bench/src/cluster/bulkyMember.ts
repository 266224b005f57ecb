import { RaftNode } from "@balsa/node";
import { BulkyMachine } from "./bulkyMachine.js";

/** What a member is told; its argument is this as JSON. */
export interface BulkyMember {
  readonly id: string;
  readonly members: Readonly<Record<string, string>>;
  readonly dataDirectory: string;
  readonly snapshotBytes: number;
  readonly snapshotEveryBytes: number;
}

const { id, members, dataDirectory, snapshotBytes, snapshotEveryBytes } = JSON.parse(
  process.argv[2] ?? "{}",
) as BulkyMember;
const node = await RaftNode.open({
  id,
  members,
  dataDirectory,
  listen: members[id] as string,
  bytesStateMachine: new BulkyMachine(snapshotBytes),
  limits: { snapshotEveryBytes },
});
const reason = await node.stopped;
process.stderr.write(`stopped: ${String(reason)}\n`);
process.exit(1);
