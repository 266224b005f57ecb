import type { LogContent, LogDamage } from "@balsa/replica";
import { renderBehind } from "./inspectionText.js";
import { MaintenanceError } from "./maintenanceError.js";

/** What is given up with the damaged part of a log. */
export function describeDamage({ error, behind }: LogDamage, contents: ReadonlyMap<number, LogContent>): string[] {
  const kept = [...contents].map(([group, { entries, snapshot }]) => {
    const last = entries.at(-1)?.index ?? snapshot?.index ?? 0;
    return `  kept of group ${String(group)}: everything up to entry ${String(last)}; given up: all behind it, and votes since then`;
  });
  return [`The log is damaged in ${error.file} at byte ${String(error.offset)}.`, ...kept, ...behind.map(renderBehind)];
}

/** @throws MaintenanceError where it is no disk that has done it */
export function requireDiskDamage({ error, isNonsense }: LogDamage): void {
  if (!isNonsense) return;
  const what = `A record in ${error.file} at byte ${String(error.offset)} is whole, and yet says what can't be.`;
  throw new MaintenanceError(
    "UNUSABLE",
    `${what} No disk does that, but a fault of Balsa: keep the directory, and report it.`,
  );
}
