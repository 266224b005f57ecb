/** Where something listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** An address could not be understood. */
export class BadAddressError extends Error {
  readonly code = "BAD_ADDRESS";
  override readonly name = "BadAddressError";
}

/**
 * Reads HOST:PORT, or [HOST]:PORT for an IPv6 address.
 * @throws BadAddressError
 */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s:[\]]+)):(\d{1,5})$/u.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port <= 65_535)) {
    throw new BadAddressError(`${JSON.stringify(text)} is no address: it must be HOST:PORT, or [IPV6]:PORT.`);
  }
  return { host, port };
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

/** Whether only this machine can reach it. A name other than `localhost` may be anything. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/u.test(host);
}
