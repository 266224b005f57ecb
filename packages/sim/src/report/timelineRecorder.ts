import type { NodeId } from "@balsa/core";
import { roundMs, type LaneSegment, type LaneState, type TimelineLane } from "./report.js";

/** A lane never has more segments; then the shortest half are merged into their neighbours. */
const MAX_SEGMENTS = 4_096;
/** More don't fit a screen. Members, and those about to be, are always fewer. */
const MAX_LANES = 16;

interface Segment {
  fromMs: number;
  state: LaneState;
  term: number;
}

/** Notes what each node was at which time. */
export class TimelineRecorder {
  readonly #lanes = new Map<NodeId, Segment[]>();
  /** Nodes that have left and still have a lane, in the order of leaving. */
  readonly #left: NodeId[] = [];
  #lanesOmitted = 0;

  /** How many nodes had a lane that is not kept. */
  get lanesOmitted(): number {
    return this.#lanesOmitted;
  }

  /** The node is gone for good. Where lanes get too many, those that left first lose theirs. */
  leaves(node: NodeId): void {
    this.#left.push(node);
    this.#makeRoom();
  }

  #makeRoom(): void {
    while (this.#lanes.size > MAX_LANES) {
      const node = this.#left.shift();
      if (node === undefined) return;
      this.#lanes.delete(node);
      this.#lanesOmitted += 1;
    }
  }

  /** From now on the node is this. */
  note(node: NodeId, timeMs: number, state: LaneState, term: number): void {
    let lane = this.#lanes.get(node);
    if (lane === undefined) {
      lane = timeMs > 0 ? [{ fromMs: 0, state: "absent", term: 0 }] : [];
      this.#lanes.set(node, lane);
      this.#makeRoom();
    }
    const last = lane[lane.length - 1];
    if (last !== undefined && last.state === state && last.term === term) return;
    if (last !== undefined && last.fromMs === timeMs) {
      last.state = state;
      last.term = term;
      return;
    }
    lane.push({ fromMs: timeMs, state, term });
    if (lane.length > MAX_SEGMENTS) this.#lanes.set(node, coarsen(lane));
  }

  lanes(untilMs: number): readonly TimelineLane[] {
    return Array.from(this.#lanes, ([node, segments]) => ({
      node,
      segments: segments.map(({ fromMs, state, term }, i): LaneSegment => {
        return { fromMs: roundMs(fromMs), untilMs: roundMs(segments[i + 1]?.fromMs ?? untilMs), state, term };
      }),
    }));
  }
}

/** Leaves out every other segment, the longer of each two staying; the last one always stays. */
function coarsen(lane: readonly Segment[]): Segment[] {
  const kept: Segment[] = [];
  for (let i = 0; i < lane.length; i += 2) {
    const first = lane[i] as Segment;
    const second = lane[i + 1];
    if (second === undefined) {
      kept.push(first);
      continue;
    }
    const third = lane[i + 2];
    const secondIsLonger = third === undefined || third.fromMs - second.fromMs > second.fromMs - first.fromMs;
    const longer = secondIsLonger ? second : first;
    kept.push({ fromMs: first.fromMs, state: longer.state, term: longer.term });
  }
  return kept;
}
