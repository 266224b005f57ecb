import type { NodeId } from "@balsa/core";
import type { Beacon } from "./hostMessage.js";

interface Watched {
  heardAt: number;
  /** Of the process that was last heard of; null before its first beacon. */
  incarnation: number | null;
  /** Since when that process has been heard of without a break; null while it is not. */
  hereSince: number | null;
  leaving: boolean;
}

/**
 * Which of the other hosts are there, from what is heard of them. One that says nothing for `silenceMs`, or whose place another
 * process has taken, is told of once.
 */
export class HostWatch {
  readonly #silenceMs: number;
  readonly #gone: (host: NodeId, heardAt: number) => void;
  readonly #hosts = new Map<NodeId, Watched>();
  #lookedAt = -Infinity;

  /** @param gone told of a host that is no longer there, and when it was last heard of */
  constructor(silenceMs: number, gone: (host: NodeId, heardAt: number) => void) {
    this.#silenceMs = silenceMs;
    this.#gone = gone;
  }

  /** Since when a host has been there; null when it is not, or is about to leave. */
  hereSince(host: NodeId): number | null {
    const watched = this.#hosts.get(host);
    return watched === undefined || watched.leaving ? null : watched.hereSince;
  }

  /** These are to be watched, and no others; of those that are new nothing is known. */
  attend(hosts: ReadonlySet<NodeId>): void {
    for (const host of this.#hosts.keys()) if (!hosts.has(host)) this.#hosts.delete(host);
    for (const host of hosts) {
      if (this.#hosts.has(host)) continue;
      this.#hosts.set(host, { heardAt: -Infinity, incarnation: null, hereSince: null, leaving: false });
    }
  }

  heardFrom(host: NodeId, now: number): void {
    const watched = this.#hosts.get(host);
    if (watched !== undefined) watched.heardAt = now;
  }

  beacon({ from, incarnation, leaving }: Beacon, now: number): void {
    const watched = this.#hosts.get(from);
    if (watched === undefined) return;
    const isAnother = watched.incarnation !== null && watched.incarnation !== incarnation;
    watched.incarnation = incarnation;
    watched.leaving = leaving;
    if (isAnother) this.#lose(from, watched, now - this.#silenceMs);
    watched.hereSince ??= now;
  }

  /** To be called every so often, well within `silenceMs`. */
  look(now: number): void {
    // If this process itself stood still, what others said meanwhile waits to be taken in.
    const stoodStill = now - this.#lookedAt > this.#silenceMs;
    this.#lookedAt = now;
    if (stoodStill) return;
    for (const [host, watched] of this.#hosts) {
      if (watched.hereSince !== null && now - watched.heardAt >= this.#silenceMs)
        this.#lose(host, watched, watched.heardAt);
    }
  }

  #lose(host: NodeId, watched: Watched, heardAt: number): void {
    watched.hereSince = null;
    this.#gone(host, heardAt);
  }
}
