// The packages of others that a set of packages needs, as they are installed here.
import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * @typedef {{ name: string, version: string, dependencies?: Record<string, string>,
 *   optionalDependencies?: Record<string, string> }} Manifest
 */

/**
 * @param {string} folder
 * @returns {Manifest}
 */
export function manifestOf(folder) {
  const manifest = /** @type {Manifest} */ (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  return manifest;
}

/**
 * The folders of everything that the packages in `folders` depend on, but for themselves.
 * @param {readonly string[]} folders
 * @returns {string[]}
 */
export function foldersOfDependencies(folders) {
  const found = new Map(folders.map((folder) => [manifestOf(folder).name, folder]));
  for (const folder of found.values()) {
    for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
      if (!found.has(name)) found.set(name, installedAt(name, folder));
    }
  }
  return [...found.values()].filter((folder) => !folders.includes(folder));
}

/**
 * @param {string} name
 * @param {string} from the folder of whoever needs it
 * @returns {string}
 */
function installedAt(name, from) {
  for (const root of createRequire(join(from, "package.json")).resolve.paths(name) ?? []) {
    const folder = join(root, name);
    if (existsSync(join(folder, "package.json"))) return folder;
  }
  throw new Error(`${name}, which ${dirname(from)} needs, is not installed: run npm ci.`);
}
