import type { NodeId } from "@balsa/core";
import { encodeMessage, FRAME_HEADER_BYTES, type GroupMessage, type Network, type PeerMessage } from "@balsa/replica";
import { SimulatedNetwork, type SimulatedNetworkOptions } from "../../../src/network/simulatedNetwork.js";
import type { RandomStream } from "../../../src/random/randomStream.js";
import type { RandomStreams } from "../../../src/random/randomStreams.js";
import type { NodeProcess } from "../../../src/schedule/nodeProcess.js";
import type { VirtualTime } from "../../../src/schedule/virtualTime.js";

/**
 * Members don't call each other: they send messages. In the lab's terms a request is what a member sends unasked (a vote,
 * an append with or without entries, a heartbeat, a chunk of a snapshot, a question for a read index, a hand-over, commands
 * passed on), and a reply is what it sends because a request came in. One RPC is one request, answered or not. Heartbeats
 * of round 0, which tell the commit index and want no answer, are requests like any other.
 */
const IS_REQUEST: Readonly<Record<PeerMessage["type"], boolean>> = {
  voteRequest: true,
  voteResponse: false,
  appendRequest: true,
  appendAccepted: false,
  appendRejected: false,
  heartbeatRequest: true,
  heartbeatResponse: false,
  snapshotRequest: true,
  snapshotResponse: false,
  readIndexRequest: true,
  readIndexResponse: false,
  timeoutNow: true,
  forwardRequest: true,
  forwardResponse: false,
  beacon: true,
  heartbeatBatch: true,
};

const UNRELIABLE_MAX_DELAY_MS = 26;
const UNRELIABLE_LOSS = 0.1;
const LONG_DELAY_PROBABILITY = 2 / 3;
const LONG_DELAY_MIN_MS = 200;
const LONG_DELAY_MAX_MS = 2_200;

/** What becomes of one message, beside what the links do. */
export interface Fate {
  readonly lost: boolean;
  readonly delayMs: number;
}

/** The simulated network under the lab's weather, with its counters of RPCs and of bytes. */
export class LabNetwork extends SimulatedNetwork {
  /** A delay of 0 to 26 ms for every message, so that they overtake each other, and one in ten lost. */
  isUnreliable = false;
  /** Two thirds of the replies are held back for 200 to 2,200 ms more. */
  reordersReplies = false;
  /** Requests sent. */
  rpcs = 0;
  /** Bytes of all that was sent, as it is on the wire with its frame; counted while `measuresBytes`. */
  bytes = 0;
  measuresBytes = false;
  readonly #time: VirtualTime;
  readonly #weather: RandomStream;

  constructor(time: VirtualTime, streams: RandomStreams, options: SimulatedNetworkOptions) {
    super(time, streams, options);
    this.#time = time;
    this.#weather = streams.stream("lab/weather");
  }

  override attach(process: NodeProcess): Network {
    const wire = super.attach(process);
    return {
      send: (to, message) => this.#send(wire, to, message),
      onMessage: (handler) => wire.onMessage(handler),
    };
  }

  /** Draws what the weather does to a request or a reply. */
  drawFate(isRequest: boolean): Fate {
    const lost = this.isUnreliable && this.#weather.chance(UNRELIABLE_LOSS);
    let delayMs = this.isUnreliable ? this.#weather.float() * UNRELIABLE_MAX_DELAY_MS : 0;
    if (this.reordersReplies && !isRequest && this.#weather.chance(LONG_DELAY_PROBABILITY)) {
      delayMs += LONG_DELAY_MIN_MS + this.#weather.float() * (LONG_DELAY_MAX_MS - LONG_DELAY_MIN_MS);
    }
    return { lost, delayMs };
  }

  #send(wire: Network, to: NodeId, message: GroupMessage): void {
    const isRequest = IS_REQUEST[message.message.type];
    if (isRequest) this.rpcs += 1;
    if (this.measuresBytes) this.bytes += FRAME_HEADER_BYTES + encodeMessage(message).length;
    const { lost, delayMs } = this.drawFate(isRequest);
    if (lost) return;
    if (delayMs === 0) wire.send(to, message);
    else this.#time.after(delayMs, () => wire.send(to, message));
  }
}
