import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { syncDirectory } from "./identity.js";

/**
 * Makes a directory, durably, with those above it that are not there. Node's own `recursive` does not sync the directories
 * that it makes, and never ends where the system refuses with `ENOENT` though the one above is there, as in /proc.
 * @throws the system's error
 */
export function makeDirectory(path: string): void {
  if (isDirectory(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!isDirectory(path)) throw error; // else another process has made it just now
  }
  syncDirectory(parent);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
