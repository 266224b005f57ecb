import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseScript, replayScript } from "./support/script.js";
import { ScriptWorld } from "./support/scriptWorld.js";

const folder = new URL("scripts/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".txt"));

/** Makes the scripts expect what they say now. Whoever does that reads every line of the difference. */
const isRewriting = process.env["REWRITE_SCRIPTS"] === "1";

test.each(names)("script %s", (name) => {
  const file = new URL(name, folder);
  const text = readFileSync(file, "utf8");
  const world = new ScriptWorld();
  const said = replayScript(parseScript(text), (command) => world.run(command));
  if (isRewriting) writeFileSync(file, said);
  else expect(said).toBe(text);
});
