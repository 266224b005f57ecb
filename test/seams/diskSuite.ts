import type { Completion, Disk, DiskFile, Done } from "@balsa/replica";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A disk under test. `settle` lets everything that is under way end. */
export interface DiskUnderTest {
  readonly disk: Disk;
  settle(): Promise<void>;
  close(): void;
}

interface Ended<T> {
  readonly error: Error | null;
  readonly value: T;
  readonly calls: number;
}

/** What `Disk` and `DiskFile` promise, for whatever implements them. */
export function describeDisk(name: string, make: () => DiskUnderTest): void {
  describe(`a disk: ${name}`, () => {
    let under: DiskUnderTest;

    beforeEach(() => {
      under = make();
    });

    afterEach(() => {
      under.close();
    });

    /** Calls, checks that nothing was completed before the call returned, and waits for the end. */
    async function ends<T>(call: (done: Completion<T>) => void): Promise<Ended<T>> {
      let ended: Ended<T> | null = null;
      let calls = 0;
      call((error, value) => {
        calls += 1;
        ended = { error, value, calls };
      });
      expect(calls, "a completion never comes before the call has returned").toBe(0);
      await under.settle();
      expect(calls, "a completion comes once").toBe(1);
      return ended as unknown as Ended<T>;
    }

    const does = async (call: (done: Done) => void): Promise<Error | null> =>
      (await ends<undefined>((done) => call((error) => done(error, undefined)))).error;

    async function create(file: string): Promise<DiskFile> {
      const { error, value } = await ends<DiskFile>((done) => under.disk.open(file, true, done));
      expect(error).toBeNull();
      return value;
    }

    const read = async (file: DiskFile, offset: number, length: number): Promise<number[]> => {
      const { error, value } = await ends<Uint8Array>((done) => file.read(offset, length, done));
      expect(error).toBeNull();
      return [...value];
    };

    const list = async (): Promise<readonly string[]> =>
      (await ends<readonly string[]>((done) => under.disk.list(done))).value;

    it("reads what was written, and fewer bytes only where the file ends", async () => {
      const file = await create("a");
      expect(await does((done) => file.write(0, Uint8Array.of(1, 2, 3), done))).toBeNull();
      expect(await read(file, 0, 3)).toEqual([1, 2, 3]);
      expect(await read(file, 1, 10)).toEqual([2, 3]);
      expect(await read(file, 3, 10)).toEqual([]);
      expect(await read(file, 99, 1)).toEqual([]);
      expect(await read(file, 0, 0)).toEqual([]);
    });

    it("has zeros in a gap before what was written", async () => {
      const file = await create("a");
      await does((done) => file.write(3, Uint8Array.of(9), done));
      expect(await read(file, 0, 4)).toEqual([0, 0, 0, 9]);
    });

    it("carries operations on one file out in the order of their calls", async () => {
      const file = await create("a");
      const order: string[] = [];
      file.write(0, Uint8Array.of(1, 1), () => order.push("first write"));
      file.write(1, Uint8Array.of(2), () => order.push("second write"));
      file.sync(() => order.push("sync"));
      file.write(0, Uint8Array.of(3), () => order.push("third write"));
      file.size((_error, size) => order.push(`size ${String(size)}`));
      await under.settle();
      expect(order).toEqual(["first write", "second write", "sync", "third write", "size 2"]);
      expect(await read(file, 0, 2)).toEqual([3, 2]);
    });

    it("gives a file another length, with zeros where it grows and nothing where it was cut", async () => {
      const file = await create("a");
      await does((done) => file.write(0, Uint8Array.of(1, 2, 3, 4), done));
      expect(await does((done) => file.resize(2, done))).toBeNull();
      expect(await does((done) => file.resize(5, done))).toBeNull();
      expect(await read(file, 0, 9)).toEqual([1, 2, 0, 0, 0]);
      expect((await ends<number>((done) => file.size(done))).value).toBe(5);
    });

    it("keeps a megabyte and more, grown and written anywhere", async () => {
      const file = await create("a");
      expect(await does((done) => file.resize(2_500_000, done))).toBeNull();
      const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
      expect(await does((done) => file.write(2_200_000, bytes, done))).toBeNull();
      expect(await does((done) => file.sync(done))).toBeNull();
      expect(await read(file, 2_499_998, 4)).toEqual([299_998 % 251, 299_999 % 251]);
      expect(await read(file, 2_199_999, 2)).toEqual([0, 0]);
    });

    it("creates only what is not there, and opens only what is", async () => {
      await create("a");
      expect((await ends<DiskFile>((done) => under.disk.open("a", true, done))).error).toBeInstanceOf(Error);
      expect((await ends<DiskFile>((done) => under.disk.open("b", false, done))).error).toBeInstanceOf(Error);
      expect((await ends<DiskFile>((done) => under.disk.open("a", false, done))).error).toBeNull();
    });

    it("lists names in ascending order, through renames and removals", async () => {
      for (const file of ["b", "a", "c10", "c9"]) await create(file);
      expect(await list()).toEqual(["a", "b", "c10", "c9"]);
      expect(await does((done) => under.disk.rename("b", "d", done))).toBeNull();
      expect(await does((done) => under.disk.remove("a", done))).toBeNull();
      expect(await does((done) => under.disk.syncDirectory(done))).toBeNull();
      expect(await list()).toEqual(["c10", "c9", "d"]);
    });

    it("replaces what has the name that a file is given", async () => {
      const a = await create("a");
      await does((done) => a.write(0, Uint8Array.of(1), done));
      const b = await create("b");
      await does((done) => b.write(0, Uint8Array.of(2), done));
      expect(await does((done) => under.disk.rename("a", "b", done))).toBeNull();
      expect(await list()).toEqual(["b"]);
      const { value } = await ends<DiskFile>((done) => under.disk.open("b", false, done));
      expect(await read(value, 0, 9)).toEqual([1]);
    });

    it("says so when there is nothing to rename or remove", async () => {
      expect(await does((done) => under.disk.rename("a", "b", done))).toBeInstanceOf(Error);
      expect(await does((done) => under.disk.remove("a", done))).toBeInstanceOf(Error);
    });

    it("closes a file when what was called before has ended", async () => {
      const file = await create("a");
      const order: string[] = [];
      file.write(0, Uint8Array.of(7), () => order.push("written"));
      file.close((error) => order.push(`closed ${String(error)}`));
      await under.settle();
      expect(order).toEqual(["written", "closed null"]);
      const { value } = await ends<DiskFile>((done) => under.disk.open("a", false, done));
      expect(await read(value, 0, 2)).toEqual([7]);
    });
  });
}
