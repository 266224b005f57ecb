import { InvalidOptionError, membersOf, type NodeId, type RaftOptions } from "@balsa/core";
import type { Timer } from "../clock.js";
import type { Completion, Done } from "../disk.js";
import { Replica } from "../replica/replica.js";
import { completeReplicaOptions, type MemberOptions } from "../replica/replicaOptions.js";
import { GroupWasOpenError, HostStoppedError } from "./hostErrors.js";
import { HostClock } from "./hostClock.js";
import { HOST_GROUP } from "./hostMessage.js";
import { HostNetwork } from "./hostNetwork.js";
import {
  completeHostRaftOptions,
  completeHostSettings,
  HOSTED_LIMITS,
  type HostedMemberOptions,
  type HostSettings,
  type ReplicaHostOptions,
} from "./hostOptions.js";
import { HostStorage } from "./hostStorage.js";
import { HostWatch } from "./hostWatch.js";
import { preferredLeader } from "./leaderBalance.js";

/**
 * Members of many groups in one process: they share the log on disk and its syncs, the connection to each other host, and the
 * timers. Each group has its own members, leader, state machine and snapshots.
 *
 * Groups in which nothing goes on rest. What then tells that a host is gone is its beacon, which it sends on behalf of all of
 * them: those who believe that it leads them are roused, and so are those that lead it.
 *
 * As in `Replica`, nothing here is a promise.
 */
export class ReplicaHost {
  readonly id: NodeId;
  readonly #options: ReplicaHostOptions;
  readonly #raft: RaftOptions;
  readonly #settings: HostSettings;
  readonly #storage: HostStorage;
  readonly #clock: HostClock;
  readonly #network: HostNetwork;
  readonly #watch: HostWatch;
  readonly #incarnation: number;
  readonly #members = new Map<number, Replica>();
  /** Groups that are open, were, or are about to be. */
  readonly #taken = new Set<number>();
  #balanceAt: number;
  #timer: Timer | null = null;
  #leaving = false;
  #stopped = false;
  #isClosed = false;
  /** Whoever waits for the files to be closed. */
  readonly #closers: Done[] = [];

