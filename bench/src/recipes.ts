import { Recipes, RecipesMachine, type RecipeStore } from "@balsa/recipes";
import { median, type Figure } from "./figure.js";

const OPERATIONS = 20_000;
const RUNS = 5;

/** What the recipes themselves cost: their code and their state machine, without a cluster in between. */
export async function benchmarkRecipes(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, prepare] of Object.entries(OPERATIONS_BY_NAME)) {
    const rates: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const operation = prepare(Recipes.onClient(storeInProcess()));
      const began = performance.now();
      for (let i = 0; i < OPERATIONS; i += 1) await operation(i);
      rates.push((OPERATIONS / (performance.now() - began)) * 1_000);
    }
    figures.push({ name: `recipes: ${name}, in process`, value: Math.round(median(rates)), unit: "a second" });
  }
  return figures;
}

const OPERATIONS_BY_NAME: Readonly<Record<string, (recipes: Recipes) => (i: number) => Promise<unknown>>> = {
  "lock taken and released": (recipes) => {
    const lock = recipes.lock("l");
    return async () => (await lock.acquire()).release();
  },
  "map entry set, of 1,000": (recipes) => {
    const map = recipes.map<{ readonly text: string }>("m");
    const value = { text: "x".repeat(256) };
    return (i) => map.set(`key ${String(i % 1_000)}`, value);
  },
  "counter added to": (recipes) => {
    const counter = recipes.counter("c");
    return () => counter.add(1);
  },
  "rate limit asked, for 1,000 keys": (recipes) => {
    const limiter = recipes.rateLimiter("r", { capacity: 10, perSecond: 5 });
    return (i) => limiter.take(`key ${String(i % 1_000)}`);
  },
  "message sent, received and completed": (recipes) => {
    const queue = recipes.queue<number>("q", { rememberMs: 0 });
    return async (i) => {
      await queue.send(i, { id: String(i) });
      const [delivery] = await queue.receive();
      await delivery!.complete();
    };
  },
};

function storeInProcess(): RecipeStore {
  const machine = new RecipesMachine();
  const beganAt = performance.now();
  return {
    propose: (command) => Promise.resolve(machine.apply([command], [Math.floor(performance.now() - beganAt)])[0]!),
    read: (question) => Promise.resolve(machine.query(question)),
  };
}
