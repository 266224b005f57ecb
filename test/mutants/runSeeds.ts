import { simulate, type Scenario } from "@balsa/sim";

// Runs seeds of a scenario until one is violated, and prints what was found. Started by the tests, as a process of its own.
const scenario = JSON.parse(process.argv[2] ?? "") as Scenario;
const lastSeed = Number(process.argv[3]);

function findViolation(): object | null {
  for (let seed = 1; seed <= lastSeed; seed += 1) {
    const { violations } = simulate({ ...scenario, seed });
    if (violations.length > 0) return { seed, ...violations[0] };
  }
  return null;
}

process.stdout.write(JSON.stringify(findViolation()));
