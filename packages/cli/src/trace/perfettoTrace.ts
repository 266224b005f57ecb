import type { FaultKind, TraceEvent, TraceEventOf } from "@balsa/sim";

/** One event of the trace event format (chrome://tracing, ui.perfetto.dev). Times are in microseconds. */
export interface PerfettoEvent {
  readonly name: string;
  readonly cat: string;
  /** `X` a slice; `b`, `e` one that others may overlap; `s`, `f` the ends of an arrow; `i` an instant; `M` a name. */
  readonly ph: "X" | "b" | "e" | "s" | "f" | "i" | "M";
  readonly ts: number;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly id?: number;
  /** Binds the arrow's end to the slice around it. */
  readonly bp?: "e";
  /** An instant's reach: its thread. */
  readonly s?: "t";
  readonly args?: Readonly<Record<string, unknown>>;
}

type FaultEvent = TraceEventOf<"faultBegan" | "faultEnded">;
type MessageEvent = TraceEventOf<"messageSent" | "messageDelivered" | "messageDropped">;

interface OpenSlice {
  readonly name: string;
  readonly fromMs: number;
  readonly args: Readonly<Record<string, unknown>>;
}

interface OpenFault {
  readonly id: number;
  readonly name: string;
  readonly node: string;
}

/** A node is a process, and has these threads. */
const THREADS = { role: 1, messages: 2, faults: 3, events: 4 } as const;
type Thread = keyof typeof THREADS;

/** Faults whose end no event tells. */
const ENDLESS: ReadonlySet<FaultKind> = new Set([
  "clockSkew",
  "bitRot",
  "diskStall",
  "addMember",
  "promote",
  "demote",
  "removeMember",
  "replaceMember",
  "transferLeadership",
]);

/** Messages on their way whose arrow is not drawn yet; beyond this the oldest go without one. */
const MAX_ARROWS_OPEN = 100_000;

/**
 * Turns a run's events into the trace event format: a process for each node with its roles, messages, faults and
 * events as threads, and an arrow from each sending to its arrival.
 */
export class PerfettoTrace {
  readonly #emit: (event: PerfettoEvent) => void;
  readonly #processes = new Map<string, number>();
  readonly #roles = new Map<string, OpenSlice>();
  readonly #faults = new Map<string, OpenFault>();
  /** Ids of arrows by message: those of equal messages that are on their way, the oldest first. */
  readonly #arrows = new Map<string, number[]>();
  readonly #lastMessageUs = new Map<string, number>();
  #lastId = 0;

  constructor(emit: (event: PerfettoEvent) => void) {
    this.#emit = emit;
  }

  take(event: TraceEvent): void {
    switch (event.what) {
      case "messageSent":
      case "messageDelivered":
      case "messageDropped":
        this.#message(event);
        break;
      case "roleChanged":
        this.#role(event.node, `${event.role} of term ${String(event.term)}`, event.timeMs, { reason: event.reason });
        break;
      case "started":
        this.#role(event.node, "follower", event.timeMs, {});
        this.#instant(event);
        break;
      case "stopped":
        this.#role(event.node, "down", event.timeMs, { reason: event.reason });
        break;
      case "faultBegan":
        this.#beginFault(event);
        break;
      case "faultEnded":
        this.#endFault(faultKey(event), event.timeMs);
        break;
      case "phase":
        if (event.phase === "liveness") this.#endFaults(event.timeMs);
        this.#instant(event);
        break;
      default:
        this.#instant(event);
    }
  }

  /** Ends what has not ended yet. */
  finish(endMs: number): void {
    for (const [node, slice] of this.#roles) this.#slice(node, "role", slice, endMs);
    this.#endFaults(endMs);
  }

  #role(node: string, name: string, timeMs: number, args: OpenSlice["args"]): void {
    const before = this.#roles.get(node);
    if (before?.name === name) return;
    if (before !== undefined) this.#slice(node, "role", before, timeMs);
    this.#roles.set(node, { name, fromMs: timeMs, args });
  }

