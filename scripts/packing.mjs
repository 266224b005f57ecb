// Packs all packages, looks at what is in them, and installs them into an empty project, where README's example, types, tests
// and the command must work. Nothing is asked of a network: what packages of others are needed is packed from node_modules.
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { foldersOfDependencies, manifestOf } from "./packing/dependencies.mjs";
import { freePorts } from "../packages/cli/dist/serving/freePorts.js";
import { startRegistry } from "./packing/localRegistry.mjs";
import { runIn, runReadme, writeProject } from "./packing/newProject.mjs";
import { faultsOf, pack } from "./packing/tarballs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const own = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
const others = [join(root, "node_modules/typescript"), join(root, "node_modules/@types/node")];
const foreign = [...others, ...foldersOfDependencies([...own, ...others])];

const folder = realpathSync(mkdtempSync(join(tmpdir(), "balsa-packing-")));
try {
  const tarballs = pack(own, folder);
  const faults = tarballs.flatMap((tarball, i) => faultsOf(tarball, own[i] ?? ""));
  if (faults.length > 0) throw new Error(`What is packed is not right:\n${faults.join("\n")}`);
  for (const { name, files } of tarballs) console.log(`${name}: ${files.length} files`);
  const manifests = new Map([...own, ...foreign].map((each) => [manifestOf(each).name, manifestOf(each)]));
  const registry = await startRegistry([...tarballs, ...pack(foreign, folder)], manifests);
  const project = join(folder, "service");
  const ports = await freePorts(3);
  writeProject(project, root, ports);
  console.log("in an empty project:");
  await install(project, registry.url, [
    "balsa",
    "@balsa/node",
    "@balsa/client",
    "@balsa/recipes",
    "typescript",
    "@types/node",
  ]);
  registry.close();
  if (registry.missing.size > 0) throw new Error(`Not to be had: ${[...registry.missing].join(", ")}`);
  runIn(project, "npx", ["--offline", "tsc"]);
  runIn(project, process.execPath, ["--test", "out/counter.test.js"]);
  const takesRecipes =
    "import { Recipes, RecipesMachine } from '@balsa/recipes'; new RecipesMachine(); Recipes.onNode({});";
  runIn(project, process.execPath, ["--input-type=module", "--eval", takesRecipes]);
  await runReadme(project, ports);
  const version = runIn(project, "npx", ["--offline", "balsa", "--version"]).trim();
  const expected = manifestOf(join(root, "packages/cli")).version;
  if (version !== expected) throw new Error(`balsa --version prints ${version}, and is ${expected}.`);
  runIn(project, "npx", ["--offline", "balsa", "sim", "--seed", "1", "--duration", "2s", "--json"]);
  console.log("OK: packed, installed, and works");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * The registry is in this process, so the installation must not block it.
 * @param {string} project
 * @param {string} registry
 * @param {readonly string[]} names
 */
async function install(project, registry, names) {
  console.log(`  npm install ${names.join(" ")}`);
  const flags = [
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--registry",
    registry,
    "--cache",
    join(folder, "cache"),
  ];
  const child = spawn("npm", ["install", ...flags, ...names], { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
  const status = await new Promise((resolve) => child.once("exit", resolve));
  if (status !== 0) throw new Error(`npm install ended with status ${String(status)}.`);
}
