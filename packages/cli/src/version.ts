import { readFileSync } from "node:fs";

/** The version in the package's own package.json. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new Error("The package.json of balsa names no version: the installation is damaged, install it anew.");
}
