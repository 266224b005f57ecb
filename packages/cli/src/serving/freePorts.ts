import { createServer } from "node:net";

/**
 * Below the ports that Linux (from 32768) and macOS (from 49152) hand out on their own: one of those might be a stranger's
 * by the time it is listened on, and again whenever its owner is down.
 */
const LOWEST = 10_000;
const SLOT_PORTS = 373;
const SLOTS = 61;

let next = Math.floor(Math.random() * SLOT_PORTS);

/** Ports of this machine's loopback that are free. Processes that look for some at the same time look in different places. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  for (let tries = 0; found.length < count; tries++) {
    if (tries === SLOT_PORTS) throw new Error(`There are no ${String(count)} free ports from ${String(slot())} on.`);
    const port = slot() + next;
    next = (next + 1) % SLOT_PORTS;
    if ((await whyNotFree(port)) === null) found.push(port);
  }
  return found;
}

/** Neighbouring numbers of processes have slots of their own. */
function slot(): number {
  return LOWEST + (process.pid % SLOTS) * SLOT_PORTS;
}

/** What stands against listening there, or null. */
export async function whyNotFree(port: number): Promise<NodeJS.ErrnoException | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(null)));
  });
}
