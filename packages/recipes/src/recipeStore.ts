import type { RecipesMachine } from "./machine/recipesMachine.js";

export interface StoreOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface StoreReadOptions extends StoreOptions {
  readonly consistency?: "linearizable" | "stale";
}

/** Where the recipes' machine is reached. A `RaftClient` of `@balsa/client` is one as it stands. */
export interface RecipeStore {
  /** Has a command applied, once. Rejects with `RefusedError`. */
  propose(command: Uint8Array, options: StoreOptions): Promise<Uint8Array>;
  /** Rejects with `RefusedError`. */
  read(question: Uint8Array, options: StoreReadOptions): Promise<Uint8Array>;
}

/** What the recipes need of a `RaftNode` whose `bytesStateMachine` is a `RecipesMachine`. */
export interface RecipeNode {
  propose(command: Uint8Array, options: StoreOptions): Promise<Uint8Array>;
  read<T>(query: (machine: RecipesMachine) => T, options: StoreReadOptions): Promise<T>;
}

export function storeOfNode(node: RecipeNode): RecipeStore {
  return {
    propose: (command, options) => node.propose(command, options),
    read: (question, options) => node.read((machine) => machine.query(question), options),
  };
}
