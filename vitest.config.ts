import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (folder: string) => fileURLToPath(new URL(`./packages/${folder}/src/index.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run on the sources, so that no build has to come first and a stale one can't lie.
    alias: {
      "@balsa/core": source("core"),
      "@balsa/replica": source("replica"),
      "@balsa/linearizability": source("linearizability"),
      "@balsa/sim": source("sim"),
    },
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    // A test left alone by `.only` would hide all others; `-t` picks one without touching the file.
    allowOnly: false,
    testTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["packages/core/src/**/*.ts"],
      reporter: ["text", "text-summary"],
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
