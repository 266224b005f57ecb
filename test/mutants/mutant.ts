/** A change of one place in the source. */
export interface Patch {
  /** Relative to `packages/`. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** A rule broken by a patch of one place in the source. */
export interface Mutant extends Patch {
  /** Short and unique, for the command line. */
  readonly name: string;
  readonly rule: string;
  /** Where the rule comes from: a section of the paper or the thesis, or a bug that users of another project met. */
  readonly source: string;
  /** What goes into a scenario of its own, beside the seed; without it the rule is hunted in the swarm. */
  readonly scenario?: Readonly<Record<string, unknown>>;
}
