// Runs seeds of a scenario on the build in the current folder until one is violated, and prints what was found.
import { simulate } from "@balsa/sim";

const [scenario, lastSeed] = [JSON.parse(process.argv[2]), Number(process.argv[3])];
const found = { seed: null, check: null, message: null };
for (let seed = 1; seed <= lastSeed && found.seed === null; seed += 1) {
  const report = simulate({ ...scenario, seed });
  if (!report.ok) Object.assign(found, { seed, ...report.violations[0] });
}
process.stdout.write(JSON.stringify(found));
