import { ConnectionError, type FramedConnection } from "@balsa/client/connection";
import {
  DecodeError,
  decodeClientRequest,
  encodeClientResponse,
  MAX_CLIENT_PAYLOAD_BYTES,
  refusal,
  type ClientRequest,
  type ClientResponseBody,
  type Clock,
  type Refusal,
  type Replica,
} from "@balsa/replica";
import { HeldRequests } from "./heldRequests.js";
import { SnapshotExport } from "./snapshotExport.js";

/** Requests of one connection that have no answer, before more are refused. */
const MAX_WAITING = 16_384;

/** What a client's connection needs of the node. */
export interface ClientHost {
  readonly replica: Replica;
  readonly clock: Clock;
  /** Whether this member leads, or knows who does and has a connection to it. */
  isLeaderThere(): boolean;
  addressOf(id: string): string | null;
  /** Answers an operator's request: one JSON document by another. Never rejects. */
  administer(json: string): Promise<string>;
  readDone(ok: boolean): void;
  proposeDone(ok: boolean): void;
}

/** Serves one program that is no member: takes its requests as they come, and answers each when its outcome is known. */
export class ClientConnection {
  readonly #connection: FramedConnection;
  readonly #host: ClientHost;
  readonly #export = new SnapshotExport();
  readonly #held: HeldRequests;
  #waiting = 0;

  constructor(connection: FramedConnection, host: ClientHost) {
    this.#connection = connection;
    this.#host = host;
    this.#held = new HeldRequests({
      clock: host.clock,
      isLeaderThere: () => host.isLeaderThere(),
      perform: (request) => this.#perform(request),
    });
  }

  /** There may be a leader now, where there was none. */
  leaderChanged(): void {
    this.#held.releaseIfDue();
  }

  /** The connection is gone. */
  end(): void {
    this.#held.end();
    this.#export.end();
  }

  /** @throws DecodeError for bytes that are no requests; those before them are carried out */
  receive(payloads: readonly Uint8Array[]): void {
    for (const payload of payloads) this.#take(decodeClientRequest(payload));
  }

  #take(request: ClientRequest): void {
    if (this.#waiting >= MAX_WAITING) {
      return this.#send(request.requestId, this.#refused(refusal("OVERLOADED", this.#host.replica.raft.leader)));
    }
    this.#waiting += 1;
    if (!this.#held.take(request)) this.#perform(request);
  }

  #perform(request: ClientRequest): void {
    const { requestId } = request;
    const { replica } = this.#host;
    switch (request.type) {
      case "propose":
        replica.propose(
          request.command,
          request.session,
          (outcome) => {
            this.#host.proposeDone(outcome.ok);
            this.#answer(requestId, outcome.ok ? { type: "applied", applied: outcome.value } : this.#refused(outcome));
          },
          request,
        );
        return;
      case "read":
        replica.read(request.question, request.consistency, (outcome) => {
          this.#host.readDone(outcome.ok);
          this.#answer(requestId, outcome.ok ? { type: "answer", answer: outcome.value } : this.#refused(outcome));
        });
        return;
      case "register":
        replica.registerSession((outcome) => {
          this.#answer(requestId, outcome.ok ? { type: "registered", ...outcome.value } : this.#refused(outcome));
        });
        return;
      case "closeSession":
        replica.closeSession(request.sessionId, (outcome) => {
          this.#answer(requestId, outcome.ok ? { type: "closed" } : this.#refused(outcome));
        });
        return;
      case "admin":
        void this.#host.administer(request.json).then((json) => this.#answer(requestId, { type: "admin", json }));
        return;
      case "snapshot":
        this.#export.capture(replica, request.consistency, (captured) => {
          const body =
            "code" in captured ? this.#refused(captured) : { type: "snapshot" as const, description: captured };
          this.#answer(requestId, body);
        });
        return;
      case "snapshotChunk": {
        const chunk = this.#export.read(request.maxBytes);
        this.#answer(requestId, "code" in chunk ? this.#refused(chunk) : chunk);
      }
    }
  }

  #refused(refused: Refusal): ClientResponseBody {
    const { leaderHint } = refused;
    const leaderAddress = leaderHint === null ? null : this.#host.addressOf(leaderHint);
    return { type: "refused", refusal: refused, leaderAddress };
  }

  #answer(requestId: number, body: ClientResponseBody): void {
    this.#waiting -= 1;
    this.#send(requestId, body);
  }

  #send(requestId: number, body: ClientResponseBody): void {
    if (this.#connection.isClosed) return;
    const length = lengthOf(body);
    if (length > MAX_CLIENT_PAYLOAD_BYTES) return this.#send(requestId, this.#refused(tooLong(body.type, length)));
    if (this.#connection.send(encodeClientResponse({ requestId, ...body }))) return;
    this.#connection.destroy(new ConnectionError("SLOW_READER", "It does not take its answers."));
  }
}

function lengthOf(body: ClientResponseBody): number {
  if (body.type === "applied") return body.applied.result.length;
  return body.type === "answer" ? body.answer.length : 0;
}

/** A command has been carried out by now, and only its answer is lost; of a read there is nothing but its answer. */
function tooLong(type: ClientResponseBody["type"], length: number): Refusal {
  const most = String(MAX_CLIENT_PAYLOAD_BYTES);
  const detail = `its answer has ${String(length)} bytes, where ${most} can be sent`;
  return refusal(type === "applied" ? "STALE_SEQUENCE" : "TOO_LARGE", null, detail);
}

/** Whether these bytes were no request, rather than anything being wrong here. */
export function isMalformed(error: unknown): error is DecodeError {
  return error instanceof DecodeError;
}
