/** A rule broken by a patch of one place in the source. */
export interface Mutant {
  /** The rule, and where it comes from. */
  readonly rule: string;
  /** Relative to `packages/`. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The simulator must report a violation within seeds 1 to this one. */
  readonly withinSeeds: number;
  /** What goes into the scenario beside seed and all faults. */
  readonly scenario?: Readonly<Record<string, unknown>>;
}
