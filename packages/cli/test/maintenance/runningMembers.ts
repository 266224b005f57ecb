import { afterEach } from "vitest";
import { run } from "../../src/index.js";
import { freePorts } from "../../src/serving/freePorts.js";
import { fakeIo } from "../support/fakeIo.js";

const environment = { BALSA_LOG: "silent" };

/** Runs the command to its end. */
export async function call(...args: string[]) {
  const io = fakeIo({ environment });
  const status = await run(args, io);
  return { status, out: io.out(), err: io.err() };
}

/** Starts members in this process, as the command does; those that a test leaves running are stopped after it. */
export function runningMembers() {
  let running: (() => Promise<number>)[] = [];
  const stopAll = async (): Promise<void> => {
    const stops = running;
    running = [];
    await Promise.all(stops.map((stop) => stop()));
  };
  afterEach(stopAll);
  const start = async (...args: string[]): Promise<void> => {
    const stop = new AbortController();
    const io = fakeIo({ environment, interrupted: stop.signal });
    const ended = run(["serve", "--segment-size", "1048576", ...args], io);
    running.push(() => {
      stop.abort();
      return ended;
    });
    while (!io.out().includes("serves at")) {
      const first = await Promise.race([ended, new Promise<null>((resolve) => setTimeout(resolve, 5, null))]);
      if (first !== null) throw new Error(`ended with ${String(first)}: ${io.err()}`);
    }
  };
  return { start, stopAll };
}

export async function freeAddresses(count: number): Promise<string[]> {
  return (await freePorts(count)).map((port) => `127.0.0.1:${String(port)}`);
}
