import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { formatCount, plural } from "../render/text.js";
import { describeMembers } from "./describeEntry.js";
import { openSnapshotFile } from "./snapshotReading.js";
import { orTellFailure } from "./orTellFailure.js";

/** `balsa snapshot verify`: whether files are whole snapshots, and of what. Status 1 if one is not. */
export async function snapshotVerify(
  paths: readonly string[],
  flags: { readonly json?: true },
  io: CommandIo,
): Promise<number> {
  io.endOnInterrupt();
  const asJson = flags.json === true;
  let status: number = EXIT.ok;
  for (const path of paths) status = Math.max(status, await orTellFailure(asJson, io, () => verify(path, asJson, io)));
  return status;
}

async function verify(path: string, asJson: boolean, io: CommandIo): Promise<number> {
  const opened = await openSnapshotFile(path);
  await opened.close();
  const { stored, head } = opened;
  const { index, term, configuration, sizeBytes, checksum } = stored.metadata;
  const { group } = stored;
  const { sessions, addresses } = head;
  const json = { ok: true, file: path, group, index, term, sizeBytes, checksum, configuration, sessions };
  const text =
    `${path}: whole; entry ${String(index)} of term ${String(term)}, ${formatCount(sizeBytes)} bytes, ` +
    `${plural(sessions, "session")}, members ${describeMembers(configuration)}`;
  const told = asJson ? JSON.stringify({ ...json, addresses: Object.fromEntries(addresses) }) : text;
  await write(io.stdout, `${told}\n`);
  return EXIT.ok;
}
