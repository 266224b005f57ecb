import { BUDGET_NAMES, MAX_BUDGET, type BudgetName, type Bounds } from "../bounds.js";

/**
 * A state of the world is a row of numbers: for each node the number of its member, the number of the history, what has
 * been used of each budget, how many messages are on their way, and their numbers, rising.
 */
export interface StateLayout {
  readonly nodes: number;
  readonly history: number;
  readonly budgets: number;
  readonly messageCount: number;
  readonly messages: number;
  /** Numbers in a row. */
  readonly width: number;
}

export function stateLayout({ nodes, spares, inFlight }: Bounds): StateLayout {
  const history = nodes + spares;
  const messages = history + 3;
  return {
    nodes: history,
    history,
    budgets: history + 1,
    messageCount: history + 2,
    messages,
    width: messages + inFlight,
  };
}

const BITS = 4;

function shiftOf(name: BudgetName): number {
  return BITS * BUDGET_NAMES.indexOf(name);
}

export function used(budgets: number, name: BudgetName): number {
  return (budgets >>> shiftOf(name)) & MAX_BUDGET;
}

/** One more used of a budget. */
export function useOne(budgets: number, name: BudgetName): number {
  return (budgets + (1 << shiftOf(name))) | 0;
}
