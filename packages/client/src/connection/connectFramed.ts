import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import {
  DecodeError,
  decodeWelcome,
  encodeHello,
  MAX_FRAME_BYTES,
  MAX_PREFACE_BYTES,
  type Hello,
} from "@balsa/replica";
import { formatAddress, parseAddress } from "./address.js";
import { ConnectionError } from "./connectionError.js";
import { FramedConnection, type FramedConnectionLimits } from "./framedConnection.js";
import { certificateNames, type TlsContext } from "./tlsContext.js";

export interface ConnectOptions extends FramedConnectionLimits {
  /** HOST:PORT */
  readonly address: string;
  readonly hello: Hello;
  readonly tls: TlsContext | null;
  /** For everything up to the other side's welcome. Default 3,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Connected {
  readonly connection: FramedConnection;
  readonly nodeId: string;
  readonly version: number;
}

/** What the operating system's codes mean to whoever has the addresses. */
const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  ENOTFOUND: "there is no such host",
  ETIMEDOUT: "the host does not answer",
};

/**
 * Connects, says hello and waits for the welcome.
 * @throws ConnectionError, BadAddressError
 */
export async function connectFramed(options: ConnectOptions): Promise<Connected> {
  const { address, hello, tls, timeoutMs = 3_000 } = options;
  const target = parseAddress(address);
  const where = formatAddress(target);
  options.signal?.throwIfAborted();
  const socket = openSocket(target, tls);
  const connection = new FramedConnection(socket, options);
  connection.maxFrameBytes = MAX_PREFACE_BYTES;
  const begun = new Promise<Connected>((resolve, reject) => {
    connection.onClose((reason) => {
      reject(closedEarly(where, reason, tls !== null));
    });
    connection.onFrames(([first]) => {
      try {
        resolve(takeWelcome(first as Uint8Array, { connection, socket, hello, where }));
      } catch (error) {
        reject(error instanceof Error ? error : new ConnectionError("ERROR", String(error)));
      }
    });
  });
  connection.send(encodeHello(hello));
  const giveUp = (): void => connection.destroy(new ConnectionError("TIMED_OUT", `${where} did not answer in time.`));
  const timer = setTimeout(giveUp, timeoutMs);
  options.signal?.addEventListener("abort", giveUp, { once: true });
  try {
    return await begun;
  } catch (error) {
    connection.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", giveUp);
  }
}

function openSocket(target: { readonly host: string; readonly port: number }, tls: TlsContext | null): Socket {
  if (tls === null) return connectTcp(target);
  // Whom the certificate must name is known with the welcome: members are known by their ids, not by their addresses.
  return connectTls({
    ...target,
    ...tls.current,
    minVersion: "TLSv1.3",
    checkServerIdentity: () => undefined,
  });
}

interface Handshake {
  readonly connection: FramedConnection;
  readonly socket: Socket;
  readonly hello: Hello;
  readonly where: string;
}

function takeWelcome(payload: Uint8Array, { connection, socket, hello, where }: Handshake): Connected {
  let welcome;
  try {
    welcome = decodeWelcome(payload);
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new ConnectionError("NOT_BALSA", `What listens at ${where} speaks another protocol.`, { cause });
  }
  if (!welcome.accepted) throw new ConnectionError(welcome.code, `${where} refused the connection: ${welcome.message}`);
  const { nodeId, version } = welcome;
  if (hello.to !== "" && hello.to !== nodeId) {
    throw new ConnectionError("WRONG_NODE", `At ${where} is ${nodeId}, where ${hello.to} was expected.`);
  }
  if (socket instanceof TLSSocket && !certificateNames(socket).includes(nodeId)) {
    throw new ConnectionError(
      "WRONG_CERTIFICATE",
      `The certificate shown at ${where} does not name the member ${nodeId}.`,
    );
  }
  connection.maxFrameBytes = MAX_FRAME_BYTES;
  return { connection, nodeId, version };
}

function closedEarly(where: string, reason: Error | null, isTls: boolean): ConnectionError {
  if (reason instanceof ConnectionError) return reason;
  const code = reason !== null && "code" in reason ? String(reason.code) : "CLOSED";
  return new ConnectionError(code, `${where} ${describeEnd(code, reason, isTls)}.`, { cause: reason });
}

function describeEnd(code: string, reason: Error | null, isTls: boolean): string {
  const known = SYSTEM_REASONS[code];
  if (known !== undefined) return `could not be reached: ${known} (${code})`;
  if (reason !== null && code !== "ECONNRESET") return `could not be reached: ${reason.message}`;
  return `closed the connection before its welcome; perhaps it speaks ${isTls ? "no TLS" : "TLS only"}`;
}
