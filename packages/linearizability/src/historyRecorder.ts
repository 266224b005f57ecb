import { InvalidHistoryError } from "./invalidHistoryError.js";
import type { Operation } from "./operation.js";

interface Recorded<Input, Output> {
  clientId: string | number;
  input: Input;
  output: Output | undefined;
  invokedAt: number;
  returnedAt: number | null;
  settled: boolean;
}

/**
 * Writes down a history as it happens, numbering invocations and returns in the order of the calls.
 *
 * Each operation is settled at most once: by `complete`, `fail` or `close`. One that isn't may take effect for ever.
 */
export class HistoryRecorder<Input, Output> {
  private readonly records = new Map<number, Recorded<Input, Output>>();
  private time = 0;

  /** Begins an operation and returns the number by which to settle it. */
  invoke(clientId: string | number, input: Input): number {
    const invokedAt = this.time++;
    this.records.set(invokedAt, { clientId, input, output: undefined, invokedAt, returnedAt: null, settled: false });
    return invokedAt;
  }

  /** It took effect and answered `output`. */
  complete(operation: number, output: Output): void {
    const record = this.settle(operation);
    record.output = output;
    record.returnedAt = this.time++;
  }

  /** It did not take effect and never will: it is dropped. */
  fail(operation: number): void {
    this.settle(operation);
    this.records.delete(operation);
  }

  /** Whether it took effect is unknown, but from now on it no longer can. */
  close(operation: number): void {
    this.settle(operation).returnedAt = this.time++;
  }

  /** The history so far, in the order of invocation. */
  operations(): readonly Operation<Input, Output>[] {
    return Array.from(this.records.values(), ({ clientId, input, output, invokedAt, returnedAt }) => ({
      clientId,
      input,
      output,
      invokedAt,
      returnedAt,
    }));
  }

  private settle(operation: number): Recorded<Input, Output> {
    const record = this.records.get(operation);
    if (record === undefined || record.settled) {
      throw new InvalidHistoryError(`operation ${operation} is not open: it was never invoked, or is already settled`);
    }
    record.settled = true;
    return record;
  }
}
