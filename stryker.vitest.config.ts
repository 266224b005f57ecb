import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@balsa/core": fileURLToPath(new URL("./packages/core/src/index.ts", import.meta.url)) } },
  test: {
    include: ["packages/core/test/**/*.test.ts"],
    // These take seconds each and reach every line: each change would wait for them.
    exclude: ["**/randomRuns.test.ts", "**/hostileInput.test.ts", "**/saveLoad.test.ts"],
    isolate: false,
    testTimeout: 60_000,
  },
});
