import { connect, type ClientHttp2Session } from "node:http2";

/*
 * As much of etcd's v3 API over gRPC as a benchmark needs: by hand, for that costs the client less than a library does, and
 * a slow client would be held against etcd.
 */

export class EtcdClient {
  readonly #sessions: ClientHttp2Session[];
  #next = 0;

  constructor(endpoint: string, sessions: number) {
    this.#sessions = Array.from({ length: sessions }, () => {
      const session = connect(endpoint);
      // Each request tells of what befell it.
      session.on("error", () => undefined);
      return session;
    });
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.#call("/etcdserverpb.KV/Put", concat(bytesField(1, Buffer.from(key)), bytesField(2, value)));
  }

  async get(key: string): Promise<void> {
    await this.#call("/etcdserverpb.KV/Range", bytesField(1, Buffer.from(key)));
  }

  /** Whether the member at the endpoint leads. */
  async isLeader(): Promise<boolean> {
    const response = await this.#call("/etcdserverpb.Maintenance/Status", Buffer.alloc(0));
    const status = fields(response);
    const header = fields(status.get(1) as Buffer);
    return header.get(2) !== undefined && header.get(2) === status.get(4);
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #call(path: string, message: Uint8Array): Promise<Buffer> {
    const session = this.#sessions[this.#next++ % this.#sessions.length] as ClientHttp2Session;
    return new Promise((resolve, reject) => {
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
      });
      const chunks: Buffer[] = [];
      let status = "";
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on(
        "trailers",
        (trailers: Readonly<Record<string, unknown>>) => (status = String(trailers["grpc-status"])),
      );
      stream.on("error", reject);
      stream.on("end", () => {
        if (status === "0") resolve(Buffer.concat(chunks).subarray(5));
        else reject(new Error(`etcd answered ${path} with the status ${status}`));
      });
      const frame = Buffer.alloc(5 + message.length);
      frame.writeUInt32BE(message.length, 1);
      frame.set(message, 5);
      stream.end(frame);
    });
  }
}

function bytesField(field: number, bytes: Uint8Array): Buffer {
  return concat(varint(field * 8 + 2), varint(bytes.length), bytes);
}

function varint(n: number): Buffer {
  const bytes: number[] = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  bytes.push(n);
  return Buffer.from(bytes);
}

function concat(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts);
}

/** The fields of a message: numbers (as bigint) and bytes. */
function fields(bytes: Buffer): Map<number, bigint | Buffer> {
  const found = new Map<number, bigint | Buffer>();
  let at = 0;
  const next = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] as number;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(next());
    if (tag % 8 === 2) {
      const length = Number(next());
      found.set(Math.floor(tag / 8), bytes.subarray(at, at + length));
      at += length;
    } else {
      found.set(Math.floor(tag / 8), next());
    }
  }
  return found;
}
