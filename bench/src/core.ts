import { CoreCluster } from "./coreCluster.js";
import { median, secondsOf, type Figure } from "./figure.js";

const COMMAND_BYTES = 16;
const ROUNDS = 7;

/** Commands of 16 bytes a second that three cores in one thread commit and apply everywhere: the median of some rounds. */
export function* benchmarkCore(): Generator<Figure> {
  yield measure("core: commands a second, in batches of 64", 64, 640_000);
  yield measure("core: commands a second, one at a time", 1, 100_000);
}

function measure(name: string, batchSize: number, commandsPerRound: number): Figure {
  const cluster = new CoreCluster(["a", "b", "c"]);
  const batch = Array.from({ length: batchSize }, () => new Uint8Array(COMMAND_BYTES));
  const compactEvery = Math.ceil(4_096 / batchSize);
  const round = (): void => {
    for (let batches = 1; batches * batchSize <= commandsPerRound; batches += 1) {
      cluster.commit(batch);
      if (batches % compactEvery === 0) cluster.compact();
    }
  };
  round(); // warms up, and does not count
  const before = cluster.appliedEverywhere;
  const rates = Array.from({ length: ROUNDS }, () => commandsPerRound / secondsOf(round));
  const applied = cluster.appliedEverywhere - before;
  if (applied !== ROUNDS * commandsPerRound) throw new Error(`Only ${applied} commands were applied everywhere.`);
  return { name, value: Math.round(median(rates)), unit: "commands/s" };
}
