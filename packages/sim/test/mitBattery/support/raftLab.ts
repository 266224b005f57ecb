import { ENTRY_OVERHEAD_BYTES } from "@balsa/core";
import { encodeEnvelope } from "@balsa/replica";
import { test } from "vitest";
import { machineKit, type MachineKit } from "../../../src/workload/machineKit.js";
import type { Activity } from "./activity.js";
import { CommandList, commandBytes } from "./commandList.js";
import { MitCluster, type MitSetup } from "./mitCluster.js";

/** Half of it the lab's servers wait at the least before they campaign; its tests sleep in units of it. */
export const ELECTION_TIMEOUT_MS = 1_000;

const COMMAND_KIT: MachineKit = { ...machineKit("kv"), create: () => new CommandList() };
const COMMAND_DIGITS = 16;
const AGREE_WITHIN_MS = 10_000;
const COMMIT_WITHIN_MS = 2_000;
const POLL_MS = 20;
const NOBODY_LEADS_WAIT_MS = 50;
const MAX_WAIT_POLLS = 30;
const MAX_WAIT_POLL_MS = 1_000;

const PLAIN_COMMAND = { kind: "plain", payload: commandBytes("0".repeat(COMMAND_DIGITS)), clusterTimeMs: 0 } as const;

/** So many bytes of applied entries are about ten commands: never more, and fewer once the cluster's clock takes more digits. */
export const TEN_COMMANDS_BYTES = 10 * (ENTRY_OVERHEAD_BYTES + encodeEnvelope(PLAIN_COMMAND).length);

/** A command started at a leader. `index` is its place among the commands, from 1: what has no effect does not count. */
export interface Started {
  readonly index: number;
  /** Its place among all entries: here the first configuration and each leader's no-op count, too. */
  readonly logIndex: number;
  readonly term: number;
}

/** The lab's cluster with its list of commands as state machine, and the lab's ways to start and await agreement. */
export class RaftLab extends MitCluster {
  #agreementsStarted = 0;

  constructor(setup: MitSetup) {
    super({ kit: COMMAND_KIT, ...setup });
  }

  /** A command unlike all others, always of the same length. */
  newCommand(): string {
    const drawn = this.chance.integer(0, 2 ** 31).toString() + this.chance.integer(0, 2 ** 31).toString();
    return drawn.slice(0, COMMAND_DIGITS).padStart(COMMAND_DIGITS, "0");
  }

  /** Null unless the server leads. */
  startCommand(server: number, command: string): Started | null {
    const started = this.propose(server, commandBytes(command));
    const replica = this.replica(server);
    if (started === null || replica === null) return null;
    let index = this.commandsOf(server).length;
    for (let at = replica.lastApplied + 1; at <= started.logIndex; at += 1) {
      if (replica.raft.entryAt(at)?.kind === "command") index += 1;
    }
    return { index, ...started };
  }

  commandsOf(server: number): readonly string[] {
    const machine = this.machine(server);
    return machine instanceof CommandList ? machine.commands : [];
  }

  /** How many servers have executed their `index`-th command, and which that is; they must agree. */
  committed(index: number): { readonly count: number; readonly command: string | null } {
    let count = 0;
    let command: string | null = null;
    for (const server of this.servers) {
      const executed = this.commandsOf(server)[index - 1];
      if (executed === undefined) continue;
      if (command !== null && executed !== command) throw new Error(`servers disagree on command ${index}`);
      count += 1;
      command = executed;
    }
    return { count, command };
  }

  /**
   * Has a command agreed on by so many servers within ten seconds, whoever leads; with `retry` it is started again where
   * that takes more than two seconds, and otherwise that is a failure. Gives its index.
   */
  *agree(command: string, expectedServers: number, retry: boolean): Activity<number> {
    const deadline = this.time.now + AGREE_WITHIN_MS;
    while (this.time.now < deadline) {
      const index = this.#startAnywhere(command);
      if (index === null) {
        yield NOBODY_LEADS_WAIT_MS;
        continue;
      }
      const giveUpAt = this.time.now + COMMIT_WITHIN_MS;
      while (this.time.now < giveUpAt) {
        const { count, command: agreed } = this.committed(index);
        if (count >= expectedServers && agreed === command) return index;
        yield POLL_MS;
      }
      if (!retry) throw new Error(`command ${command} was not agreed on in two seconds`);
    }
    throw new Error(`command ${command} was not agreed on in ten seconds`);
  }

  #startAnywhere(command: string): number | null {
    for (let tried = 0; tried < this.size; tried += 1) {
      this.#agreementsStarted += 1;
      const server = this.#agreementsStarted % this.size;
      const started = this.isConnected(server) ? this.startCommand(server, command) : null;
      if (started !== null) return started.index;
    }
    return null;
  }

  /** Waits, up to about 25 seconds, until so many servers have executed a command; null once a later term has begun. */
  *awaitCommand(index: number, expectedServers: number, term: number | null = null): Activity<string | null> {
    let pollMs = 10;
    for (let poll = 0; poll < MAX_WAIT_POLLS; poll += 1) {
      if (this.committed(index).count >= expectedServers) break;
      yield pollMs;
      pollMs = Math.min(MAX_WAIT_POLL_MS, pollMs * 2);
      const isOver = term !== null && this.servers.some((server) => (this.replica(server)?.raft.term ?? 0) > term);
      if (isOver) return null;
    }
    const { count, command } = this.committed(index);
    if (count < expectedServers) throw new Error(`only ${count} of ${expectedServers} servers have command ${index}`);
    return command;
  }
}

/** One test of the battery: what it says happens in virtual time, on the servers asked for. */
export function labTest(name: string, setup: MitSetup, body: (lab: RaftLab) => Activity): void {
  test(name, () => {
    const lab = new RaftLab(setup);
    lab.run(body(lab));
  });
}
