import type { NodeId } from "@balsa/core";
import type { LaneSegment, LaneState, TimelineLane } from "./report.js";

/** A lane never has more segments; then the shortest half are merged into their neighbours. */
const MAX_SEGMENTS = 4_096;

interface Segment {
  fromMs: number;
  state: LaneState;
  term: number;
}

/** Notes what each node was at which time. */
export class TimelineRecorder {
  readonly #lanes = new Map<NodeId, Segment[]>();

  /** From now on the node is this. */
  note(node: NodeId, timeMs: number, state: LaneState, term: number): void {
    let lane = this.#lanes.get(node);
    if (lane === undefined) {
      lane = timeMs > 0 ? [{ fromMs: 0, state: "absent", term: 0 }] : [];
      this.#lanes.set(node, lane);
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
        return { fromMs, untilMs: segments[i + 1]?.fromMs ?? untilMs, state, term };
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
