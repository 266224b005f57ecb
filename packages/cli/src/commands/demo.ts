import type { CommandIo } from "../io.js";
import { DEMONSTRATION } from "@balsa/sim";
import { programName } from "./programName.js";
import { showRun } from "./showRun.js";

/** The flags of `balsa demo`. */
export interface DemoFlags {
  readonly seed?: number;
  readonly json?: boolean;
  readonly trace?: string;
  readonly quiet?: boolean;
}

/** On a terminal the demonstration's simulated seconds pass four times as fast as ours, so that they can be followed. */
const PACE = 4;

/** `balsa demo`: a run of a few seconds in which everything goes wrong once, shown as it happens. */
export async function demo(flags: DemoFlags, io: CommandIo): Promise<number> {
  const { seed = DEMONSTRATION.seed, json = false, quiet = false, trace: tracePath = null } = flags;
  const replay = `${programName(io)} demo --seed ${String(seed)}`;
  const pace = io.stdout.isTTY === true && !json && !quiet ? PACE : null;
  return showRun({ scenario: { ...DEMONSTRATION, seed }, input: null, replay, pace, json, quiet, tracePath }, io);
}
