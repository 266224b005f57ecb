/** A scenario that should hold a trace does not. */
export class ExploredScenarioError extends Error {
  readonly code = "INVALID_EXPLORED_SCENARIO";
  override readonly name = "ExploredScenarioError";

  /** Where in the document. */
  readonly path: string;
  readonly expected: string;

  constructor(path: string, expected: string, options?: ErrorOptions) {
    super(`${path} must be ${expected}.`, options);
    this.path = path;
    this.expected = expected;
  }
}
