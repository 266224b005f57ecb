import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (folder: string, door = "index") =>
  fileURLToPath(new URL(`./packages/${folder}/src/${door}.ts`, import.meta.url));

const MADE_UP = ["packages/cli/test/showRun.test.ts", "packages/cli/test/explore.test.ts"];

export default defineConfig({
  resolve: {
    // Tests run on the sources, so that no build has to come first and a stale one can't lie.
    alias: {
      "@balsa/core": source("core"),
      "@balsa/replica": source("replica"),
      "@balsa/linearizability": source("linearizability"),
      "@balsa/sim": source("sim"),
      "@balsa/explore": source("explore"),
      "@balsa/client/connection": source("client", "connection/index"),
      "@balsa/client": source("client"),
      "@balsa/node": source("node"),
      "@balsa/recipes": source("recipes"),
    },
  },
  test: {
    projects: [
      // These put a made-up module in a real one's place, so each file needs its modules for itself.
      { extends: true, test: { name: "with made-up modules", include: MADE_UP } },
      // All others only look at what functions return: to load every module anew for each file would double the time.
      {
        extends: true,
        test: {
          name: "all others",
          include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: MADE_UP,
          isolate: false,
        },
      },
    ],
    // Tests of real processes and sockets wait a good deal: meanwhile others can have the processor.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // A test left alone by `.only` would hide all others; `-t` picks one without touching the file.
    allowOnly: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["packages/core/src/**/*.ts"],
      reporter: ["text", "text-summary"],
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
