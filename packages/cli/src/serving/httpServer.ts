import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { formatAddress, InsecureListenError, isLoopback, parseAddress } from "@balsa/client/connection";
import type { NodeMetrics, NodeStatus } from "@balsa/node";
import { prometheusRegistry } from "./prometheus.js";

/** What is told over HTTP of a node. */
export interface ToldNode {
  status(): NodeStatus;
  metrics(): NodeMetrics;
  /** Resolves when this member can serve: it knows a leader and has caught up with it. */
  ready(timeoutMs: number): Promise<unknown>;
}

const READY_TIMEOUT_MS = 1_000;
const MAX_CONNECTIONS = 256;

export interface HttpOptions {
  /** HOST:PORT */
  readonly listen: string;
  /** Any address may be listened on. What is told is no secret of the data, but of the cluster. */
  readonly insecure: boolean;
}

/** Probes, metrics and status for monitors: reads only, and nothing of the data. */
export class NodeHttpServer {
  readonly #server: Server;
  readonly #host: string;

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.#host = host;
  }

  /** @throws BadAddressError, InsecureListenError, or the system's error */
  static async listen(node: ToldNode, { listen, insecure }: HttpOptions): Promise<NodeHttpServer> {
    const { host, port } = parseAddress(listen);
    if (!insecure && !isLoopback(host)) {
      throw new InsecureListenError(
        `HTTP has no TLS here, and ${host} is no loopback address. Allow it with --insecure.`,
      );
    }
    const registry = prometheusRegistry(() => node.metrics());
    const server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
      (request, response) => {
        answer(node, registry, request, response).catch((error: unknown) => {
          response.statusCode = 500;
          response.end(`${error instanceof Error ? error.message : String(error)}\n`);
        });
      },
    );
    server.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, resolve);
    });
    return new NodeHttpServer(server, host);
  }

  get address(): string {
    return formatAddress({ host: this.#host, port: (this.#server.address() as AddressInfo).port });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }
}

async function answer(
  node: ToldNode,
  registry: ReturnType<typeof prometheusRegistry>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    send(response, 405, "text/plain", "only GET and HEAD\n");
    return;
  }
  switch (request.url?.split("?")[0]) {
    case "/livez": {
      send(response, 200, "text/plain", "ok\n");
      return;
    }
    case "/readyz":
      try {
        await node.ready(READY_TIMEOUT_MS);
      } catch (error) {
        send(response, 503, "text/plain", `not ready: ${(error as Error).message}\n`);
        return;
      }
      {
        send(response, 200, "text/plain", "ok\n");
        return;
      }
    case "/metrics": {
      send(response, 200, registry.contentType, await registry.metrics());
      return;
    }
    case "/status": {
      send(response, 200, "application/json", `${JSON.stringify(node.status())}\n`);
      return;
    }
    default: {
      send(response, 404, "text/plain", "there are /livez, /readyz, /metrics and /status\n");
      return;
    }
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}
