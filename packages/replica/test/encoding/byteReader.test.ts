import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "../../src/encoding/byteReader.js";
import { ByteWriter } from "../../src/encoding/byteWriter.js";
import { DecodeError } from "../../src/encoding/decodeError.js";
import { decodeUtf8, encodeUtf8, utf8Length } from "../../src/encoding/utf8.js";

const uint = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(300),
  fc.integer({ min: 0, max: 53 }).map((bits) => 2 ** bits - 1),
);
const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ minLength: 1, unit: "binary" }),
    fc.nat(0xffff).map((c) => String.fromCharCode(c)),
  ),
});

type Value =
  | { readonly type: "u8" | "u32" | "u64" | "uint" | "f64"; readonly value: number }
  | { readonly type: "bytes" | "lengthPrefixed"; readonly value: Uint8Array }
  | { readonly type: "text"; readonly value: string };

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.record({ type: fc.constant("u8" as const), value: fc.nat(0xff) }),
  fc.record({ type: fc.constant("u32" as const), value: fc.nat(0xffff_ffff) }),
  fc.record({ type: fc.constantFrom("u64" as const, "uint" as const), value: uint }),
  fc.record({ type: fc.constant("f64" as const), value: fc.double() }),
  fc.record({ type: fc.constantFrom("bytes" as const, "lengthPrefixed" as const), value: fc.uint8Array() }),
  fc.record({ type: fc.constant("text" as const), value: anyText }),
);

function write(writer: ByteWriter, { type, value }: Value): void {
  if (typeof value === "number") writer[type as "u8"](value);
  else if (typeof value === "string") writer.text(value);
  else writer[type as "bytes"](value);
}

function read(reader: ByteReader, { type, value }: Value): Value["value"] {
  if (type === "text") return reader.text(100_000);
  if (type === "bytes") return reader.bytes(value.length);
  if (type === "lengthPrefixed") return reader.lengthPrefixed(100_000);
  return reader[type]();
}

test("values come back as they were, in their order, and nothing is left over", () => {
  fc.assert(
    fc.property(fc.array(value), fc.nat(300), (values, capacity) => {
      const writer = new ByteWriter(capacity);
      writer.u8(1);
      writer.reset();
      for (const one of values) write(writer, one);
      const bytes = writer.finish();
      expect(bytes.length).toBe(writer.length);
      const reader = new ByteReader(bytes);
      for (const one of values) expect(read(reader, one)).toEqual(one.value);
      reader.expectEnd();
    }),
    { numRuns: 500 },
  );
});

test("bytes that are cut off anywhere are refused, never read beyond", () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), fc.nat(1_000), (values, at) => {
      const writer = new ByteWriter();
      for (const one of values) write(writer, one);
      if (writer.length === 0) return;
      const reader = new ByteReader(writer.finish(), 0, at % writer.length);
      expect(() => {
        for (const one of values) read(reader, one);
      }).toThrow(DecodeError);
    }),
  );
});

test("whatever the bytes are, reading them gives a value or a DecodeError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(value, { maxLength: 5 }), (bytes, kinds) => {
      const reader = new ByteReader(bytes);
      try {
        for (const kind of kinds) read(reader, kind);
        reader.expectEnd();
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
        expect(error).toMatchObject({ code: "MALFORMED" });
        expect((error as DecodeError).offset).toBeLessThanOrEqual(bytes.length);
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["a number beyond 2^53-1 (short form)", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], "uint"],
  ["a number of too many bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], "uint"],
  ["a number that is longer than it need be", [0x81, 0x00], "uint"],
  ["a number beyond 2^53-1 (long form)", [0, 0, 0, 0, 0, 0, 0x20, 0], "u64"],
] as const)("%s is refused", (_, bytes, method) => {
  expect(() => new ByteReader(Uint8Array.from(bytes))[method]()).toThrow(DecodeError);
});

test("a length above the limit is refused before anything is taken", () => {
  const writer = new ByteWriter();
  writer.text("four");
  expect(() => new ByteReader(writer.finish()).text(3)).toThrow("4 bytes where 3 are allowed");
  expect(() => new ByteReader(writer.finish()).lengthPrefixed(3)).toThrow("4 bytes where 3 are allowed");
});

test("numbers that have no place in the format are refused when written", () => {
  for (const n of [-1, 0.5, NaN, 2 ** 53]) {
    expect(() => new ByteWriter().uint(n)).toThrow("must be a whole number");
    expect(() => new ByteWriter().u64(n)).toThrow("must be a whole number");
  }
  expect(() => new ByteWriter().u32(2 ** 32)).toThrow("must fit");
});

const LONE_SURROGATE = /\p{Surrogate}/u;

test("text is UTF-8 as everybody's, and equal text has one encoding only", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = new Uint8Array(utf8Length(text));
      expect(encodeUtf8(text, bytes, 0)).toBe(bytes.length);
      if (!LONE_SURROGATE.test(text)) expect(bytes).toEqual(new Uint8Array(Buffer.from(text)));
      expect(decodeUtf8(bytes, 0, bytes.length)).toBe(text);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6 }), (bytes) => {
      let text: string;
      try {
        text = decodeUtf8(bytes, 0, bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
        return;
      }
      const again = new Uint8Array(utf8Length(text));
      encodeUtf8(text, again, 0);
      expect(again).toEqual(bytes);
    }),
    { numRuns: 5_000 },
  );
  for (const bytes of [
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80],
  ]) {
    expect(() => decodeUtf8(Uint8Array.from(bytes), 0, bytes.length)).toThrow(DecodeError);
  }
});
