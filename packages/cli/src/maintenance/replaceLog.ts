import { randomInt } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FileDisk } from "@balsa/node";
import { segmentSequence, SPARE_NAME, writeFreshLog, type LogContent } from "@balsa/replica";
import { syncFolder } from "./syncFolder.js";

const WORK = "new-log.partial";

/**
 * Puts another log in the place of the one that is there, whose files are moved into a folder beside it. Returns that folder.
 *
 * The new files are numbered so that one is missing between them and the old ones. Until the last old one has been moved away,
 * and whatever ends this process before, a member refuses to start; and the old ones go from the first on, so that none is
 * taken for the end of a shorter log.
 */
export async function replaceLog(directory: string, contents: ReadonlyMap<number, LogContent>): Promise<string> {
  const old = readdirSync(directory).filter((name) => segmentSequence(name) !== null || name === SPARE_NAME);
  const lastSequence = Math.max(0, ...old.map((name) => segmentSequence(name) ?? 0));
  const work = join(directory, WORK);
  // What an attempt that broke off has left there is none of the member's.
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { mode: 0o700 });
  await writeLog(new FileDisk(work), lastSequence + 2, contents);
  const originals = makeFolder(directory);
  copyFileSync(join(directory, "IDENTITY"), join(originals, "IDENTITY"));
  for (const name of readdirSync(work)) renameSync(join(work, name), join(directory, name));
  syncFolder(directory);
  for (const name of old.sort()) {
    renameSync(join(directory, name), join(originals, name));
    syncFolder(originals);
    syncFolder(directory);
  }
  rmSync(work, { recursive: true });
  return originals;
}

function makeFolder(directory: string): string {
  let count = 1;
  while (existsSync(join(directory, `original-${String(count)}`))) count += 1;
  const folder = join(directory, `original-${String(count)}`);
  mkdirSync(folder, { mode: 0o700 });
  syncFolder(directory);
  return folder;
}

export function writeLog(
  disk: FileDisk,
  firstSequence: number,
  contents: ReadonlyMap<number, LogContent>,
): Promise<void> {
  return new Promise((written, failed) => {
    writeFreshLog(disk, { firstSequence, random }, contents, (error) => (error === null ? written() : failed(error)));
  });
}

/** From 0 to below 1, and not to be guessed. */
function random(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}
