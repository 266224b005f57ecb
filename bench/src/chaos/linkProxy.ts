import { connect, createServer, type Server, type Socket } from "node:net";

/** What a link does to what passes through it. */
export type LinkState =
  | { readonly type: "open" }
  /** Connections are reset, and new ones refused. */
  | { readonly type: "reset" }
  /** Nothing passes, and nobody is told. */
  | { readonly type: "blackhole" }
  /** Every piece comes so much later, in order. */
  | { readonly type: "slow"; readonly delayMs: number };

const OPEN: LinkState = { type: "open" };

/** The way from one member to another: TCP passes through it, or doesn't. */
export class LinkProxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: LinkState = OPEN;

  private constructor(host: string, port: number) {
    this.#target = { host, port };
    this.#server = createServer((socket) => this.#join(socket));
  }

  static async open(targetPort: number): Promise<LinkProxy> {
    const proxy = new LinkProxy("127.0.0.1", targetPort);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${String((this.#server.address() as { port: number }).port)}`;
  }

  get state(): LinkState {
    return this.#state;
  }

  set(state: LinkState): void {
    const before = this.#state.type;
    this.#state = state;
    // What a black hole has swallowed is lost to the connection, so that it can't go on when the link is whole again.
    if (state.type === "reset" || before === "blackhole") this.#resetAll();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#resetAll();
    });
  }

  #join(near: Socket): void {
    if (this.#state.type === "reset") return void near.resetAndDestroy();
    const far = connect(this.#target);
    this.#carry(near, far);
    this.#carry(far, near);
  }

  #carry(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk: Buffer) => {
      const state = this.#state;
      if (state.type === "blackhole") return;
      if (state.type === "slow") setTimeout(() => to.write(chunk), state.delayMs);
      else to.write(chunk);
    });
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  #resetAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
