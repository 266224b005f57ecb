import { RefusedError } from "@balsa/client";
import type { NodeStatus } from "@balsa/node";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { renderTable, type Column } from "../render/table.js";
import { askMember } from "./askLeader.js";
import type { ConnectionFlags } from "./connectionFlags.js";

export interface StatusFlags extends ConnectionFlags {
  readonly watch?: true;
}

/** What one member says of itself, or why it says nothing. */
export interface MemberReport {
  readonly address: string;
  readonly status: NodeStatus | null;
  readonly error: string | null;
}

const WATCH_EVERY_MS = 1_000;
const MAX_MEMBERS = 64;

/** Asks every member that can be found how it is. */
export async function status(flags: StatusFlags, io: CommandIo): Promise<number> {
  for (;;) {
    const reports = await collect(flags, io.interrupted);
    if (io.interrupted.aborted) return flags.watch === true ? EXIT.ok : EXIT.interrupted;
    const text = flags.json === true ? `${JSON.stringify(reports)}\n` : renderReports(reports);
    await write(io.stdout, flags.watch === true && flags.json !== true ? `\u001b[2J\u001b[H${text}` : text);
    if (flags.watch !== true) return leaderOf(reports) === null ? EXIT.failed : EXIT.ok;
    if (await interruptedWithin(io.interrupted, WATCH_EVERY_MS)) return EXIT.ok;
  }
}

/** The members given, and those that these name. */
async function collect(flags: StatusFlags, signal: AbortSignal): Promise<MemberReport[]> {
  const reports = new Map<string, MemberReport>();
  let addresses: readonly string[] = flags.servers;
  while (addresses.length > 0) {
    for (const report of await Promise.all(addresses.map((address) => ask(flags, address, signal)))) {
      reports.set(report.address, report);
    }
    const named = new Set(
      [...reports.values()].flatMap(({ status: told }) => (told === null ? [] : memberAddresses(told))),
    );
    const ids = new Set([...reports.values()].map(({ status: told }) => told?.address));
    addresses = [...named]
      .filter((address) => !reports.has(address) && !ids.has(address))
      .slice(0, MAX_MEMBERS - reports.size);
  }
  return [...reports.values()].sort(
    (a, b) => compare(a.status?.id ?? "~", b.status?.id ?? "~") || compare(a.address, b.address),
  );
}

function memberAddresses({ configuration, addresses }: NodeStatus): string[] {
  const { voters, votersOutgoing, learners } = configuration;
  return [...voters, ...votersOutgoing, ...learners].flatMap((id) => addresses[id] ?? []);
}

async function ask(flags: StatusFlags, address: string, signal: AbortSignal): Promise<MemberReport> {
  try {
    const answer = await askMember(flags, address, { op: "status" }, signal);
    if (answer.ok) return { address, status: answer["status"] as NodeStatus, error: null };
    return { address, status: null, error: answer.error.message };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { address, status: null, error: reasonOf(error, address) };
  }
}

/** What stands beside the refusal's general message, where there is that. */
function reasonOf({ message }: RefusedError, address: string): string {
  const detail = /\((.*)\)$/u.exec(message)?.[1] ?? message;
  return detail.startsWith(address) ? detail : `${address}: ${detail}`;
}

const COLUMNS: readonly Column[] = [
  { title: "member", align: "left" },
  { title: "address", align: "left" },
  { title: "role", align: "left" },
  { title: "term", align: "right" },
  { title: "last", align: "right" },
  { title: "committed", align: "right" },
  { title: "applied", align: "right" },
  { title: "lag", align: "right" },
  { title: "snapshot", align: "right" },
  { title: "version", align: "left" },
];

export function renderReports(reports: readonly MemberReport[]): string {
  const leader = reports.find(({ status: told }) => told !== null && told.id === leaderOf(reports)?.id)?.status ?? null;
  const rows = reports.map(({ address, status: told }) => {
    if (told === null) return ["?", address, "not reached"];
    const lag = leader?.peers.find(({ id }) => id === told.id)?.lagEntries;
    return [
      told.id,
      address,
      placeOf(told, leader ?? told),
      String(told.term),
      String(told.lastLogIndex),
      String(told.commitIndex),
      String(told.lastApplied),
      told.role === "leader" ? "0" : lag === undefined ? "?" : String(lag),
      String(told.snapshotIndex),
      `${told.version} (protocol ${String(told.protocolVersion)})${told.diskFull ? ", disk full" : ""}`,
    ];
  });
  const reasons = reports.flatMap(({ error }) => (error === null ? [] : [`  ${error}`]));
  return `${[headOf(reports), ...renderTable(COLUMNS, rows), ...reasons].join("\n")}\n`;
}

/** Whom those name that know of the latest term; a leader names itself. */
function leaderOf(reports: readonly MemberReport[]): { readonly id: string; readonly term: number } | null {
  const named = reports.flatMap(({ status: told }) =>
    told === null || told.leader === null ? [] : [{ id: told.leader, term: told.term }],
  );
  return named.sort((a, b) => b.term - a.term)[0] ?? null;
}

function headOf(reports: readonly MemberReport[]): string {
  const leader = leaderOf(reports);
  if (leader === null) return "No leader is known.";
  const isReached = reports.some(({ status: told }) => told?.id === leader.id);
  return `${leader.id} leads term ${String(leader.term)}${isReached ? "" : ", say the others; it was not reached itself"}.`;
}

/** Its role, or what it is instead of a voter, as far as `judge`, the leader where one is reached, knows. */
function placeOf(told: NodeStatus, judge: NodeStatus): string {
  const { voters, votersOutgoing, learners } = judge.configuration;
  if (learners.includes(told.id)) return "learner";
  return voters.includes(told.id) || votersOutgoing.includes(told.id) ? told.role : "not a member";
}

function interruptedWithin(signal: AbortSignal, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(true);
    const timer = setTimeout(() => resolve(false), ms);
    const stop = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
