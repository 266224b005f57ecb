import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Found } from "./hunt.js";
import type { Mutant } from "./mutant.js";
import { MUTANTS } from "./mutants.js";
import { UNNOTICED_MUTANTS } from "./rules/unnoticed.js";
import { PatchedBuilds } from "./patchedBuild.js";
import { scenarioFor, startHunt } from "./startHunt.js";

const USAGE = `Usage: npm run mutants -- [options]

Breaks each rule in turn, and looks for a seed in which the simulator notices.

  --only NAME            this mutant only; may be repeated
  --seeds COUNT          the last seed that is tried (200)
  --shrink-seconds TIME  processor time for shrinking each; 0 leaves that out (60)
  --unnoticed            hunt those that no seed has shown yet, in place of the others
  --json                 one line of JSON for each mutant, with the shrunk scenario
`;

interface Row {
  readonly mutant: Mutant;
  readonly found: Found | null;
}

interface Settings {
  readonly chosen: readonly Mutant[];
  readonly lastSeed: number;
  readonly shrinkSeconds: number;
  readonly json: boolean;
}

/** Null: only help is wanted; a text: what is wrong. */
function readArguments(): Settings | string | null {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [] },
      seeds: { type: "string", default: "200" },
      "shrink-seconds": { type: "string", default: "60" },
      json: { type: "boolean", default: false },
      unnoticed: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  const all = values.unnoticed ? UNNOTICED_MUTANTS : MUTANTS;
  const unknown = values.only.find((name) => !all.some((mutant) => mutant.name === name));
  if (unknown !== undefined) {
    return `there is no mutant ${unknown}; there are ${all.map(({ name }) => name).join(", ")}`;
  }
  const lastSeed = Number(values.seeds);
  if (!Number.isSafeInteger(lastSeed) || lastSeed < 1)
    return `--seeds takes a whole number from 1, not ${values.seeds}`;
  const shrinkSeconds = Number(values["shrink-seconds"]);
  if (!(shrinkSeconds >= 0)) return `--shrink-seconds takes a number from 0, not ${values["shrink-seconds"]}`;
  const chosen = all.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  return { chosen, lastSeed, shrinkSeconds, json: values.json };
}

function tableRow({ mutant, found }: Row): string {
  const { rule, source, name, scenario } = mutant;
  const where = scenario === undefined ? "" : " (own scenario)";
  if (found === null) return `| ${name} | ${rule} | ${source} | **survived**${where} | | | | |`;
  const { seed, check, huntSeconds, shrunk } = found;
  const size =
    shrunk === null
      ? "|"
      : `${String(shrunk.faults)} / ${String(shrunk.commands)} / ${String(shrunk.reads)} | ${shrunk.seconds.toFixed(1)}`;
  return `| ${name} | ${rule} | ${source} | ${check} | ${seed}${where} | ${huntSeconds.toFixed(1)} | ${size} |`;
}

const TABLE_HEAD = `| mutant | rule | source | found by | seeds | s | shrunk to faults / commands / reads | s |
|---|---|---|---|---|---|---|---|
`;

async function run({ chosen, lastSeed, shrinkSeconds, json }: Settings): Promise<number> {
  const builds = new PatchedBuilds(fileURLToPath(new URL("../../../", import.meta.url)));
  const waiting = [...chosen];
  let survivors = 0;
  let falseAlarms = 0;
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const hunt = { scenario: scenarioFor(mutant), firstSeed: 1, lastSeed, shrinkSeconds };
      const found = await startHunt(builds.build(mutant), hunt);
      if (found === null) survivors += 1;
      else falseAlarms += await failsUnbroken(builds, mutant, found.seed);
      const row = { mutant, found };
      process.stdout.write(`${json ? JSON.stringify(row) : tableRow(row)}\n`);
    }
  };
  try {
    if (!json) process.stdout.write(TABLE_HEAD);
    await Promise.all(Array.from({ length: availableParallelism() }, work));
  } finally {
    builds.remove();
  }
  if (!json) process.stdout.write(`\n${chosen.length - survivors} of ${chosen.length} found\n`);
  return survivors + falseAlarms === 0 ? 0 : 1;
}

/** 1 where the same scenario is violated with every rule in place: then nothing was found but a fault of our own. */
async function failsUnbroken(builds: PatchedBuilds, mutant: Mutant, seed: number): Promise<number> {
  const hunt = { scenario: scenarioFor(mutant), firstSeed: seed, lastSeed: seed, shrinkSeconds: 0 };
  const found = await startHunt(builds.unbroken, hunt);
  if (found === null) return 0;
  process.stderr.write(
    `${mutant.name}: seed ${seed} fails without the mutant, too: ${found.check}: ${found.message}\n`,
  );
  return 1;
}

const settings = readArguments();
if (settings === null) {
  process.stdout.write(USAGE);
} else if (typeof settings === "string") {
  process.stderr.write(`mutants: ${settings}\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  process.exitCode = await run(settings);
}
