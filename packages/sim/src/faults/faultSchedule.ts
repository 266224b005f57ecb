import type { VirtualTime } from "../schedule/virtualTime.js";
import type { ScheduledEvent } from "../schedule/eventQueue.js";
import type { Scenario } from "../scenario/scenario.js";
import type { TimedFault } from "../scenario/timedFault.js";
import { isTimedFaults } from "./expandScenario.js";
import { PLAN_WINDOW_MS, planWindow } from "./planFaults.js";

/** Hands out a scenario's faults when their time comes, drawing each window of a plan only when it begins. */
export class FaultSchedule {
  readonly #scenario: Scenario;
  readonly #time: VirtualTime;
  readonly #inject: (fault: TimedFault) => void;
  /** Those of the present window. */
  #waiting: ScheduledEvent[] = [];
  #window = 0;

  constructor(scenario: Scenario, time: VirtualTime, inject: (fault: TimedFault) => void) {
    this.#scenario = scenario;
    this.#time = time;
    this.#inject = inject;
  }

  start(): void {
    const { faults } = this.#scenario;
    if (faults === undefined) return;
    if (isTimedFaults(faults)) this.#await([...faults].sort((a, b) => a.atMs - b.atMs));
    else this.#nextWindow();
  }

  /** No fault strikes from now on. */
  stop(): void {
    for (const event of this.#waiting) event.cancel();
    this.#waiting = [];
  }

  #nextWindow(): void {
    const { faults, durationMs = Infinity } = this.#scenario;
    if (faults === undefined || isTimedFaults(faults)) return;
    const due = planWindow(this.#scenario, faults, this.#window).filter(({ atMs }) => atMs < durationMs);
    this.#window += 1;
    this.#await(due);
    const event = this.#time.schedule(this.#window * PLAN_WINDOW_MS, () => {
      this.#nextWindow();
    });
    this.#waiting.push(event);
  }

  #await(faults: readonly TimedFault[]): void {
    this.#waiting = faults.map((fault) =>
      this.#time.schedule(fault.atMs, () => {
        this.#inject(fault);
      }),
    );
  }
}
