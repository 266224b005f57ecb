import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket, type Server as TlsServer } from "node:tls";
import {
  commonVersion,
  decodeHello,
  encodeWelcome,
  MAX_FRAME_BYTES,
  MAX_PREFACE_BYTES,
  MAX_PROTOCOL_VERSION,
  MIN_PROTOCOL_VERSION,
  type Hello,
} from "@balsa/replica";
import { formatAddress, isLoopback, parseAddress } from "./address.js";
import { FramedConnection, type FramedConnectionLimits } from "./framedConnection.js";
import { certificateNames, type Certificates, type TlsContext } from "./tlsContext.js";

/** Why a caller is not let in. */
export interface CallerRefusal {
  readonly code: string;
  readonly message: string;
}

export interface ListenOptions extends FramedConnectionLimits {
  /** HOST:PORT; port 0 takes any that is free. */
  readonly listen: string;
  readonly tls: TlsContext | null;
  /** Listen on any address without TLS. */
  readonly insecure: boolean;
  readonly nodeId: string;
  /** The newest version of the protocol to agree on. Default: the newest there is. */
  readonly newestVersion?: number;
  /** Looks at who calls; null: let them in. */
  admit(hello: Hello): CallerRefusal | null;
  onConnection(connection: FramedConnection, hello: Hello, version: number): void;
  /** Somebody was not let in, or did not say properly who they are. */
  onRefused(remote: string, refusal: CallerRefusal): void;
  /** How long a caller may take to say hello. Default 3,000. */
  readonly handshakeTimeoutMs?: number;
  /** Connections at once, those that have not said hello among them. Default 1,024. */
  readonly maxConnections?: number;
}

/** Without TLS, whoever reaches the port can do anything. */
export class InsecureListenError extends Error {
  readonly code = "INSECURE_LISTEN";
  override readonly name = "InsecureListenError";
}

const DEFAULT_MAX_CONNECTIONS = 1_024;

/** Accepts connections of those who say a hello that fits. */
export class FramedServer {
  readonly #server: Server | TlsServer;
  readonly #options: ListenOptions;
  readonly #sockets = new Set<Socket>();
  readonly #handshakes = new Map<string, NodeJS.Timeout>();
  #certificates: Certificates | null;

