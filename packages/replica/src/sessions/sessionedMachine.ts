import { invariant, type Entry, type NodeId } from "@balsa/core";
import { DecodeError } from "../encoding/decodeError.js";
import type { SessionCommand } from "../outcome.js";
import type { SnapshotSink, SnapshotSource, StateMachine } from "../stateMachine.js";
import { AddressBook, type AddressChange } from "./addressBook.js";
import { decodeEnvelope, type Envelope } from "./envelope.js";
import type { SessionOptions } from "./sessionOptions.js";
import { SessionedSnapshotSink, SessionedSnapshotSource } from "./sessionedSnapshot.js";
import { SessionTable } from "./sessionTable.js";

/**
 * Why an entry had no effect. `OUT_OF_ORDER`: the command before it in its session has not been applied; send it again
 * after that one. `MALFORMED`: the entry's data are no envelope.
 */
export type SessionRefusalCode = "SESSION_EXPIRED" | "STALE_SEQUENCE" | "OUT_OF_ORDER" | "MALFORMED";

/** What became of one entry. */
export type AppliedResult =
  | { readonly status: "applied"; readonly result: Uint8Array }
  /** It had been applied before, with this result. */
  | { readonly status: "duplicate"; readonly result: Uint8Array }
  | { readonly status: "registered"; readonly sessionId: number }
  /** The session is not there any more, or never was. */
  | { readonly status: "closed" }
  /** The address of a member is changed; not `kept` where there are too many. */
  | { readonly status: "addressed"; readonly kept: boolean }
  | { readonly status: "refused"; readonly code: SessionRefusalCode };

const CLOSED: AppliedResult = { status: "closed" };

/**
 * A state machine behind its clients' sessions: the whole of a member's replicated state, in so far as clients see it.
 * What it does follows from the entries alone, in whatever batches they come.
 */
export class SessionedMachine {
  readonly #machine: StateMachine;
  readonly #options: Partial<SessionOptions>;
  #sessions: SessionTable;
  #book = new AddressBook();
  #addressChanges: AddressChange[] = [];

  /** @throws InvalidOptionError */
  constructor(machine: StateMachine, options: Partial<SessionOptions> = {}) {
    this.#machine = machine;
    this.#options = options;
    this.#sessions = new SessionTable(options);
  }

  /** Sessions that are open. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** The latest time that a leader stamped on an applied entry; never falls. */
  get clusterTimeMs(): number {
    return this.#sessions.clusterTimeMs;
  }

  /** Where the members are to be reached, as far as the group has agreed on it. */
  get addresses(): ReadonlyMap<NodeId, string> {
    return this.#book.addresses;
  }

  /** Applies entries of the kind `command`, in the order of the log, and tells what became of each. */
  apply(entries: readonly Pick<Entry, "index" | "data">[]): readonly AppliedResult[] {
    const run = new Run(this.#machine, this.#sessions, entries.length);
    for (const entry of entries) {
      const envelope = decodeOrNull(entry.data);
      if (envelope === null) {
        run.answer({ status: "refused", code: "MALFORMED" });
        continue;
      }
      this.#sessions.advance(envelope.clusterTimeMs);
      switch (envelope.kind) {
        case "plain":
          run.apply(envelope.payload, null);
          break;
        case "command":
          this.#command(run, envelope.session, envelope.payload);
          break;
        case "register":
          this.#sessions.register(entry.index);
          run.answer({ status: "registered", sessionId: entry.index });
          break;
        case "close":
          this.#sessions.close(envelope.sessionId);
          run.answer(CLOSED);
          break;
        case "address":
          run.answer({ status: "addressed", kept: this.#setAddress(envelope.id, envelope.address) });
          break;
      }
    }
    run.flush();
    return run.results;
  }

  /** The sessions that expired since this was last called, in the order in which they did. */
  takeExpiredSessions(): readonly number[] {
    return this.#sessions.takeExpired();
  }

  /** Addresses that changed since this was last called, by commands or by a snapshot. */
  takeAddressChanges(): readonly AddressChange[] {
    const changes = this.#addressChanges;
    if (changes.length > 0) this.#addressChanges = [];
    return changes;
  }

  query(question: Uint8Array): Uint8Array {
    return this.#machine.query(question);
  }

  snapshot(): SnapshotSource {
    return new SessionedSnapshotSource(this.#sessions.encode(), this.#book, this.#machine.snapshot());
  }

  restore(): SnapshotSink {
    const decode = (bytes: Uint8Array): SessionTable => SessionTable.decode(bytes, this.#options);
    return new SessionedSnapshotSink(decode, this.#machine.restore(), (sessions, book) => {
      this.#sessions = sessions;
      const before = this.#book;
      this.#book = book;
      for (const id of before.addresses.keys()) {
        if (!book.addresses.has(id)) this.#addressChanges.push({ id, address: null });
      }
      for (const [id, address] of book.addresses) this.#addressChanges.push({ id, address });
    });
  }

  #setAddress(id: NodeId, address: string | null): boolean {
    const kept = this.#book.set(id, address);
    if (kept) this.#addressChanges.push({ id, address });
    return kept;
  }

  #command(run: Run, command: SessionCommand, payload: Uint8Array): void {
    const admission = this.#sessions.admit(command);
    if (admission === "due") {
      run.apply(payload, command);
    } else if (admission === "repeated") {
      // Its first occurrence may stand in this very batch.
      run.flush();
      const result = this.#sessions.resultOf(command);
      run.answer(result === null ? { status: "refused", code: "STALE_SEQUENCE" } : { status: "duplicate", result });
    } else {
      run.answer({ status: "refused", code: admission });
    }
  }
}

/** Gathers commands so that the machine gets as many at once as can be, and puts each result in its entry's place. */
class Run {
  readonly results: AppliedResult[];
  readonly #machine: StateMachine;
  readonly #sessions: SessionTable;
  #answered = 0;
  #commands: Uint8Array[] = [];
  #timesMs: number[] = [];
  #places: number[] = [];
  #sessionCommands: (SessionCommand | null)[] = [];

  constructor(machine: StateMachine, sessions: SessionTable, length: number) {
    this.#machine = machine;
    this.#sessions = sessions;
    this.results = new Array<AppliedResult>(length);
  }

  answer(result: AppliedResult): void {
    this.results[this.#answered++] = result;
  }

  apply(payload: Uint8Array, command: SessionCommand | null): void {
    this.#commands.push(payload);
    this.#timesMs.push(this.#sessions.clusterTimeMs);
    this.#places.push(this.#answered++);
    this.#sessionCommands.push(command);
  }

  flush(): void {
    const places = this.#places;
    if (places.length === 0) return;
    const results = this.#machine.apply(this.#commands, this.#timesMs);
    invariant(results.length === places.length, "a state machine gives one result for each command");
    for (let i = 0; i < places.length; i++) {
      const result = results[i] as Uint8Array;
      const command = this.#sessionCommands[i] as SessionCommand | null;
      if (command !== null) this.#sessions.record(command, result);
      this.results[places[i] as number] = { status: "applied", result };
    }
    this.#commands = [];
    this.#timesMs = [];
    this.#places = [];
    this.#sessionCommands = [];
  }
}

function decodeOrNull(data: Uint8Array): Envelope | null {
  try {
    return decodeEnvelope(data);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
