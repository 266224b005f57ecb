// Packs packages, and says what is wrong with what is in a tarball.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {{ name: string, version: string, file: string, integrity: string, files: readonly string[] }} Tarball
 */

const ALLOWED =
  /^(package\.json|README\.md|LICENSE|bin\/[^/]+\.js|dist\/.+\.(js|d\.ts)(\.map)?|src\/.+\.ts|(scenarios|schema)\/.+\.json)$/u;
const NEEDED = ["package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"];

/**
 * Packs the packages in these folders.
 * @param {readonly string[]} folders
 * @param {string} destination
 * @returns {Tarball[]}
 */
export function pack(folders, destination) {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", destination, ...folders];
  const output = execFileSync("npm", args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  const packed = /** @type {(Omit<Tarball, "file" | "files"> & { filename: string, files: { path: string }[] })[]} */ (
    JSON.parse(output)
  );
  return packed.map(({ name, version, filename, integrity, files }) => {
    return { name, version, integrity, file: join(destination, filename), files: files.map(({ path }) => path) };
  });
}

/**
 * What must not be in a package of ours, or is missing.
 * @param {Tarball} tarball
 * @param {string} folder where it was packed
 * @returns {string[]}
 */
export function faultsOf({ name, files }, folder) {
  const faults = files.filter((path) => !ALLOWED.test(path)).map((path) => `${name}: ${path} is not to be packed`);
  for (const path of NEEDED) if (!files.includes(path)) faults.push(`${name}: ${path} is missing`);
  const there = new Set(files);
  for (const path of files.filter((file) => file.endsWith(".map"))) {
    const map = /** @type {{ sources: string[] }} */ (JSON.parse(readFileSync(join(folder, path), "utf8")));
    for (const source of map.sources) {
      if (!there.has(join(path, "..", source))) faults.push(`${name}: ${path} points to ${source}, which is not there`);
    }
  }
  return faults;
}
