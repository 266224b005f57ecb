import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { SnapshotMetadata } from "@balsa/core";
import { FileDisk } from "@balsa/node";
import { SnapshotWriter, type SnapshotDraft } from "@balsa/replica";
import { fileError } from "../usageError.js";
import { MaintenanceError } from "./maintenanceError.js";
import { syncFolder } from "./syncFolder.js";

/** Gives the bytes of a snapshot, one piece after the other; null at the end. */
export type ReadPiece = () => Promise<Uint8Array | null>;

const NAME = "snapshot";

/**
 * Writes a snapshot into a file of its own, which has its name only when all of it is durable. No file is overwritten.
 * @throws UsageError, MaintenanceError, StorageFailedError, or what `read` throws
 */
export async function saveSnapshotFile(
  path: string,
  group: number,
  draft: SnapshotDraft,
  read: ReadPiece,
): Promise<SnapshotMetadata> {
  const folder = dirname(resolve(path));
  if (existsSync(path)) {
    throw new MaintenanceError("EXISTS", `${path} is there already, and stays as it is. Give another name.`);
  }
  let work: string;
  try {
    work = mkdtempSync(join(folder, `.${basename(path)}.partial-`));
  } catch (cause) {
    throw fileError("FILE", "write", path, cause);
  }
  try {
    const names = { partial: `${NAME}.partial`, final: () => NAME };
    const disk = new FileDisk(work);
    const writer = new SnapshotWriter(disk, group, draft, names, (_, done) => disk.list((error) => done(error)));
    const metadata = await writeSnapshot(writer, read);
    renameSync(join(work, NAME), path);
    syncFolder(folder);
    return metadata;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes all that is read, and makes it durable. @throws StorageFailedError, or what `read` throws */
export async function writeSnapshot(writer: SnapshotWriter, read: ReadPiece): Promise<SnapshotMetadata> {
  try {
    for (let piece = await read(); piece !== null; piece = await read()) await write(writer, piece);
    return await finish(writer);
  } catch (error) {
    await new Promise<void>((ended) => writer.abort(() => ended()));
    throw error;
  }
}

function write(writer: SnapshotWriter, piece: Uint8Array): Promise<void> {
  return new Promise((taken, failed) => {
    writer.write(piece, (error) => (error === null ? taken() : failed(error)));
  });
}

function finish(writer: SnapshotWriter): Promise<SnapshotMetadata> {
  return new Promise((finished, failed) => {
    writer.finish((error, metadata) => {
      if (metadata === null) failed(error ?? new Error("The snapshot was not finished, and nothing says why."));
      else finished(metadata);
    });
  });
}
