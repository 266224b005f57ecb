// An empty project that a user might have, and what is tried in it.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PATIENCE_MS = 120_000;

/** The README's example as a program: what it takes for granted is put around it. */
const PRELUDE = `
import { Counter } from "./counter.js";

async function runScheduler({ signal, fence }: { signal: AbortSignal; fence: number }): Promise<void> {
  if (total !== 3 || value < total || fence < 1 || signal.aborted) throw new Error("It is not as README says.");
  console.log("leads, with a fence");
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
`;

/** Another member, which leaves it to the first one to lead. */
const OTHER = `
import { RaftNode } from "@balsa/node";
import { Counter } from "./counter.js";

const [id = "", members = ""] = process.argv.slice(2);
const addresses = JSON.parse(members) as Record<string, string>;
const options = { id, dataDirectory: "./data/" + id, listen: addresses[id] ?? "", members: addresses };
const node = await RaftNode.open({ ...options, stateMachine: new Counter() });
for await (const reign of node.leadership()) {
  await node.transferLeadership("a").catch((error: unknown) => {
    if (!reign.signal.aborted) console.error(error);
  });
}
`;

const TEST = `
import { test } from "node:test";
import { equal } from "node:assert/strict";
import { RaftClient } from "@balsa/client";
import { RaftNode } from "@balsa/node";
import { Counter } from "./counter.js";

test("a member of its own, under node --test", async () => {
  const options = { id: "a", dataDirectory: "./data/alone", listen: "127.0.0.1:0", members: { a: "127.0.0.1:0" } };
  const node = await RaftNode.open({ ...options, stateMachine: new Counter() });
  const client = RaftClient.connect({ servers: [node.address] });
  try {
    equal(await node.propose({ add: 3 }), 3);
    await client.propose(new TextEncoder().encode(JSON.stringify({ add: 4 })));
    equal(await node.read((counter) => counter.value), 7);
  } finally {
    await client.close();
    await node.close();
  }
});
`;

const COMPILER = { target: "es2022", module: "nodenext", strict: true, skipLibCheck: false, types: ["node"] };

/**
 * Writes the project's files; `root` is this repository.
 * @param {string} folder
 * @param {string} root
 * @param {readonly number[]} ports
 */
export function writeProject(folder, root, ports) {
  mkdirSync(join(folder, "src"), { recursive: true });
  const write = (/** @type {string} */ name, /** @type {string} */ text) => writeFileSync(join(folder, name), text);
  write("package.json", JSON.stringify({ name: "service", version: "1.0.0", private: true, type: "module" }));
  const compilerOptions = { ...COMPILER, lib: ["es2023", "esnext.disposable"], rootDir: "src", outDir: "out" };
  write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["src"] }));
  write("src/counter.ts", readFileSync(join(root, "examples/counter.ts"), "utf8"));
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, block = ""] = /## Embed it\n\n```ts\n([\s\S]*?)```/u.exec(readme) ?? [];
  const [imports = "", ...body] = block.split("\n\n");
  if (!imports.startsWith("import { RaftNode }") || body.length === 0) {
    throw new Error("README.md has no example under Embed it, which begins with its imports.");
  }
  let example = `${imports}\n${PRELUDE}\n${body.join("\n\n")}`;
  for (const [i, port] of ports.entries()) example = example.replaceAll(`127.0.0.1:700${i + 1}`, `127.0.0.1:${port}`);
  write("src/readme.ts", example);
  write("src/other.ts", OTHER);
  write("src/counter.test.ts", TEST);
}

/**
 * Runs a program of the project to its end.
 * @param {string} folder
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {string} what it printed
 */
export function runIn(folder, command, args) {
  console.log(`  ${command} ${args.join(" ")}`);
  const environment = { ...process.env, NODE_OPTIONS: "", NODE_TEST_CONTEXT: undefined };
  return execFileSync(command, args, { cwd: folder, encoding: "utf8", timeout: PATIENCE_MS, env: environment });
}

/**
 * Runs README's example as the first of three members, until it leads.
 * @param {string} folder
 * @param {readonly number[]} ports
 */
export async function runReadme(folder, ports) {
  console.log("  README's example, as the first of three members");
  const members = JSON.stringify(Object.fromEntries(["a", "b", "c"].map((id, i) => [id, `127.0.0.1:${ports[i]}`])));
  const programs = [["out/readme.js"], ["out/other.js", "b", members], ["out/other.js", "c", members]];
  const children = programs.map((args) => {
    return spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  });
  try {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("README's example did not come to lead.")), PATIENCE_MS);
      timer.unref();
      children[0]?.stdout.on("data", (chunk) => String(chunk).includes("leads, with a fence") && resolve(undefined));
      for (const child of children) {
        child.once("exit", (code) => reject(new Error(`A member ended with status ${String(code)}.`)));
      }
    });
  } finally {
    for (const child of children) child.removeAllListeners("exit").kill("SIGKILL");
  }
}
