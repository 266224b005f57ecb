import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { simpleConfiguration } from "@balsa/core";
import { FileDisk, lockDirectory, makeDirectory, writeIdentity } from "@balsa/node";
import { SnapshotStore } from "@balsa/replica";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { badArgument, fileError } from "../usageError.js";
import { MaintenanceError } from "./maintenanceError.js";
import { writeLog } from "./replaceLog.js";
import { openSnapshotFile, type OpenedSnapshot } from "./snapshotReading.js";
import { writeSnapshot } from "./snapshotWriting.js";
import { orTellFailure } from "./orTellFailure.js";

export interface RestoreFlags {
  readonly data: string;
  readonly members: Readonly<Record<string, string>>;
  readonly cluster: string;
  readonly id?: string;
  /** How far beyond the snapshot's term the new cluster begins. */
  readonly skipTerms: number;
  readonly json?: true;
}

const LOCK_FILE = "LOCK";

/** `balsa snapshot restore`: data directories of a new cluster that begins with what a snapshot holds. */
export function snapshotRestore(path: string, flags: RestoreFlags, io: CommandIo): Promise<number> {
  return orTellFailure(flags.json === true, io, async () => {
    const ids = Object.keys(flags.members).sort();
    if (flags.id !== undefined && !ids.includes(flags.id)) {
      throw badArgument("--id", flags.id, `one of --members (${ids.join(", ")})`);
    }
    const wanted = flags.id === undefined ? ids.map((id) => [id, join(flags.data, id)]) : [[flags.id, flags.data]];
    for (const [, directory] of wanted) requireEmpty(directory as string);
    const opened = await openSnapshotFile(path);
    try {
      for (const [id, directory] of wanted) await restore(opened, id as string, directory as string, flags);
    } finally {
      await opened.close();
    }
    await tell(opened, wanted as [string, string][], flags, io);
    return EXIT.ok;
  });
}

/** Its name is written last: until then no member starts in the directory. */
async function restore(opened: OpenedSnapshot, id: string, directory: string, flags: RestoreFlags): Promise<void> {
  try {
    makeDirectory(directory);
  } catch (cause) {
    throw fileError("--data", "make", directory, cause);
  }
  const lock = await lockDirectory(directory);
  try {
    requireEmpty(directory);
    const { group, metadata: before } = opened.stored;
    const disk = new FileDisk(directory, [LOCK_FILE]);
    const ids = Object.keys(flags.members).sort();
    const addresses = new Map(ids.map((member) => [member, flags.members[member] as string]));
    const store = await openStore(disk);
    const configuration = simpleConfiguration(ids);
    const writer = store.begin(group, { index: before.index, term: before.term, configuration });
    const read = opened.read(addresses);
    const snapshot = await writeSnapshot(writer, async () => {
      let piece = await read();
      while (piece?.length === 0) piece = await read();
      return piece;
    });
    const hardState = { term: before.term + flags.skipTerms, vote: null };
    await writeLog(disk, 1, new Map([[group, { hardState, snapshot, entries: [] }]]));
    writeIdentity(directory, { clusterId: flags.cluster, id });
  } finally {
    await lock.release();
  }
}

function openStore(disk: FileDisk): Promise<SnapshotStore> {
  return new Promise((opened, failed) => {
    SnapshotStore.open(disk, (error, store) => {
      if (store === null) failed(error ?? new Error("The directory could not be used, and nothing says why."));
      else opened(store);
    });
  });
}

function requireEmpty(directory: string): void {
  if (!existsSync(directory)) return;
  let names: readonly string[];
  try {
    names = readdirSync(directory).filter((name) => name !== LOCK_FILE && name !== "lost+found");
  } catch (cause) {
    throw fileError("--data", "read", directory, cause);
  }
  if (names.length === 0) return;
  const what = `${directory} is not empty (it holds ${String(names[0])}), and nothing is overwritten.`;
  throw new MaintenanceError("EXISTS", `${what} Give a directory that is new or empty.`);
}

async function tell(
  { stored }: OpenedSnapshot,
  wanted: readonly (readonly [string, string])[],
  flags: RestoreFlags,
  io: CommandIo,
): Promise<void> {
  const { index, term } = stored.metadata;
  if (flags.json === true) {
    const directories = Object.fromEntries(wanted);
    await write(io.stdout, `${JSON.stringify({ ok: true, cluster: flags.cluster, index, term, directories })}\n`);
    return;
  }
  const members = Object.entries(flags.members).map(([id, address]) => `${id}=${address}`);
  const lines = [
    `The cluster ${flags.cluster} begins at entry ${String(index)} of term ${String(term)}. Start its members:`,
    ...wanted.map(
      ([id, directory]) =>
        `  balsa serve --id ${id} --data ${directory} --cluster ${flags.cluster} --listen ${String(flags.members[id])} ` +
        `--members ${members.join(",")}`,
    ),
  ];
  if (flags.id !== undefined) {
    lines.push("Restore the other members from the same file and with the same flags, but for --id and --data.");
  }
  await write(io.stdout, `${lines.join("\n")}\n`);
}
