import { invariant } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import { DecodeError } from "../encoding/decodeError.js";
import type { SessionCommand } from "../outcome.js";
import { Session } from "./session.js";
import { completeSessionOptions, type SessionOptions } from "./sessionOptions.js";

const TABLE_FORMAT = 1;

/** What becomes of a session's command: it is due now, or has been before, or is refused and has no effect. */
export type Admission = "due" | "repeated" | "SESSION_EXPIRED" | "OUT_OF_ORDER";

/**
 * The sessions of all clients (thesis §6.3). It is part of the replicated state: what is in it follows from the entries
 * applied and nothing else, so it is the same on every member.
 *
 * - Time is the latest that a leader stamped on an applied entry, and never falls.
 * - A session's commands are admitted strictly by sequence, each once. One that comes before its predecessor, as happens
 *   when a client has several on their way while leaders change, is refused as `OUT_OF_ORDER`; nothing is remembered of
 *   that, and the client sends it again. So commands take effect in the order in which the client numbered them.
 * - Any command of a session renews it, even one that is repeated or out of order.
 */
export class SessionTable {
  readonly #options: SessionOptions;
  /** From the least to the most recently active; `lastActiveMs` therefore never falls along it. */
  #sessions = new Map<number, Session>();
  /** The last of them, unless that has ended since. */
  #mostRecent: Session | null = null;
  #clusterTimeMs = 0;
  /** No session expires by idleness up to this time. A shortcut only, and not part of the state. */
  #noneExpiresUntilMs = 0;
  #expired: number[] = [];

  /** @throws InvalidOptionError */
  constructor(options: Partial<SessionOptions> = {}) {
    this.#options = completeSessionOptions(options);
  }

  get size(): number {
    return this.#sessions.size;
  }

  get clusterTimeMs(): number {
    return this.#clusterTimeMs;
  }

  has(sessionId: number): boolean {
    return this.#sessions.has(sessionId);
  }

  /** Moves time on to the stamp of an entry, and expires whom that leaves idle for too long. */
  advance(clusterTimeMs: number): void {
    if (clusterTimeMs <= this.#clusterTimeMs) return;
    this.#clusterTimeMs = clusterTimeMs;
    if (clusterTimeMs > this.#noneExpiresUntilMs) this.#expireIdle();
  }

  /** Begins a session, whose id is the index of the entry that registers it and thus never used again. */
  register(index: number): void {
    invariant(index >= 1 && !this.#sessions.has(index), `index ${String(index)} registers one session`);
    if (this.#sessions.size >= this.#options.maxSessions) this.#expireLeastRecent();
    const session = new Session(index, this.#clusterTimeMs);
    this.#sessions.set(index, session);
    this.#mostRecent = session;
  }

  /** Ends a session. Closing one that is not there does nothing, for its client may have asked twice. */
  close(sessionId: number): void {
    this.#sessions.delete(sessionId);
  }

  /** After `due` the command must be applied, and its result recorded before anything is looked up or encoded. */
  admit(command: SessionCommand): Admission {
    const session = this.#sessions.get(command.sessionId);
    if (session === undefined) return "SESSION_EXPIRED";
    this.#renew(session);
    const next = session.lastSequence + 1;
    if (command.sequence > next) return "OUT_OF_ORDER";
    session.forgetBefore(command.firstOpenSequence);
    if (command.sequence < next) return "repeated";
    session.lastSequence = next;
    return "due";
  }

  /** Keeps the result of a command that was due; results of a session come in order. */
  record(command: SessionCommand, result: Uint8Array): void {
    const { maxCachedResults, maxCachedResultBytes } = this.#options;
    // The session may have ended since the command was admitted.
    this.#sessions.get(command.sessionId)?.keep(command.sequence, result, maxCachedResults, maxCachedResultBytes);
  }

  /** What a repeated command was answered; null if that was forgotten. */
  resultOf(command: SessionCommand): Uint8Array | null {
    return this.#sessions.get(command.sessionId)?.resultOf(command.sequence) ?? null;
  }

  /** The sessions that expired since this was last called, in the order in which they did. */
  takeExpired(): readonly number[] {
    const expired = this.#expired;
    if (expired.length > 0) this.#expired = [];
    return expired;
  }

  /** The same bytes on every member that has applied the same entries. */
  encode(): Uint8Array {
    const writer = new ByteWriter();
    writer.u8(TABLE_FORMAT);
    writer.uint(this.#clusterTimeMs);
    writer.uint(this.#sessions.size);
    for (const session of this.#sessions.values()) session.encode(writer);
    return writer.finish();
  }

  /** @throws DecodeError unless these are the bytes of a table, from first to last. */
  static decode(bytes: Uint8Array, options: Partial<SessionOptions> = {}): SessionTable {
    const table = new SessionTable(options);
    const reader = new ByteReader(bytes);
    const format = reader.u8();
    if (format !== TABLE_FORMAT) throw new DecodeError(`unknown format ${String(format)} of a table of sessions`, 0);
    table.#clusterTimeMs = reader.uint();
    const count = reader.uint();
    for (let i = 0; i < count; i++) {
      const at = reader.offset;
      const session = Session.decode(reader);
      const before = table.#mostRecent;
      if (session.id === 0 || table.#sessions.has(session.id)) throw new DecodeError("a session's id is wrong", at);
      if (session.lastActiveMs > table.#clusterTimeMs || session.lastActiveMs < (before?.lastActiveMs ?? 0)) {
        throw new DecodeError("sessions out of the order of their activity", at);
      }
      table.#sessions.set(session.id, session);
      table.#mostRecent = session;
    }
    reader.expectEnd();
    return table;
  }

  #renew(session: Session): void {
    session.lastActiveMs = this.#clusterTimeMs;
    if (session === this.#mostRecent) return;
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    this.#mostRecent = session;
  }

  #expireIdle(): void {
    const { sessionTimeoutMs } = this.#options;
    for (const session of this.#sessions.values()) {
      const expiresAfterMs = session.lastActiveMs + sessionTimeoutMs;
      if (expiresAfterMs >= this.#clusterTimeMs) {
        this.#noneExpiresUntilMs = expiresAfterMs;
        return;
      }
      this.#expire(session);
    }
    this.#noneExpiresUntilMs = this.#clusterTimeMs + sessionTimeoutMs;
  }

  #expireLeastRecent(): void {
    for (const session of this.#sessions.values()) {
      this.#expire(session);
      return;
    }
  }

  #expire(session: Session): void {
    this.#sessions.delete(session.id);
    this.#expired.push(session.id);
  }
}
