import { expect, test } from "vitest";
import { ByteSlab } from "../../src/encoding/byteSlab.js";

const filled = (length: number, value: number) => new Uint8Array(length).fill(value);

test("a copy stays as it is, whatever becomes of the original and of later copies", () => {
  const slab = new ByteSlab();
  const original = filled(300, 1);
  const copy = slab.copy(original);
  original.fill(9);
  const copies = Array.from({ length: 1_000 }, (_, i) => slab.copy(filled(i % 400, i % 251)));
  expect(copy).toEqual(filled(300, 1));
  copies.forEach((later, i) => expect(later).toEqual(filled(i % 400, i % 251)));
});

test("small ones share a buffer, of which nothing is kept that nobody holds a part of", () => {
  const slab = new ByteSlab();
  const buffers = new Set(Array.from({ length: 1_000 }, () => slab.copy(filled(300, 1)).buffer));
  expect(buffers.size).toBe(Math.ceil(1_000 / Math.floor((32 * 1024) / 300)));
});

test("a long one has a buffer of its own length", () => {
  expect(new ByteSlab().copy(filled(100_000, 3)).buffer.byteLength).toBe(100_000);
});
