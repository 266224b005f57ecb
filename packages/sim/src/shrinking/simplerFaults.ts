import type { TimedFault } from "../scenario/timedFault.js";
import { listedFaults, withFaults } from "./passes.js";
import type { ShrinkSearch } from "./shrinkSearch.js";

const OPTIONAL = ["whenBusy", "oneWay", "unsynced", "from", "to"];

/** Brings each fault into the simplest form in which it still does what it has to. */
export function simplifyFaults(search: ShrinkSearch): void {
  for (let place = 0; place < listedFaults(search.best).length; place += 1) {
    let tried = 0;
    for (;;) {
      const fault = listedFaults(search.best)[place];
      const form = fault === undefined ? undefined : simplerForms(fault)[tried];
      if (form === undefined || search.isSpent) break;
      const faults = listedFaults(search.best).map((other, at) => (at === place ? form : other));
      // What has been made simpler may have become simpler yet; what has not offers its next form.
      if (search.attempt(withFaults(search.best, faults))) tried = 0;
      else tried += 1;
    }
  }
}

/** Other forms of a fault, the simplest first. Each leads to finitely many, as numbers only get rounder or smaller. */
function simplerForms(fault: TimedFault): readonly TimedFault[] {
  const forms: TimedFault[] = [];
  const add = (change: object): void => {
    // Each change keeps the fields of its kind, with values of the same type.
    forms.push({ ...fault, ...change });
  };
  for (const name of OPTIONAL) {
    // The one place where `to` says who is meant.
    if (!(name in fault) || fault.kind === "transferLeadership") continue;
    forms.push(Object.fromEntries(Object.entries(fault).filter(([other]) => other !== name)) as unknown as TimedFault);
  }
  if ("side" in fault && fault.side.length > 1) {
    for (const out of fault.side) add({ side: fault.side.filter((node) => node !== out) });
  }
  for (const atMs of rounder(fault.atMs)) add({ atMs });
  if ("durationMs" in fault) for (const durationMs of smaller(fault.durationMs)) add({ durationMs });
  if (fault.kind === "slowLink") for (const extraDelayMs of smaller(fault.extraDelayMs)) add({ extraDelayMs });
  if (fault.kind === "slowDisk") for (const syncMs of smaller(fault.syncMs)) add({ syncMs });
  if (fault.kind === "clockSkew") for (const skewMs of smaller(fault.skewMs)) add({ skewMs });
  if (fault.kind === "loss" || fault.kind === "duplication" || fault.kind === "reordering") {
    for (const percent of smaller(fault.rate * 100)) add({ rate: percent / 100 });
  }
  return forms.filter((form) => JSON.stringify(form) !== JSON.stringify(fault));
}

/** Rounded down to thousands, hundreds and tens. */
function rounder(value: number): readonly number[] {
  return [1_000, 100, 10, 1].map((unit) => Math.floor(value / unit) * unit).filter((round) => round < value);
}

/** Half as much, or rounder. */
function smaller(value: number): readonly number[] {
  const half = value >= 2 ? [Math.floor(value / 2)] : [];
  return [...half, ...rounder(value).filter((round) => round > value / 2)];
}
