import type { FramedConnection } from "@balsa/client/connection";
import type { Logger } from "../raftNode/logger.js";
import { ClientConnection, isMalformed, type ClientHost } from "./clientConnection.js";

/** The programs that are no members and are connected to this one. */
export class ClientService {
  readonly #host: ClientHost;
  readonly #logger: Logger;
  readonly #clients = new Map<FramedConnection, ClientConnection>();

  constructor(host: ClientHost, logger: Logger) {
    this.#host = host;
    this.#logger = logger;
  }

  get size(): number {
    return this.#clients.size;
  }

  serve(connection: FramedConnection): void {
    const client = new ClientConnection(connection, this.#host);
    this.#clients.set(connection, client);
    connection.onClose(() => {
      this.#clients.delete(connection);
      client.end();
    });
    connection.onFrames((payloads) => {
      try {
        client.receive(payloads);
      } catch (error) {
        if (!isMalformed(error)) throw error;
        this.#logger.warn(
          { remote: connection.remote },
          `closing a client's connection, which sent no request: ${error.message}`,
        );
        connection.destroy(error);
      }
    });
  }

  /** There may be a leader now, where there was none. */
  leaderChanged(): void {
    for (const client of this.#clients.values()) client.leaderChanged();
  }

  /** Closes the connections, once what was answered last has left. */
  end(): void {
    for (const connection of this.#clients.keys()) connection.end();
  }
}
