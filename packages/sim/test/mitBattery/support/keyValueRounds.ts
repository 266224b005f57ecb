import { expect } from "vitest";
import type { Activity } from "./activity.js";
import type { Clerk } from "./clerk.js";
import type { KeyValueLab } from "./keyValueLab.js";
import { keyValueTest } from "./keyValueLab.js";
import { ELECTION_TIMEOUT_MS } from "./raftLab.js";

export interface RoundsSetup {
  /** Default 5. */
  readonly servers?: number;
  readonly clients: number;
  readonly isUnreliable?: boolean;
  /** Two sides, drawn anew every 1 to 1.2 s. */
  readonly partitions?: boolean;
  /** The whole cluster loses power at the end of each round, while the clients are at work. */
  readonly crashes?: boolean;
  /** All clients use the same so many keys; by default each has one of its own, and knows what it must find. */
  readonly sharedKeys?: number;
  /** Bytes of applied entries after which a snapshot is taken; by default there are none. */
  readonly maxStateBytes?: number;
}

const ROUNDS = 3;
const ROUND_MS = 5_000;
/**
 * On a network without trouble a client waits between two operations, up to this: so it does some fifty in a second, as in
 * the lab, rather than the 250 that virtual time would allow, which would show nothing more.
 */
const MAX_THINKING_MS = 40;
const PARTITION_MIN_MS = ELECTION_TIMEOUT_MS;
const PARTITION_SPREAD_MS = 200;
/** A log may hold so many times what calls for a snapshot. */
const LOG_PER_STATE_BYTES = 8;

/** Whether something has ended, for those who go on until then. */
interface Course {
  isOver: boolean;
}

function* think(lab: KeyValueLab): Activity {
  if (!lab.network.isUnreliable) yield lab.chance.float() * MAX_THINKING_MS;
}

/** A client with a key of its own: what it reads must be what it wrote, at any time. Gives how much it has done. */
function* ownKeyClient(lab: KeyValueLab, clerk: Clerk, key: string, course: Course): Activity<number> {
  let operations = 0;
  let expected = "";
  yield* clerk.put(key, expected);
  while (!course.isOver) {
    yield* think(lab);
    const drawn = lab.chance.float();
    const value = `x ${key} ${operations} y`;
    operations += 1;
    if (drawn < 0.5) {
      yield* lab.checkGet(clerk, key, expected);
    } else if (drawn < 0.6) {
      yield* clerk.put(key, value);
      expected = value;
    } else {
      yield* clerk.append(key, value);
      expected += value;
    }
  }
  yield* lab.checkGet(clerk, key, expected);
  return operations;
}

/** A client that shares its keys with all others: what it may find is for the checker to say. */
function* sharedKeysClient(lab: KeyValueLab, clerk: Clerk, keys: number, course: Course): Activity<number> {
  let operations = 0;
  while (!course.isOver) {
    yield* think(lab);
    const drawn = lab.chance.float();
    const key = `${lab.chance.integer(0, keys - 1)}`;
    const value = `${clerk.name}.${operations};`;
    operations += 1;
    if (drawn < 0.5) yield* clerk.get(key);
    else if (drawn < 0.6) yield* clerk.put(key, value);
    else yield* clerk.append(key, value);
  }
  return operations;
}

function* partitioner(lab: KeyValueLab, course: Course): Activity {
  while (!course.isOver) {
    const sides: [number[], number[]] = [[], []];
    for (const server of lab.servers) sides[lab.chance.integer(0, 1) as 0 | 1].push(server);
    lab.partition(...sides);
    yield PARTITION_MIN_MS + lab.chance.float() * PARTITION_SPREAD_MS;
  }
}

function* round(lab: KeyValueLab, setup: RoundsSetup, clerks: readonly Clerk[], number: number): Activity<number> {
  const clients: Course = { isOver: false };
  const partitions: Course = { isOver: false };
  const running = clerks.map((clerk, i) =>
    lab.spawn(
      setup.sharedKeys === undefined
        ? ownKeyClient(lab, clerk, `${i}`, clients)
        : sharedKeysClient(lab, clerk, setup.sharedKeys, clients),
    ),
  );
  const partitioning = setup.partitions === true ? lab.spawn(partitioner(lab, partitions)) : null;
  yield ROUND_MS;

  if (partitioning !== null) {
    partitions.isOver = true;
    yield* partitioning.join();
    lab.connectAll();
    yield ELECTION_TIMEOUT_MS;
  }
  if (setup.crashes === true) yield* lab.restartAll(ELECTION_TIMEOUT_MS);
  clients.isOver = true;
  let operations = 0;
  for (const client of running) {
    const done = yield* client.join();
    if (done === 0) throw new Error(`a client did nothing in round ${number}`);
    operations += done;
  }
  return operations;
}

/** Clients at work for three rounds, under what the setup asks for, and a look at all that they saw after each round. */
export function keyValueRounds(name: string, setup: RoundsSetup): void {
  const { servers = 5, clients, isUnreliable = false, maxStateBytes } = setup;
  const snapshots =
    maxStateBytes === undefined
      ? {}
      : { raft: { logTailEntries: 0 }, replica: { snapshotEveryBytes: maxStateBytes, segmentBytes: 2_048 } };
  keyValueTest(name, { servers, ...snapshots }, function* (lab) {
    lab.network.isUnreliable = isUnreliable;
    const clerks = Array.from({ length: clients }, () => lab.newClerk());
    for (let number = 1; number <= ROUNDS; number += 1) {
      yield* round(lab, setup, clerks, number);
      lab.checkLinearizability();
      if (maxStateBytes === undefined) continue;
      expect(lab.maxLogBytes()).toBeLessThanOrEqual(LOG_PER_STATE_BYTES * maxStateBytes);
      expect(lab.maxSnapshotBytes()).toBeGreaterThan(0);
    }
  });
}
