import { LatencyHistogram } from "../report/latencyHistogram.js";
import type { OperationHistory } from "./clientHistory.js";

/** What all clients together have asked and been told. */
export class ClientLedger {
  readonly history: OperationHistory;
  readonly commandLatency = new LatencyHistogram();
  readonly readLatency = new LatencyHistogram();
  commandsSubmitted = 0;
  commandsCommitted = 0;
  readsAnswered = 0;
  outcomesUnknown = 0;

  constructor(history: OperationHistory) {
    this.history = history;
  }

  commandAnswered(latencyMs: number): void {
    this.commandsCommitted += 1;
    this.commandLatency.add(latencyMs);
  }

  readAnswered(latencyMs: number): void {
    this.readsAnswered += 1;
    this.readLatency.add(latencyMs);
  }
}
