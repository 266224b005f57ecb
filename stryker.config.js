// Mutation testing of the core: `npm run mutation`. The report is coverage/mutation.html.
/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  testRunner: "vitest",
  vitest: { configFile: "stryker.vitest.config.ts", related: false },
  mutate: ["packages/core/src/**/*.ts", "!packages/core/src/index.ts"],
  // Texts are for people, and a tag that is no longer one does not compile.
  mutator: { excludedMutations: ["StringLiteral"] },
  coverageAnalysis: "perTest",
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 5_000,
  reporters: ["clear-text", "progress-append-only", "json", "html"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, skipFull: true },
  jsonReporter: { fileName: "coverage/mutation.json" },
  htmlReporter: { fileName: "coverage/mutation.html" },
  incremental: true,
  incrementalFile: "coverage/mutation-incremental.json",
  tempDirName: "coverage/stryker",
  thresholds: { high: 90, low: 85, break: 85 },
};
