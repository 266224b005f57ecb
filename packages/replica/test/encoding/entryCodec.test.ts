import type { Configuration, Entry } from "@balsa/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "../../src/encoding/byteReader.js";
import { ByteWriter } from "../../src/encoding/byteWriter.js";
import { DecodeError } from "../../src/encoding/decodeError.js";
import {
  decodeConfiguration,
  decodeEntry,
  decodeSnapshotMetadata,
  encodeConfiguration,
  encodeEntry,
  encodeSnapshotMetadata,
} from "../../src/encoding/entryCodec.js";

const id = fc.string({ minLength: 1, maxLength: 20, unit: "binary" });
const ids = fc.array(id, { maxLength: 5 });
const configuration = fc.record({ voters: ids, votersOutgoing: ids, learners: ids, learnersNext: ids });
const position = { index: fc.maxSafeNat(), term: fc.maxSafeNat() };
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    ...position,
    kind: fc.constantFrom("noop" as const, "command" as const),
    data: fc.uint8Array(),
    configuration: fc.constant(null),
  }),
  fc.record({ ...position, kind: fc.constant("configuration" as const), data: fc.uint8Array(), configuration }),
);
const snapshot = fc.record({
  ...position,
  configuration,
  sizeBytes: fc.maxSafeNat(),
  checksum: fc.nat(0xffff_ffff),
});

function emptyConfiguration(voters: string[]): Configuration {
  return { voters, votersOutgoing: [], learners: [], learnersNext: [] };
}

test("entries and snapshot metadata come back as they were", () => {
  fc.assert(
    fc.property(fc.array(entry), snapshot, (entries, metadata) => {
      const writer = new ByteWriter();
      for (const one of entries) encodeEntry(writer, one);
      encodeSnapshotMetadata(writer, metadata);
      const reader = new ByteReader(writer.finish());
      for (const one of entries) expect(decodeEntry(reader)).toEqual(one);
      expect(decodeSnapshotMetadata(reader)).toEqual(metadata);
      reader.expectEnd();
    }),
  );
});

test("whatever the bytes are, decoding them gives a value or a DecodeError", () => {
  const decoders = [decodeEntry, decodeConfiguration, decodeSnapshotMetadata];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...decoders), (bytes, decode) => {
      try {
        decode(new ByteReader(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }),
    { numRuns: 3_000 },
  );
});

test("what could not be read again is not written", () => {
  const writer = new ByteWriter();
  const many = Array.from({ length: 1_001 }, (_, i) => `member ${String(i)}`);
  expect(() => encodeConfiguration(writer, emptyConfiguration(many))).toThrow("at most 1000 members");
  expect(() => encodeConfiguration(writer, emptyConfiguration([""]))).toThrow("1 to 256 bytes");
  expect(() => encodeConfiguration(writer, emptyConfiguration(["é".repeat(129)]))).toThrow("1 to 256 bytes");
});

test("too many members, or an empty id, are refused when read", () => {
  const writer = new ByteWriter();
  writer.uint(1_001);
  expect(() => decodeConfiguration(new ByteReader(writer.finish()))).toThrow("more than 1000 members");
  writer.reset();
  writer.uint(1);
  writer.text("");
  expect(() => decodeConfiguration(new ByteReader(writer.finish()))).toThrow("empty");
});
