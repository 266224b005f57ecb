import { test } from "vitest";
import type { OperationHistory } from "../../../src/workload/clientHistory.js";
import { machineKit } from "../../../src/workload/machineKit.js";
import type { Activity } from "./activity.js";
import { Clerk } from "./clerk.js";
import { MitCluster, type MitSetup } from "./mitCluster.js";

/** The lab's key-value service: the cluster with the library's key-value machine, its clerks and what they saw. */
export class KeyValueLab extends MitCluster {
  readonly history: OperationHistory;
  #clerks = 0;

  constructor(setup: MitSetup) {
    super(setup);
    this.history = this.kit.newHistory();
  }

  /** A clerk that reaches all servers, or those on `beside`'s side of a partition alone. */
  newClerk(beside: number | null = null): Clerk {
    this.#clerks += 1;
    return new Clerk(this, this.#clerks, beside);
  }

  /** A verdict of `unknown` does not pass. */
  checkLinearizability(): void {
    const { linearizable, explanation } = this.history.verdict();
    if (linearizable !== true) throw new Error(`linearizable: ${linearizable}\n${explanation ?? "the search gave up"}`);
  }

  /** Throws unless a clerk gets this value. */
  *checkGet(clerk: Clerk, key: string, expected: string): Activity {
    const value = yield* clerk.get(key);
    if (value !== expected) throw new Error(`get ${key} gave ${value ?? "(absent)"}, not ${expected}`);
  }
}

/** One test of the battery on the key-value service; the history is judged at its end. */
export function keyValueTest(name: string, setup: MitSetup, body: (lab: KeyValueLab) => Activity): void {
  test(name, () => {
    const lab = new KeyValueLab({ kit: machineKit("kv"), ...setup });
    lab.run(body(lab));
    lab.checkLinearizability();
  });
}
