import { LogStore, type OpenedLog, type RecoveredGroup } from "../../../src/index.js";
import { Schedule } from "./schedule.js";
import type { TestDisk } from "./testDisk.js";

/** What a member would find in its log if the power failed now. */
export function recoveredAfterCrash(disk: TestDisk, group = 1): RecoveredGroup | null {
  const schedule = new Schedule();
  let opened: OpenedLog | null = null;
  let failure: Error | null = null;
  LogStore.open(disk.afterCrash(schedule), { segmentBytes: 4096, random: () => 0.5 }, (error, value) => {
    failure = error;
    opened = value;
  });
  while (schedule.nextAt < Infinity) schedule.step();
  if (failure !== null) throw failure as Error;
  return (opened as OpenedLog | null)?.recovered.groups.get(group) ?? null;
}
