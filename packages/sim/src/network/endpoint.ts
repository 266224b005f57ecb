import type { NodeId } from "@balsa/core";
import type { GroupMessage, Network } from "@balsa/replica";
import type { NodeProcess } from "../schedule/nodeProcess.js";
import type { Port } from "./port.js";

type Send = (from: Endpoint, to: NodeId, message: GroupMessage) => void;

/** The network as one process sees it. A dead process sends nothing. */
export class Endpoint implements Network {
  readonly process: NodeProcess;
  /** Whether what it has sent still arrives after its death. */
  readonly outlived: boolean;
  handler: ((message: GroupMessage) => void) | null = null;
  /** Of its node. */
  readonly port: Port;
  readonly #send: Send;

  constructor(process: NodeProcess, outlived: boolean, port: Port, send: Send) {
    this.process = process;
    this.outlived = outlived;
    this.port = port;
    this.#send = send;
  }

  send(to: NodeId, message: GroupMessage): void {
    if (this.process.alive) this.#send(this, to, message);
  }

  onMessage(handler: ((message: GroupMessage) => void) | null): void {
    this.handler = handler;
  }
}
