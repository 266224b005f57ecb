import {
  decodeKeyValueResult,
  encodeKeyValueCommand,
  KeyValueMachine,
  type KeyValueCommand,
  type KeyValueResult,
} from "../../src/machines/index.js";
import { encodeEnvelope, SessionedMachine, type AppliedResult, type SessionOptions } from "../../src/sessions/index.js";
import { readOut, restoreFrom } from "../machines/readOut.js";

export interface LogEntry {
  readonly index: number;
  readonly data: Uint8Array;
}

/** One replica's part that is replicated, and the log it has applied, for tests that speak of clients. */
export class World {
  readonly options: Partial<SessionOptions>;
  readonly log: LogEntry[] = [];
  keyValue = new KeyValueMachine();
  machine: SessionedMachine;
  timeMs = 0;

  constructor(options: Partial<SessionOptions> = {}) {
    this.options = options;
    this.machine = new SessionedMachine(this.keyValue, options);
  }

  register(): number {
    const result = this.apply(encodeEnvelope({ kind: "register", clusterTimeMs: this.timeMs }));
    if (result.status !== "registered") throw new Error(`registering was ${result.status}`);
    return result.sessionId;
  }

  close(sessionId: number): AppliedResult {
    return this.apply(encodeEnvelope({ kind: "close", clusterTimeMs: this.timeMs, sessionId }));
  }

  /** Appends `text` to the key "log". */
  append(sessionId: number, sequence: number, text: string, firstOpenSequence = 1): AppliedResult {
    return this.command(sessionId, sequence, { type: "append", key: "log", value: text }, firstOpenSequence);
  }

  command(sessionId: number, sequence: number, command: KeyValueCommand, firstOpenSequence = 1): AppliedResult {
    const session = { sessionId, sequence, firstOpenSequence };
    const payload = encodeKeyValueCommand(command);
    return this.apply(encodeEnvelope({ kind: "command", clusterTimeMs: this.timeMs, session, payload }));
  }

  apply(data: Uint8Array): AppliedResult {
    const entry = { index: this.log.length + 1, data };
    this.log.push(entry);
    const [result] = this.machine.apply([entry]);
    if (result === undefined) throw new Error("no result");
    return result;
  }

  /** Goes on with a machine restored from a snapshot of this one. */
  restart(chunkBytes = 1000): void {
    const bytes = this.snapshotBytes();
    this.keyValue = new KeyValueMachine();
    this.machine = new SessionedMachine(this.keyValue, this.options);
    restoreFrom(this.machine, bytes, chunkBytes);
  }

  snapshotBytes(): Uint8Array {
    return readOut(this.machine.snapshot());
  }

  get text(): string | null {
    return this.keyValue.get("log");
  }
}

/** The machine's answer, where the entry was answered at all. */
export function answerOf(result: AppliedResult): KeyValueResult | string {
  return "result" in result ? decodeKeyValueResult(result.result) : result.status;
}

export function refused(code: string): unknown {
  return { status: "refused", code };
}
