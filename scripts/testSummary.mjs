// Prints `N passed, N failed` (and `, N skipped`, if any) from the file that vitest's JSON reporter wrote, given as the
// first argument. The second argument is the number of failures that happened outside of the tests.
import { existsSync, readFileSync } from "node:fs";

/**
 * @typedef {{ status: string }} Assertion
 * @typedef {{ status: string, assertionResults: Assertion[] }} TestFile
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   success: boolean, testResults: TestFile[] }} Report
 */
const file = process.argv[2] ?? "";

let passed = 0;
let failed = Number(process.argv[3] ?? "0");
let skipped = 0;
if (existsSync(file)) {
  const report = /** @type {Report} */ (JSON.parse(readFileSync(file, "utf8")));
  // A file that could not even be loaded holds no test that failed, yet it did.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && assertionResults.every((assertion) => assertion.status !== "failed"),
  );
  passed = report.numPassedTests;
  failed += report.numFailedTests + broken.length;
  skipped = report.numPendingTests + report.numTodoTests;
  if (!report.success && failed === 0) failed = 1;
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