  #beginFault(event: FaultEvent): void {
    const { node, fault: name, description, timeMs, step } = event;
    const common = { name, cat: "faults", ts: microseconds(timeMs), ...this.#place(node, "faults") };
    const args = { description, step };
    if (ENDLESS.has(name)) return this.#emit({ ...common, ph: "i", s: "t", args });
    const id = ++this.#lastId;
    this.#faults.set(faultKey(event), { id, name, node });
    this.#emit({ ...common, ph: "b", id, args });
  }

  #endFaults(timeMs: number): void {
    for (const key of [...this.#faults.keys()]) this.#endFault(key, timeMs);
  }

  #endFault(key: string, timeMs: number): void {
    const fault = this.#faults.get(key);
    if (fault === undefined) return;
    this.#faults.delete(key);
    const { id, name, node } = fault;
    this.#emit({ name, cat: "faults", ph: "e", id, ts: microseconds(timeMs), ...this.#place(node, "faults") });
  }

  #slice(node: string, thread: Thread, slice: OpenSlice, untilMs: number): void {
    const ts = microseconds(slice.fromMs);
    const dur = microseconds(untilMs) - ts;
    this.#emit({ name: slice.name, cat: thread, ph: "X", ts, dur, ...this.#place(node, thread), args: slice.args });
  }

  #instant(event: TraceEvent): void {
    const { timeMs, node, what, ...args } = event;
    const ts = microseconds(timeMs);
    this.#emit({ name: what, cat: "events", ph: "i", s: "t", ts, ...this.#place(node, "events"), args });
  }

  #message(event: MessageEvent): void {
    const { what, from, to, message, term, detail } = event;
    const arrives = what === "messageDelivered";
    const node = arrives ? to : from;
    const place = this.#place(node, "messages");
    const ts = this.#freeMicrosecond(node, event.timeMs);
    const verb = { messageSent: "send", messageDelivered: "get", messageDropped: "lost" }[what];
    const reason = what === "messageDropped" ? { reason: event.reason } : {};
    const args = { from, to, term, detail, step: event.step, ...reason };
    this.#emit({ name: `${verb} ${message}`, cat: "messages", ph: "X", ts, dur: 1, ...place, args });
    const key = `${from}>${to} ${message} ${String(term)} ${detail}`;
    if (what === "messageDropped") {
      this.#takeArrow(key);
    } else if (arrives) {
      const id = this.#takeArrow(key);
      if (id !== null) this.#emit({ name: message, cat: "messages", ph: "f", bp: "e", id, ts, ...place });
    } else {
      const id = ++this.#lastId;
      this.#openArrow(key, id);
      this.#emit({ name: message, cat: "messages", ph: "s", id, ts, ...place });
    }
  }

  #openArrow(key: string, id: number): void {
    const open = this.#arrows.get(key);
    if (open !== undefined) open.push(id);
    else this.#arrows.set(key, [id]);
    if (this.#arrows.size <= MAX_ARROWS_OPEN) return;
    const [oldest] = this.#arrows.keys();
    if (oldest !== undefined) this.#arrows.delete(oldest);
  }

  #takeArrow(key: string): number | null {
    const open = this.#arrows.get(key);
    const id = open?.shift() ?? null;
    if (open?.length === 0) this.#arrows.delete(key);
    return id;
  }

  /** Slices of one thread must not overlap, so messages of one instant stand a microsecond apart. */
  #freeMicrosecond(node: string, timeMs: number): number {
    const ts = Math.max(microseconds(timeMs), (this.#lastMessageUs.get(node) ?? -1) + 1);
    this.#lastMessageUs.set(node, ts);
    return ts;
  }

  #place(node: string, thread: Thread): { readonly pid: number; readonly tid: number } {
    return { pid: this.#processes.get(node) ?? this.#nameProcess(node), tid: THREADS[thread] };
  }

  #nameProcess(node: string): number {
    const pid = this.#processes.size + 1;
    this.#processes.set(node, pid);
    const common = { cat: "__metadata", ph: "M", ts: 0, pid } as const;
    this.#emit({ name: "process_name", ...common, tid: 0, args: { name: node } });
    for (const [name, tid] of Object.entries(THREADS)) {
      this.#emit({ name: "thread_name", ...common, tid, args: { name } });
    }
    return pid;
  }
}

function faultKey({ node, fault, description }: Pick<FaultEvent, "node" | "fault" | "description">): string {
  return `${node} ${fault} ${description}`;
}

function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1_000);
}
