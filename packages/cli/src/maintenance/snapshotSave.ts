import { SnapshotDownload } from "@balsa/client";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import type { ConnectionFlags } from "../operating/connectionFlags.js";
import { formatCount } from "../render/text.js";
import { describeMembers } from "./describeEntry.js";
import { readTlsFlags } from "../tlsFlags.js";
import { saveSnapshotFile } from "./snapshotWriting.js";
import { orTellFailure } from "./orTellFailure.js";

export interface SaveFlags extends ConnectionFlags {
  readonly stale?: true;
}

/** `balsa snapshot save`: a consistent copy of a running cluster's state, in one file. */
export function snapshotSave(path: string, flags: SaveFlags, io: CommandIo): Promise<number> {
  return orTellFailure(flags.json === true, io, async () => {
    const signal = io.interrupted;
    // A node that was given no other is of group 1.
    const { servers, cluster: clusterId, group = 1, timeout: timeoutMs } = flags;
    const stale = flags.stale === true;
    const tls = readTlsFlags(flags);
    const asking = { servers, clusterId, group, timeoutMs, stale, signal, ...(tls !== null && { tls }) };
    const download = await SnapshotDownload.begin(asking);
    try {
      const { nodeId, description } = download;
      const saved = await saveSnapshotFile(path, group, description, () => download.next());
      const { index, term, sizeBytes, checksum } = saved;
      const json = { ok: true, file: path, member: nodeId, index, term, sizeBytes, checksum, stale };
      const text =
        `${path}: the state of ${clusterId} at entry ${String(index)} of term ${String(term)}, from ${nodeId}` +
        `${stale ? " (which may lack what was acknowledged last)" : ""}; ` +
        `${formatCount(sizeBytes)} bytes, members ${describeMembers(saved.configuration)}`;
      await write(io.stdout, `${flags.json === true ? JSON.stringify(json) : text}\n`);
      return EXIT.ok;
    } finally {
      download.close();
    }
  });
}
