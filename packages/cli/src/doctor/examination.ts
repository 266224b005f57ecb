import type { RaftClient } from "@balsa/client";
import { RefusedError } from "@balsa/client";
import type { NodeDiagnosis, NodeStatus } from "@balsa/node";
import { openClient, type ConnectionFlags } from "../operating/connectionFlags.js";

/** A member's clocks, against ours. */
export interface ClockReading {
  /** By how much its wall clock is ahead of ours. */
  readonly aheadMs: number;
  /** How far off that may be: half of the round trip in which it was read. */
  readonly uncertaintyMs: number;
  /** How much faster its monotonic clock runs than ours, as a part of elapsed time, and how far off that may be. */
  readonly drift: number;
  readonly driftUncertainty: number;
}

/** What was found out about one member. */
export type Examination =
  | {
      readonly address: string;
      readonly status: NodeStatus;
      readonly diagnosis: NodeDiagnosis;
      readonly clock: ClockReading;
    }
  | { readonly address: string; readonly error: string };

interface Sample {
  readonly wallMs: number;
  readonly monotonicMs: number;
  /** Ours, in the middle of the round trip. */
  readonly ownWallMs: number;
  readonly ownMonotonicMs: number;
  readonly roundTripMs: number;
}

const SAMPLES = 8;
const MAX_MEMBERS = 64;

/** Examines the members given, and those that these name. */
export async function examineCluster(
  flags: ConnectionFlags,
  durationMs: number,
  signal: AbortSignal,
): Promise<readonly Examination[]> {
  const found = new Map<string, Examination>();
  let addresses: readonly string[] = flags.servers;
  while (addresses.length > 0 && !signal.aborted) {
    const asked = addresses;
    const examinations = await Promise.all(asked.map((address) => examine(flags, address, durationMs, signal)));
    for (const examination of examinations) found.set(examination.address, examination);
    const named = new Set([...found.values()].flatMap((one) => ("status" in one ? addressesOf(one.status) : [])));
    const known = new Set([...found.values()].flatMap((one) => ("status" in one ? [one.status.address] : [])));
    addresses = [...named]
      .filter((address) => !found.has(address) && !known.has(address))
      .slice(0, MAX_MEMBERS - found.size);
  }
  return [...found.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** Its id, or where it should be. */
export function nameOf(examination: Examination): string {
  return "status" in examination ? examination.status.id : examination.address;
}

async function examine(
  flags: ConnectionFlags,
  address: string,
  durationMs: number,
  signal: AbortSignal,
): Promise<Examination> {
  const client = openClient(flags, [address]);
  try {
    const options = { timeoutMs: flags.timeout, signal };
    const ask = async <T>(op: string): Promise<T> => (await client.administer({ op }, options)) as T;
    const { status } = await ask<{ readonly status: NodeStatus }>("status");
    const first = await readClock(client, flags, signal);
    // What the member measures on its ways to the others would get between our own measurements.
    const { diagnosis } = await ask<{ readonly diagnosis: NodeDiagnosis }>("diagnose");
    await rest(durationMs, signal);
    const last = await readClock(client, flags, signal);
    return { address, status, diagnosis, clock: compare(first, last) };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { address, error: error.message };
  } finally {
    await client.close();
  }
}

function addressesOf({ configuration, addresses }: NodeStatus): readonly string[] {
  const { voters, votersOutgoing, learners } = configuration;
  return [...voters, ...votersOutgoing, ...learners].flatMap((id) => addresses[id] ?? []);
}

/** Of several readings the one with the shortest round trip says most (RFC 5905 §10 chooses likewise). */
async function readClock(client: RaftClient, flags: ConnectionFlags, signal: AbortSignal): Promise<Sample> {
  let best: Sample | null = null;
  for (let i = 0; i < SAMPLES; i++) {
    const sentWallMs = Date.now();
    const sentMs = performance.now();
    const options = { timeoutMs: flags.timeout, signal };
    const answer = (await client.administer({ op: "clock" }, options)) as { wallClockMs: number; monotonicMs: number };
    const roundTripMs = performance.now() - sentMs;
    if (best !== null && best.roundTripMs <= roundTripMs) continue;
    best = {
      wallMs: answer.wallClockMs,
      monotonicMs: answer.monotonicMs,
      ownWallMs: sentWallMs + roundTripMs / 2,
      ownMonotonicMs: sentMs + roundTripMs / 2,
      roundTripMs,
    };
  }
  return best as Sample;
}

function compare(first: Sample, last: Sample): ClockReading {
  const elapsedMs = last.ownMonotonicMs - first.ownMonotonicMs;
  const uncertaintyMs = last.roundTripMs / 2;
  return {
    aheadMs: last.wallMs - last.ownWallMs,
    uncertaintyMs,
    drift: (last.monotonicMs - first.monotonicMs) / elapsedMs - 1,
    driftUncertainty: (uncertaintyMs + first.roundTripMs / 2) / elapsedMs,
  };
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
