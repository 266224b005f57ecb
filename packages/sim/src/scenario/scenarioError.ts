/** A scenario made no sense: at `path` there was `found`, where `expected` belongs. */
export class ScenarioError extends Error {
  readonly code = "INVALID_SCENARIO";
  override readonly name = "ScenarioError";

  readonly path: string;
  readonly found: string;
  readonly expected: string;

  constructor(path: string, found: string, expected: string, options?: ErrorOptions) {
    super(`Scenario${path === "" ? "" : ` at ${path}`}: found ${found}, expected ${expected}.`, options);
    this.path = path;
    this.found = found;
    this.expected = expected;
  }
}
