import type { NodeId } from "@balsa/core";
import { exponentialOf, type RandomStream } from "../random/randomStream.js";
import type { RandomStreams } from "../random/randomStreams.js";
import type { LinkSettings } from "./linkSettings.js";
import type { Port } from "./port.js";

/** When a message arrives; `duplicateAtMs` is null unless it arrives twice. */
export interface Passage {
  lost: boolean;
  arrivesAtMs: number;
  duplicateAtMs: number | null;
}

/**
 * The way from one node to another. For each message it draws the same number of times from each of its streams, whatever
 * the settings are, so that turning one fault off leaves the others' choices as they were.
 */
export class Link {
  readonly from: NodeId;
  readonly to: NodeId;
  /** Where it ends. */
  readonly port: Port;
  settings: LinkSettings;
  /** In what it differs from the defaults; null: in nothing. */
  override: Partial<LinkSettings> | null = null;
  cut = false;
  /** Messages on their way, copies included, or waiting for a paused receiver. */
  inFlight = 0;
  readonly #loss: RandomStream;
  readonly #delay: RandomStream;
  readonly #reorder: RandomStream;
  readonly #reorderDelay: RandomStream;
  readonly #duplicate: RandomStream;
  readonly #duplicateDelay: RandomStream;
  readonly #passage: Passage = { lost: false, arrivesAtMs: 0, duplicateAtMs: null };
  /** When the last message that keeps the order arrives: none may come in before it. */
  #lastArrivalMs = 0;
  /** When the link has finished putting earlier messages on the wire. */
  #busyUntilMs = 0;

  constructor(from: NodeId, to: NodeId, port: Port, streams: RandomStreams, settings: LinkSettings) {
    const purpose = `network/${from}→${to}`;
    this.from = from;
    this.to = to;
    this.port = port;
    this.settings = settings;
    this.#loss = streams.open(`${purpose}/loss`);
    this.#delay = streams.open(`${purpose}/delay`);
    this.#reorder = streams.open(`${purpose}/reorder`);
    this.#reorderDelay = streams.open(`${purpose}/reorderDelay`);
    this.#duplicate = streams.open(`${purpose}/duplicate`);
    this.#duplicateDelay = streams.open(`${purpose}/duplicateDelay`);
  }

  /** Conditions have changed: what was sent under the old ones holds up nothing that is sent now. */
  adopt(settings: LinkSettings): void {
    this.settings = settings;
    this.#lastArrivalMs = 0;
  }

  /** Decides on the next message; the answer is valid until the next call. A lost message uses bandwidth, too. */
  pass(nowMs: number, sizeBytes: number): Passage {
    const settings = this.settings;
    const passage = this.#passage;
    const tailMeanMs = Math.max(0, settings.delayMeanMs - settings.delayMinMs);
    const delayMs = settings.delayMinMs + this.#delay.exponential(tailMeanMs);
    const heldBackDrawn = this.#reorderDelay.nextU32();
    const duplicateDelayDrawn = this.#duplicateDelay.nextU32();
    const isHeldBack = this.#reorder.chance(settings.reorderProbability);
    const isDuplicated = this.#duplicate.chance(settings.duplicateProbability);
    passage.lost = this.#loss.chance(settings.lossProbability);

    this.#busyUntilMs = Math.max(nowMs, this.#busyUntilMs) + sizeBytes / settings.bandwidthBytesPerMs;
    let arrivesAtMs = this.#busyUntilMs + delayMs;
    if (isHeldBack) {
      arrivesAtMs += exponentialOf(heldBackDrawn, settings.reorderMeanMs);
    } else {
      arrivesAtMs = Math.max(arrivesAtMs, this.#lastArrivalMs);
      this.#lastArrivalMs = arrivesAtMs;
    }
    passage.arrivesAtMs = arrivesAtMs;
    passage.duplicateAtMs = isDuplicated
      ? arrivesAtMs + exponentialOf(duplicateDelayDrawn, settings.delayMeanMs)
      : null;
    return passage;
  }
}
