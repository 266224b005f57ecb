// Removes all that the other commands make, node_modules excepted.
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const packages = readdirSync(new URL("packages/", root), { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
);
const made = [
  "coverage/",
  "docs/api/",
  "node_modules/.cache/",
  "test/mutants/dist/",
  ...packages.map(({ name }) => `packages/${name}/dist/`),
];
for (const folder of made) rmSync(fileURLToPath(new URL(folder, root)), { recursive: true, force: true });
