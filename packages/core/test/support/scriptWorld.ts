import type { Message } from "@balsa/core";
import { Cluster } from "./cluster.js";
import { describeConfiguration, describeEntry, describeEvent, describeMessage, ROLE_NAMES } from "./describe.js";
import type { Member } from "./member.js";
import { commitIndexOf, computeChange, computeLeave, parseChanges, voteOf } from "./scriptArithmetic.js";

const MAX_DELIVERIES = 1_000;

type Say = readonly string[];

/**
 * A cluster that scripts drive by hand: no message arrives and no time passes unless a command says so. Disks are done at
 * once but for those that are held. What each command may say: the messages delivered, and below them what followed.
 */
export class ScriptWorld {
  #cluster = new Cluster({ ids: [] });
  readonly #heldDisks = new Set<string>();
  /** How many of a member's events have been told. */
  readonly #told = new Map<Member, number>();
  #groups: readonly (readonly string[])[] = [];
  readonly #commands: Readonly<Record<string, (rest: string) => Say>> = {
    members: (rest) => this.#members(rest),
    join: (id) => this.#after(() => this.#cluster.add(id)),
    campaign: (id) => this.#wake(id),
    heartbeat: (id) => this.#wake(id),
    propose: (rest) => this.#propose(rest),
    change: (rest) => this.#change(rest),
    transfer: (rest) => this.#transfer(rest),
    deliver: (rest) => this.#deliver(this.#take(rest)),
    drop: (rest) => this.#take(rest).map((message) => `dropped: ${describeMessage(message)}`),
    stabilize: (rest) => this.#stabilize(rest),
    waiting: () => this.#cluster.held.map(describeMessage),
    partition: (rest) => this.#partition(rest.split("|").map((group) => group.trim().split(" "))),
    heal: () => this.#partition([]),
    "hold-disk": (id) => this.#holdDisk(id),
    "finish-disk": (id) => this.#finishDisk(id),
    crash: (id) => this.#after(() => this.#cluster.crash(id)),
    restart: (id) => this.#restart(id),
    snapshot: (id) => this.#after(() => this.#member(id).takeSnapshot()),
    status: () => this.#ids().map((id) => this.#status(id)),
    log: (id) => this.#log(id),
    progress: (id) => this.#progress(id),
    quorum: commitIndexOf,
    vote: voteOf,
    compute: computeChange,
    leave: computeLeave,
  };

  /** Carries a command out. @throws Error for one that does not exist, or names what is not there */
  run(line: string): Say {
    const space = line.indexOf(" ");
    const [name, rest] = space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1).trim()];
    const command = this.#commands[name];
    if (command === undefined) throw new Error(`there is no command ${name}`);
    return command(rest);
  }

  /** `members a b c preVote=false`: founds a cluster. */
  #members(rest: string): Say {
    const words = rest.split(" ");
    const ids = words.filter((word) => !word.includes("="));
    const options = words.filter((word) => word.includes("=")).map((word) => word.split("=") as [string, string]);
    this.#cluster = new Cluster({
      ids,
      options: Object.fromEntries(options.map(([name, value]) => [name, JSON.parse(value) as number | boolean])),
    });
    this.#cluster.fate = ({ from, to }) => (this.#areJoined(from, to) ? "hold" : "drop");
    return this.#after(() => undefined);
  }

  #areJoined(a: string, b: string): boolean {
    return this.#groups.length === 0 || this.#groups.some((group) => group.includes(a) && group.includes(b));
  }

  /** `partition a b | c`: messages across, under way ones included, are lost. */
  #partition(groups: readonly (readonly string[])[]): Say {
    this.#groups = groups;
    const kept = this.#cluster.held.filter(({ from, to }) => this.#areJoined(from, to));
    this.#cluster.held.splice(0, Infinity, ...kept);
    return [];
  }

  #member(id: string): Member {
    return this.#cluster.member(id);
  }

  #ids(): string[] {
    return [...this.#cluster.members.keys(), ...this.#cluster.down.keys()].sort();
  }

  /** Time passes, for all, until this member's next deadline. */
  #wake(id: string): Say {
    const member = this.#member(id);
    if (member.raft.deadline === Infinity) return [`${id} waits for nothing`];
    return this.#after(() => {
      member.wakeAtDeadline();
      this.#cluster.now = member.now;
    });
  }

  #propose(rest: string): Say {
    const [id = "", ...commands] = rest.split(" ");
    return this.#after(() => {
      const result = this.#member(id).propose(...commands);
      if (!result.ok) return `refused: ${result.code}, ${result.leaderHint ?? "nobody"} leads`;
      return `appended from ${result.firstIndex} on, in term ${result.term}`;
    });
  }

  #change(rest: string): Say {
    const [id = "", ...changes] = rest.split(" ");
    return this.#after(() => {
      const result = this.#member(id).reconfigure(...parseChanges(changes.join(" ")));
      return result.ok ? `appended at ${result.index}` : `refused: ${result.code}, ${result.reason}`;
    });
  }

  #transfer(rest: string): Say {
    const [from = "", to = ""] = rest.split(" ");
    return this.#after(() => {
      const result = this.#member(from).transfer(to);
      return result.ok ? undefined : `refused: ${result.code}, ${result.reason}`;
    });
  }

  #holdDisk(id: string): Say {
    this.#heldDisks.add(id);
    return [];
  }

  #finishDisk(id: string): Say {
    this.#heldDisks.delete(id);
    return this.#after(() => undefined);
  }

  #restart(id: string): Say {
    return this.#after(() => {
      const member = this.#cluster.restart(id);
      return `${id} is back with a log up to ${member.raft.lastLogIndex}, term ${member.raft.term}`;
    });
  }

  /** Takes messages under way, all or those of `from a`, `to b` and `from a to b`. */
  #take(rest: string): Message[] {
    const from = /from (\w+)/.exec(rest)?.[1] ?? null;
    const to = /to (\w+)/.exec(rest)?.[1] ?? null;
    const { held } = this.#cluster;
    const taken = held.filter(
      (message) => (from ?? message.from) === message.from && (to ?? message.to) === message.to,
    );
    held.splice(0, Infinity, ...held.filter((message) => !taken.includes(message)));
    return taken;
  }

  #deliver(messages: readonly Message[]): Say {
    return messages.flatMap((message) => {
      const receiver = this.#cluster.members.get(message.to);
      if (receiver === undefined) return [`${describeMessage(message)} (lost: ${message.to} is down)`];
      return [describeMessage(message), ...this.#after(() => void receiver.deliver(message))];
    });
  }

  /** Delivers until nothing is under way; `quietly`: tells only what followed from it. */
  #stabilize(rest: string): Say {
    const said: string[] = [];
    for (let count = 0; this.#cluster.held.length > 0; count += 1) {
      if (count > MAX_DELIVERIES) throw new Error(`messages never end after ${MAX_DELIVERIES} rounds`);
      said.push(...this.#deliver(this.#take("")));
    }
    return rest === "quietly" ? said.filter((line) => line.startsWith("  ")) : said;
  }

  /** Does something, lets the disks follow, and tells what came of it. */
  #after(act: () => unknown): Say {
    const answer = act();
    const { members } = this.#cluster;
    this.#cluster.collect();
    for (const member of members.values()) {
      if (!this.#heldDisks.has(member.id) && member.unsynced.length > 0) member.sync();
    }
    this.#cluster.collect();
    return [...(typeof answer === "string" ? [answer] : []), ...this.#news()];
  }

  #news(): string[] {
    const said: string[] = [];
    for (const id of this.#ids()) {
      const member = this.#cluster.members.get(id);
      if (member === undefined) continue;
      for (const event of member.events.slice(this.#told.get(member) ?? 0)) {
        const line = describeEvent(id, event);
        if (line !== null) said.push(`  ${line}`);
      }
      this.#told.set(member, member.events.length);
    }
    return said;
  }

  #status(id: string): string {
    const member = this.#cluster.members.get(id);
    if (member === undefined) return `${id} is down`;
    const { role, term, vote, lastLogIndex, commitIndex, baseIndex, configuration } = member.raft;
    const log = `log ${baseIndex + 1}..${lastLogIndex}, commit ${commitIndex}`;
    const state = member.commands.length === 0 ? "" : `, applied ${member.commands.join(" ")}`;
    return `${id} ${ROLE_NAMES[role]}, term ${term}, vote ${vote ?? "none"}, ${log}, ${describeConfiguration(configuration)}${state}`;
  }

  #log(id: string): Say {
    const { raft } = this.#member(id);
    const said = raft.baseIndex > 0 ? [`up to ${raft.baseIndex}@${raft.baseTerm} in a snapshot`] : [];
    for (let index = raft.baseIndex + 1; index <= raft.lastLogIndex; index += 1) {
      const entry = raft.entryAt(index);
      if (entry !== null) said.push(describeEntry(entry));
    }
    return said;
  }

  #progress(id: string): Say {
    return this.#member(id)
      .raft.status()
      .peers.map(
        ({ id: peer, state, matchIndex, nextIndex }) => `${peer} ${state}, match ${matchIndex}, next ${nextIndex}`,
      );
  }
}
