import { Exploration, exploredScenario, replay, type Bounds, type ExploredScenario } from "@balsa/explore";

// Explores a world to its end or to a violation, or replays a trace, and prints what was found. Started by the tests, as
// a process of its own.
const [mode = "", document = ""] = process.argv.slice(2);

function explore(bounds: Partial<Bounds>): object {
  const exploration = new Exploration(bounds, 1_000_000);
  while (exploration.run(100_000) === "working");
  const trace = exploration.trace();
  return {
    report: exploration.report(),
    scenario: trace === null ? null : exploredScenario(exploration.bounds, trace),
  };
}

const found =
  mode === "explore"
    ? explore(JSON.parse(document) as Partial<Bounds>)
    : replay(JSON.parse(document) as ExploredScenario);
process.stdout.write(JSON.stringify(found));
