import { FAULT_COUNT_NAMES, MAX_LISTED_FAULTS, type FaultCountName, type InjectedFault } from "../report/report.js";

/** Counts what was injected, and lists the first of it. */
export class FaultTally {
  readonly counts: Record<FaultCountName, number> = Object.fromEntries(
    FAULT_COUNT_NAMES.map((name) => [name, 0]),
  ) as Record<FaultCountName, number>; // every name is there
  readonly listed: InjectedFault[] = [];
  /** Listed or not. */
  struck = 0;

  add(name: FaultCountName): void {
    this.counts[name] += 1;
  }

  list(fault: InjectedFault): void {
    this.struck += 1;
    if (this.listed.length < MAX_LISTED_FAULTS) this.listed.push(fault);
  }
}