  private constructor(options: ReplicaHostOptions, raft: RaftOptions, settings: HostSettings, storage: HostStorage) {
    const { id, network, clock, random } = options;
    this.id = id;
    this.#options = options;
    this.#raft = raft;
    this.#settings = settings;
    this.#storage = storage;
    this.#incarnation = 1 + Math.floor(random() * 2 ** 48);
    this.#clock = new HostClock(clock, settings.timerTickMs);
    this.#watch = new HostWatch(raft.electionTimeoutMs, (host, heardAt) => this.#gone(host, heardAt));
    this.#network = new HostNetwork(id, network, clock, {
      heardFrom: (host) => this.#watch.heardFrom(host, clock.now()),
      beacon: (beacon) => this.#watch.beacon(beacon, clock.now()),
    });
    this.#balanceAt = clock.now() + settings.balanceIntervalMs;
    this.#beat();
  }

  /**
   * Reads what the disk holds of all groups, and begins to speak to the other hosts. `done` gets the error of the disk, or of
   * what is damaged on it.
   * @throws InvalidOptionError
   */
  static open(options: ReplicaHostOptions, done: Completion<ReplicaHost | null>): void {
    const raft = completeHostRaftOptions(options.raft);
    const settings = completeHostSettings(options.settings);
    HostStorage.open(options, settings.segmentBytes, (error, storage) => {
      if (storage === null) done(error, null);
      else done(null, new ReplicaHost(options, raft, settings, storage));
    });
  }

  /** The members that are open, by the number of their group. */
  get members(): ReadonlyMap<number, Replica> {
    return this.#members;
  }

  /** Bytes of the log that all groups share. */
  get logSizeBytes(): number {
    return this.#storage.log.sizeBytes;
  }

  /**
   * Opens the member of one group. `done` gets `GroupWasOpenError`, `HostStoppedError`, or the error of what the disk holds of
   * the group, or of its state machine.
   * @throws InvalidOptionError
   */
  openMember(options: HostedMemberOptions, done: Completion<Replica | null>): void {
    const { group, limits, onEvent, beforeMessage = () => undefined } = options;
    if (!Number.isSafeInteger(group) || group <= HOST_GROUP) {
      throw new InvalidOptionError("group", group, "a whole number of at least 1");
    }
    if (this.#leaving || this.#stopped) return done(new HostStoppedError(), null);
    if (this.#taken.has(group)) return done(new GroupWasOpenError(group), null);
    const { id, random } = this.#options;
    const member = {
      ...options,
      id,
      network: this.#network.forGroup(group, beforeMessage),
      clock: this.#clock,
      random,
      raft: this.#raft,
      limits: { ...HOSTED_LIMITS, ...limits },
      onEvent: (event) => {
        if (event.type === "stopped") this.#members.delete(group);
        onEvent?.(event);
      },
    } satisfies MemberOptions;
    // Before anything is taken, so that whoever gave what makes no sense may try again.
    completeReplicaOptions(member);
    this.#taken.add(group);
    Replica.openIn(this.#storage.take(group), member, (error, replica) => {
      if (replica === null) return done(error, null);
      if (this.#stopped) return replica.stop(() => done(new HostStoppedError(), null));
      this.#members.set(group, replica);
      done(null, replica);
    });
  }

  /** Tells the other hosts that this one is about to stop, so that nobody waits for it or hands it leadership. */
  leave(): void {
    if (this.#leaving || this.#stopped) return;
    this.#leaving = true;
    this.#sendBeacons(this.#neighbours());
  }

  /** Stops all members at once, and closes the log. `done` when the files are closed. */
  stop(done: Done): void {
    if (this.#isClosed) return done(null);
    this.#closers.push(done);
    if (this.#stopped) return;
    this.leave();
    this.#stopped = true;
    this.#timer?.cancel();
    const members = [...this.#members.values()];
    let left = members.length + 1;
    const ended = (): void => {
      left -= 1;
      if (left > 0) return;
      this.#network.stop();
      this.#storage.close((error) => {
        this.#isClosed = true;
        for (const closer of this.#closers) closer(error);
      });
    };
    for (const member of members) member.stop(ended);
    ended();
  }

  readonly #beat = (): void => {
    if (this.#stopped) return;
    const now = this.#options.clock.now();
    const neighbours = this.#neighbours();
    this.#watch.attend(neighbours);
    this.#sendBeacons(neighbours);
    this.#watch.look(now);
    this.#releaseLog();
    if (this.#settings.balanceIntervalMs > 0 && now >= this.#balanceAt) {
      this.#balanceAt = now + this.#settings.balanceIntervalMs;
      this.#balance(now);
    }
    this.#timer = this.#clock.setTimer(now + this.#raft.heartbeatIntervalMs, this.#beat);
  };

  #sendBeacons(hosts: ReadonlySet<NodeId>): void {
    for (const host of hosts) this.#network.sendBeacon(host, this.#incarnation, this.#leaving);
  }

  /** The hosts with which it shares a group. */
  #neighbours(): Set<NodeId> {
    const hosts = new Set<NodeId>();
    for (const { raft } of this.#members.values()) {
      const { voters, votersOutgoing, learners } = raft.configuration;
      for (const ids of [voters, votersOutgoing, learners]) for (const id of ids) hosts.add(id);
    }
    hosts.delete(this.id);
    return hosts;
  }

  #gone(host: NodeId, heardAt: number): void {
    for (const replica of this.#members.values()) {
      const { raft } = replica;
      if (!raft.isResting) continue;
      const isLedHere = raft.role === "leader" && membersOf(raft.configuration).includes(host);
      if (isLedHere || raft.leader === host) replica.rouse(heardAt);
    }
  }

  #releaseLog(): void {
    const groups = this.#storage.groupsToRelease(this.#settings.maxLogBytes);
    for (const group of groups) this.#members.get(group)?.releaseLog();
  }

  /** Hands over what another should lead, as far as that is there and lacks nothing. */
  #balance(now: number): void {
    if (this.#leaving) return;
    let handOvers = 0;
    for (const [group, replica] of this.#members) {
      if (handOvers >= this.#settings.maxHandOvers) return;
      if (replica.raft.role !== "leader") continue;
      const preferred = preferredLeader(group, replica.raft.configuration);
      if (preferred === null || preferred === this.id || !this.#isReliable(preferred, now)) continue;
      const { peers, configurationCommitted, transferringTo } = replica.raft.status();
      const peer = peers.find(({ id }) => id === preferred);
      if (peer?.lagEntries !== 0 || !configurationCommitted || transferringTo !== null) continue;
      handOvers += 1;
      // Where it doesn't come about, it is tried again.
      replica.transferLeadership(preferred, () => undefined);
    }
  }

  #isReliable(host: NodeId, now: number): boolean {
    const since = this.#watch.hereSince(host);
    return since !== null && now - since >= this.#settings.balanceAfterMs;
  }
}
