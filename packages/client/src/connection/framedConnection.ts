import type { Socket } from "node:net";
import { FRAME_HEADER_BYTES, FrameDecoder, FrameError, MAX_FRAME_BYTES, writeFrameHeader } from "@balsa/replica";

/** Frames up to this long are copied behind one another and leave in one write. */
const MAX_COPIED_BYTES = 64 * 1024;
const DEFAULT_MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const KEEP_ALIVE_MS = 10_000;

export interface FramedConnectionLimits {
  /** Bytes that wait to be sent, before more are dropped. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
}

/**
 * A connection that carries frames. What is sent within one callback of the event loop leaves in one write; what arrives
 * in one chunk is handed over in one go. After bytes that are no frames it is closed.
 */
export class FramedConnection {
  /** Who it is, for people. */
  readonly remote: string;
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder();
  readonly #maxQueuedBytes: number;
  #outgoing: Uint8Array[] = [];
  #outgoingBytes = 0;
  #flushIsDue = false;
  #onFrames: ((payloads: readonly Uint8Array[]) => void) | null = null;
  #onClose: ((reason: Error | null) => void) | null = null;
  #early: Uint8Array[] = [];
  #failure: Error | null = null;
  #closed = false;
  sentBytes = 0;
  receivedBytes = 0;

  constructor(socket: Socket, limits: FramedConnectionLimits = {}) {
    this.#socket = socket;
    this.#maxQueuedBytes = limits.maxQueuedBytes ?? DEFAULT_MAX_QUEUED_BYTES;
    this.remote = `${socket.remoteAddress ?? "?"}:${String(socket.remotePort ?? 0)}`;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    socket.on("error", (error) => (this.#failure ??= error));
    socket.on("close", () => this.#ended());
    socket.on("end", () => socket.destroy());
  }

  get isClosed(): boolean {
    return this.#closed || this.#socket.destroyed;
  }

  /** Bytes that the other side has not taken yet. */
  get queuedBytes(): number {
    return this.#outgoingBytes + this.#socket.writableLength;
  }

  /** Frames from now on are at most so long. */
  set maxFrameBytes(bytes: number) {
    this.#decoder.maxFrameBytes = bytes;
  }

  /** Queues a frame. Returns false, and drops it, where too much waits already or the connection is closed. */
  send(payload: Uint8Array): boolean {
    const length = payload.length + FRAME_HEADER_BYTES;
    if (this.isClosed || payload.length > MAX_FRAME_BYTES) return false;
    if (this.queuedBytes > 0 && this.queuedBytes + length > this.#maxQueuedBytes) return false;
    this.#outgoing.push(payload);
    this.#outgoingBytes += length;
    if (!this.#flushIsDue) {
      this.#flushIsDue = true;
      queueMicrotask(this.#flush);
    }
    return true;
  }

  /** Nobody takes payloads until `onFrames` names somebody. What has come waits, and no more is read. */
  hold(): void {
    this.#onFrames = null;
    this.#socket.pause();
  }

  /** Names who gets the payloads; those that came before wait for it. */
  onFrames(handler: (payloads: readonly Uint8Array[]) => void): void {
    this.#onFrames = handler;
    if (this.#socket.isPaused()) this.#socket.resume();
    const early = this.#early;
    this.#early = [];
    if (early.length > 0) handler(early);
  }

  /** Called once, when the connection has ended: with why, or null when one of the sides just closed it. */
  onClose(handler: (reason: Error | null) => void): void {
    this.#onClose = handler;
    if (this.#closed) queueMicrotask(() => handler(this.#failure));
  }

  /** Closes at once; what was queued may not arrive. */
  destroy(reason: Error | null = null): void {
    this.#failure ??= reason;
    this.#socket.destroy();
  }

  /** Sends what is queued, and closes then, or after `timeoutMs`. */
  end(timeoutMs = 1_000): void {
    this.#flush();
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), timeoutMs).unref();
  }

  readonly #flush = (): void => {
    this.#flushIsDue = false;
    const payloads = this.#outgoing;
    const bytes = this.#outgoingBytes;
    if (payloads.length === 0 || this.#socket.destroyed) return;
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    this.sentBytes += bytes;
    if (bytes <= MAX_COPIED_BYTES) {
      const all = Buffer.allocUnsafe(bytes);
      let offset = 0;
      for (const payload of payloads) {
        writeFrameHeader(all, offset, payload);
        all.set(payload, offset + FRAME_HEADER_BYTES);
        offset += FRAME_HEADER_BYTES + payload.length;
      }
      this.#socket.write(all);
      return;
    }
    this.#socket.cork();
    for (const payload of payloads) {
      const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
      writeFrameHeader(header, 0, payload);
      this.#socket.write(header);
      this.#socket.write(payload);
    }
    this.#socket.uncork();
  };

  #receive(chunk: Uint8Array): void {
    this.receivedBytes += chunk.length;
    let payloads: Uint8Array[];
    try {
      payloads = this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      return this.destroy(error);
    }
    if (payloads.length > 0) this.deliver(payloads);
  }

  /** Hands payloads over as if they had just come. */
  deliver(payloads: readonly Uint8Array[]): void {
    if (this.#onFrames === null) this.#early.push(...payloads);
    else this.#onFrames(payloads);
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    this.#onClose?.(this.#failure);
  }
}
