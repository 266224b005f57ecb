import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDataDirectory, RaftNode, type MemberOptions } from "../../src/index.js";
import { Counter } from "../support/counter.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "balsa-directory-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const open = (directory = folder, id = "a", clusterId = "x") => openDataDirectory({ directory, id, clusterId });

describe("a data directory", () => {
  it("is made where it is not there, and opened again by its owner", async () => {
    const directory = join(folder, "deep", "data");
    await (await open(directory)).close();
    await (await open(directory)).close();
  });

  it("is open once at a time, also when it is reached by another path", async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({ code: "DIRECTORY_LOCKED" });
    await expect(open(join(folder, "..", folder.split("/").at(-1)!))).rejects.toThrow(String(process.pid));
    await first.close();
    await (await open()).close();
  });

  it("is refused to another member and to another cluster, and stays unlocked then", async () => {
    await (await open()).close();
    await expect(open(folder, "b")).rejects.toMatchObject({ code: "IDENTITY_MISMATCH" });
    await expect(open(folder, "a", "y")).rejects.toMatchObject({ code: "IDENTITY_MISMATCH" });
    await (await open()).close();
  });

  it("is refused when one byte of what says whose it is has changed", async () => {
    await (await open()).close();
    const path = join(folder, "IDENTITY");
    const whole = readFileSync(path);
    for (let i = 0; i < whole.length; i++) {
      const changed = Buffer.from(whole);
      changed[i]! ^= 1;
      writeFileSync(path, changed);
      await expect(open(), `byte ${String(i)}`).rejects.toMatchObject({
        code: expect.stringMatching(/^(IDENTITY_DAMAGED|FORMAT_UNKNOWN)$/u) as string,
      });
    }
    writeFileSync(path, whole);
    await (await open()).close();
  });

  it("of a later format names it, and is refused", async () => {
    await (await open()).close();
    const path = join(folder, "IDENTITY");
    writeFileSync(path, readFileSync(path, "utf8").replace("format 1", "format 2"));
    await expect(open()).rejects.toMatchObject({ code: "FORMAT_UNKNOWN" });
  });

  it("that holds something and does not say whose it is is refused", async () => {
    writeFileSync(join(folder, "log-0000000000000001.segment"), "x");
    await expect(open()).rejects.toMatchObject({ code: "IDENTITY_DAMAGED" });
  });

  it("that could not be opened is locked no longer", async () => {
    mkdirSync(join(folder, "LOCK"));
    await expect(open()).rejects.toMatchObject({ code: "DATA_DIRECTORY" });
    rmSync(join(folder, "LOCK"), { recursive: true });
    mkdirSync(join(folder, "IDENTITY"));
    await expect(open()).rejects.toMatchObject({ code: "DATA_DIRECTORY" });
    rmSync(join(folder, "IDENTITY"), { recursive: true });
    await (await open()).close();
  });

  it("can't be a file", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(open(join(folder, "file"))).rejects.toMatchObject({ code: "DATA_DIRECTORY" });
    await expect(open(join(folder, "file", "below"))).rejects.toMatchObject({ code: "DATA_DIRECTORY" });
    mkdirSync(join(folder, "empty"));
    await (await open(join(folder, "empty"))).close();
  });
});

describe("a node on a data directory with changed bytes", () => {
  const options = (): MemberOptions => ({
    id: "a",
    dataDirectory: folder,
    listen: "127.0.0.1:0",
    members: { a: "127.0.0.1:0" },
    limits: { segmentBytes: 16 * 1024, snapshotEveryBytes: 4 * 1024 },
  });

  it("has all that was acknowledged, or does not start and names the file", async () => {
    const first = await RaftNode.open({ ...options(), stateMachine: new Counter() });
    for (let i = 0; i < 200; i++) await first.propose({ add: 1 });
    await first.close();
    const { readdirSync } = await import("node:fs");
    const files = readdirSync(folder).filter((name) => /^(log|snapshot)/u.test(name));
    expect(files.length).toBeGreaterThan(1);
    let refusals = 0;
    for (const name of files) {
      const path = join(folder, name);
      const whole = readFileSync(path);
      for (const share of [0, 0.01, 0.1, 0.3, 0.6, 0.9]) {
        const changed = Buffer.from(whole);
        changed[Math.floor(share * whole.length)]! ^= 0x10;
        writeFileSync(path, changed);
        const saved = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
        const opened = await RaftNode.open({ ...options(), stateMachine: new Counter() }).catch(
          (error: unknown) => error as Error,
        );
        if (!(opened instanceof Error)) {
          expect(await opened.read(({ value }) => value)).toBe(200);
          await opened.close();
        } else {
          refusals += 1;
          expect(opened).toHaveProperty("code");
          expect(String(opened)).toMatch(/log-|snapshot|segment/u);
        }
        for (const file of readdirSync(folder)) rmSync(join(folder, file));
        for (const [file, bytes] of saved) writeFileSync(join(folder, file), file === name ? whole : bytes);
      }
    }
    expect(refusals).toBeGreaterThan(0);
  });
});