  private constructor(options: ListenOptions) {
    this.#options = options;
    this.#certificates = options.tls?.current ?? null;
    this.#server =
      this.#certificates === null
        ? createTcpServer()
        : createTlsServer({
            ...this.#certificates,
            requestCert: true,
            rejectUnauthorized: true,
            minVersion: "TLSv1.3",
          });
    // Every connection counts from its first byte on, also one that never gets through the handshake of TLS.
    this.#server.on("connection", (socket: Socket) => this.#count(socket));
    this.#server.on(options.tls === null ? "connection" : "secureConnection", (socket: Socket) => this.#greet(socket));
    this.#server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
      this.#refuse(socket, { code: codeOf(error, "TLS"), message: `no TLS could be agreed on: ${error.message}` });
    });
  }

  /**
   * @throws InsecureListenError, BadAddressError, or the operating system's error where the address can't be had
   */
  static async listen(options: ListenOptions): Promise<FramedServer> {
    const { host, port } = parseAddress(options.listen);
    if (options.tls === null && !options.insecure && !isLoopback(host)) {
      throw new InsecureListenError(
        `Without TLS a node listens on loopback addresses only, and ${host} is none: whoever reached it could read and ` +
          "change everything. Give it certificates, or allow it with `insecure`.",
      );
    }
    const server = new FramedServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen({ host, port }, () => {
        server.#server.off("error", reject);
        // What goes wrong with one caller is told with that caller; the server goes on.
        server.#server.on("error", (error: Error) =>
          options.onRefused("?", { code: codeOf(error, "ERROR"), message: error.message }),
        );
        resolve();
      });
    });
    return server;
  }

  /** HOST:PORT as it is. */
  get address(): string {
    const { port } = this.#server.address() as AddressInfo;
    return formatAddress({ host: parseAddress(this.#options.listen).host, port });
  }

  /** Stops listening, and closes all connections. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #renewCertificates(): void {
    const current = this.#options.tls?.current ?? null;
    if (current === this.#certificates || current === null) return;
    this.#certificates = current;
    (this.#server as TlsServer).setSecureContext({ ...current, minVersion: "TLSv1.3" });
  }

  #count(socket: Socket): void {
    const remote = remoteOf(socket);
    this.#sockets.add(socket);
    socket.on("error", () => undefined); // whoever uses the socket hears of it, too
    this.#renewCertificates();
    const { maxConnections = DEFAULT_MAX_CONNECTIONS, handshakeTimeoutMs = 3_000 } = this.#options;
    const timer = setTimeout(() => {
      this.#refuse(socket, { code: "HANDSHAKE_TIMEOUT", message: "it did not say hello in time" });
    }, handshakeTimeoutMs);
    this.#handshakes.set(remote, timer);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      clearTimeout(timer);
      if (this.#handshakes.get(remote) === timer) this.#handshakes.delete(remote);
    });
    if (this.#sockets.size > maxConnections) {
      this.#refuse(socket, { code: "TOO_MANY_CONNECTIONS", message: `there are ${String(maxConnections)} already` });
    }
  }

  #greet(socket: Socket): void {
    if (socket.destroyed) return;
    const { nodeId } = this.#options;
    const connection = new FramedConnection(socket, this.#options);
    connection.maxFrameBytes = MAX_PREFACE_BYTES;
    const refuse = (refusal: CallerRefusal): void => {
      this.#options.onRefused(connection.remote, refusal);
      connection.send(encodeWelcome({ accepted: false, ...refusal }));
      connection.onFrames(() => undefined);
      connection.end();
    };
    connection.onClose((reason) => {
      if (reason === null) return;
      this.#options.onRefused(connection.remote, { code: codeOf(reason, "CLOSED"), message: reason.message });
    });
    connection.onFrames(([first, ...rest]) => {
      const admitted = this.#admit(first as Uint8Array, socket);
      if ("code" in admitted) return refuse(admitted);
      clearTimeout(this.#handshakes.get(connection.remote));
      connection.maxFrameBytes = MAX_FRAME_BYTES;
      connection.send(encodeWelcome({ accepted: true, version: admitted.version, nodeId }));
      connection.onClose(() => undefined);
      connection.hold(); // whoever is told of it may not be ready yet
      this.#options.onConnection(connection, admitted.hello, admitted.version);
      if (rest.length > 0) connection.deliver(rest);
    });
  }

  #admit(payload: Uint8Array, socket: Socket): { readonly hello: Hello; readonly version: number } | CallerRefusal {
    let hello;
    try {
      hello = decodeHello(payload);
    } catch (error) {
      return { code: "NOT_BALSA", message: `it does not speak this protocol (${(error as Error).message})` };
    }
    const { newestVersion = MAX_PROTOCOL_VERSION } = this.#options;
    const version = commonVersion(hello, newestVersion);
    if (version === null || !("role" in hello)) {
      const theirs = `${String(hello.minVersion)} to ${String(hello.maxVersion)}`;
      const ours = `${String(MIN_PROTOCOL_VERSION)} to ${String(newestVersion)}`;
      return { code: "VERSION", message: `it speaks the protocol versions ${theirs}, and this node ${ours}` };
    }
    if (hello.role === "peer" && socket instanceof TLSSocket && !certificateNames(socket).includes(hello.from)) {
      return { code: "WRONG_CERTIFICATE", message: `its certificate does not name the member ${hello.from}` };
    }
    return this.#options.admit(hello) ?? { hello, version };
  }

  #refuse(socket: Socket, refusal: CallerRefusal): void {
    this.#options.onRefused(remoteOf(socket), refusal);
    socket.destroy();
  }
}

function remoteOf(socket: Socket): string {
  return `${socket.remoteAddress ?? "?"}:${String(socket.remotePort ?? 0)}`;
}

function codeOf(error: Error, otherwise: string): string {
  return "code" in error && typeof error.code === "string" ? error.code : otherwise;
}
