import { decodeMessage, encodeMessage, type GroupMessage } from "@balsa/replica";
import { commandEntries } from "./commandEntries.js";
import { median, secondsOf, type Figure } from "./figure.js";

const ENTRIES = 64;
const COMMAND_BYTES = 64;
const MESSAGES = 10_000;
const ROUNDS = 7;

/** Appends of 64 commands, of 64 bytes each, through the encoding of the wire. */
export function* benchmarkWire(): Generator<Figure> {
  const message: GroupMessage = {
    group: 1,
    message: {
      type: "appendRequest",
      from: "a",
      to: "b",
      term: 1,
      previousLogIndex: 0,
      previousLogTerm: 0,
      entries: commandEntries(ENTRIES, COMMAND_BYTES),
      commitIndex: 0,
    },
  };
  const bytes = encodeMessage(message);
  yield {
    name: "wire: appends of 64 entries encoded a second",
    value: rate(() => encodeMessage(message)),
    unit: "messages/s",
  };
  yield {
    name: "wire: appends of 64 entries decoded a second",
    value: rate(() => decodeMessage(bytes)),
    unit: "messages/s",
  };
}

function rate(action: () => unknown): number {
  const round = (): void => {
    for (let i = 0; i < MESSAGES; i += 1) action();
  };
  round(); // warms up, and does not count
  return Math.round(median(Array.from({ length: ROUNDS }, () => MESSAGES / secondsOf(round))));
}
