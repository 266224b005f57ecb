/** A command that a person would type: `add 3`, `put k v`, `cas k old new`, `delete k`, `append k v`, `get k`. */
export type WorkloadCommand =
  | { readonly type: "add"; readonly amount: number }
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "append"; readonly key: string; readonly value: string }
  | { readonly type: "delete"; readonly key: string }
  | { readonly type: "get"; readonly key: string }
  /** `expected` is null where the key must be absent. */
  | { readonly type: "compareAndSet"; readonly key: string; readonly expected: string | null; readonly value: string };

/**
 * What a source says when it is asked for its next command. `wait`: there is none yet, and `run` returns `needsInput`.
 * `end`: there will be none. An error ends the run, after what was submitted before it has been answered.
 */
export type NextCommand = { readonly command: WorkloadCommand } | { readonly error: string } | "wait" | "end";

/** Real input of any length: one client session applies it in order, each command exactly once. */
export interface CommandSource {
  next(): NextCommand;
}
