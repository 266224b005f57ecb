import { InvariantError, type Message } from "@balsa/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/encoding/byteWriter.js";
import { DecodeError } from "../../src/encoding/decodeError.js";
import { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES, MAX_MESSAGE_ENTRIES } from "../../src/wire/index.js";
import { HOST_GROUP, isHostMessage, type HostMessage } from "../../src/host/hostMessage.js";
import { anyGroupMessage, MESSAGE_TYPES } from "./messageArbitrary.js";

const heartbeat: Message = {
  type: "heartbeatRequest",
  from: "a",
  to: "b",
  term: 3,
  commitIndex: 300,
  round: 7,
  mayRest: false,
};

function append(entries: number, dataBytes: number): Message {
  const data = new Uint8Array(dataBytes);
  return {
    type: "appendRequest",
    from: "a",
    to: "b",
    term: 1,
    previousLogIndex: 0,
    previousLogTerm: 0,
    entries: Array.from({ length: entries }, (_, i) => ({
      index: i + 1,
      term: 1,
      kind: "command" as const,
      data,
      configuration: null,
    })),
    commitIndex: 0,
  };
}

describe("the encoding of messages", () => {
  it("gives back every message as it was", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyGroupMessage, (sent) => {
        seen.add(sent.message.type);
        expect(decodeMessage(encodeMessage(sent))).toEqual(sent);
      }),
      { numRuns: 1_000 },
    );
    expect([...seen].sort()).toEqual([...MESSAGE_TYPES].sort());
  });

  it("keeps to the bytes of protocol version 1", () => {
    const bytes = encodeMessage({ group: 1, message: heartbeat }, 1);
    expect([...bytes]).toEqual([1, 6, 1, 1, 97, 1, 98, 3, 0xac, 2, 7]);
  });

  it("keeps to the bytes of protocol version 2", () => {
    const bytes = encodeMessage({ group: 1, message: { ...heartbeat, mayRest: true } }, 2);
    expect([...bytes]).toEqual([2, 6, 1, 1, 97, 1, 98, 3, 0xac, 2, 7, 1]);
  });

  it("loses in version 1 whether a group rests, and nothing else", () => {
    fc.assert(
      fc.property(anyGroupMessage, (sent) => {
        const { message } = sent;
        fc.pre(!isHostMessage(message));
        const awake =
          message.type === "heartbeatRequest"
            ? { ...message, mayRest: false }
            : message.type === "heartbeatResponse"
              ? { ...message, resting: false }
              : message;
        expect(decodeMessage(encodeMessage(sent, 1))).toEqual({ ...sent, message: awake });
      }),
    );
  });

  it("carries what hosts say from version 2 on, and never in version 1", () => {
    const response = { type: "heartbeatResponse", from: "a", to: "b", term: 9, round: 3, resting: true } as const;
    const heartbeats = [
      { group: 7, message: { ...heartbeat, mayRest: true } },
      { group: 300, message: response },
    ];
    const messages: HostMessage[] = [
      { type: "beacon", from: "a", to: "b", term: 0, incarnation: 2 ** 40, leaving: true },
      { type: "heartbeatBatch", from: "a", to: "b", term: 0, heartbeats },
    ];
    for (const message of messages) {
      const sent = { group: HOST_GROUP, message };
      expect(decodeMessage(encodeMessage(sent))).toEqual(sent);
      expect(() => encodeMessage(sent, 1)).toThrow(InvariantError);
      const bytes = encodeMessage(sent);
      bytes[0] = 1;
      expect(() => decodeMessage(bytes)).toThrow(/unknown type of message/);
    }
  });

  it("names the version of a member that speaks another protocol", () => {
    const bytes = encodeMessage({ group: 1, message: heartbeat });
    bytes[0] = 3;
    expect(() => decodeMessage(bytes)).toThrow(/protocol version 3, while this member speaks 1 to 2/);
  });

  it("names a type that it doesn't know", () => {
    const bytes = encodeMessage({ group: 1, message: heartbeat });
    for (const tag of [0, 17, 255]) {
      bytes[1] = tag;
      expect(() => decodeMessage(bytes)).toThrow(new RegExp(`unknown type of message ${String(tag)}`));
    }
  });

  it("hands out bytes that later messages don't change", () => {
    const first = encodeMessage({ group: 1, message: heartbeat });
    const copy = first.slice();
    encodeMessage({ group: 9, message: { ...heartbeat, term: 99 } });
    expect(first).toEqual(copy);
  });

  it("takes as many entries as are allowed and no more", () => {
    const most = encodeMessage({ group: 1, message: append(MAX_MESSAGE_ENTRIES, 0) });
    expect(decodeMessage(most).message).toEqual(append(MAX_MESSAGE_ENTRIES, 0));
    expect(() => encodeMessage({ group: 1, message: append(MAX_MESSAGE_ENTRIES + 1, 0) })).toThrow(InvariantError);
  });

  it("refuses a message beyond the limit on both sides", () => {
    expect(() => encodeMessage({ group: 1, message: append(33, 1024 * 1024) })).toThrow(InvariantError);
    expect(() => decodeMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1))).toThrow(DecodeError);
  });

  it("refuses to send an id that no member can have", () => {
    expect(() => encodeMessage({ group: 1, message: { ...heartbeat, from: "" } })).toThrow(InvariantError);
    expect(() => encodeMessage({ group: 1, message: { ...heartbeat, to: "x".repeat(257) } })).toThrow(InvariantError);
  });

  it("refuses more entries than are allowed even when they are all there", () => {
    const writer = new ByteWriter();
    writer.bytes(encodeMessage({ group: 1, message: append(0, 0) }).subarray(0, -1));
    writer.uint(MAX_MESSAGE_ENTRIES + 1);
    for (let i = 0; i <= MAX_MESSAGE_ENTRIES; i++) writer.bytes(Uint8Array.of(1, 1, 0, 0));
    expect(() => decodeMessage(writer.finish())).toThrow(/65537 entries where 65536 are allowed/);
  });

  it("takes nothing but 0 and 1 for a flag", () => {
    const bytes = encodeMessage({
      group: 1,
      message: { type: "voteResponse", from: "a", to: "b", term: 1, preVote: false, granted: false },
    });
    for (const flag of [2, 3, 128, 255]) {
      bytes[bytes.length - 1] = flag;
      expect(() => decodeMessage(bytes)).toThrow(DecodeError);
    }
  });

  it("believes no number of entries and no length that the bytes don't bear out", () => {
    for (const claimed of [1, 65_536, 65_537, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const writer = new ByteWriter();
      writer.bytes(encodeMessage({ group: 1, message: append(0, 0) }).subarray(0, -1));
      writer.uint(claimed);
      expect(() => decodeMessage(writer.finish())).toThrow(DecodeError);
    }
    for (const claimed of [1, 2 ** 20, 2 ** 40]) {
      const writer = new ByteWriter();
      writer.bytes(encodeMessage({ group: 1, message: append(1, 0) }).subarray(0, -1));
      writer.uint(claimed);
      expect(() => decodeMessage(writer.finish())).toThrow(DecodeError);
    }
  });
});
