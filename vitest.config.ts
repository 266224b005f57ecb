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
    include: ["packages/*/test/**/*.test.ts"],
    testTimeout: 60_000,
  },
});
