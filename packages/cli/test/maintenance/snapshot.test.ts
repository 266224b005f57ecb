import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { simpleConfiguration } from "@balsa/core";
import { KeyValueMachine, SessionedMachine } from "@balsa/replica";
import { describe, expect, test } from "vitest";
import { openSnapshotFile } from "../../src/maintenance/snapshotReading.js";
import { saveSnapshotFile } from "../../src/maintenance/snapshotWriting.js";
import { run } from "../../src/index.js";
import { fakeIo } from "../support/fakeIo.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { filesOf } from "./memberDirectory.js";
import { call, freeAddresses, runningMembers } from "./runningMembers.js";

const path = temporaryFolder();
const { start, stopAll } = runningMembers();

async function save(file: string): Promise<void> {
  const source = new SessionedMachine(new KeyValueMachine()).snapshot();
  const draft = { index: 7, term: 3, configuration: simpleConfiguration(["a", "b"]) };
  await saveSnapshotFile(file, 1, draft, () => Promise.resolve(source.read(1_024)));
}

/** One member that serves, with a value in it. */
async function oneMember(): Promise<{ readonly address: string; readonly directory: string }> {
  const [address] = (await freeAddresses(1)) as [string];
  const directory = path("old");
  await start("--id", "a", "--data", directory, "--listen", address, "--members", `a=${address}`);
  expect(await call("client", "--servers", address, "put", "k", "good day")).toMatchObject({ status: 0 });
  return { address, directory };
}

describe("a snapshot of a running cluster", () => {
  test("holds all that was acknowledged, and a new cluster of other members begins with it", async () => {
    const { address } = await oneMember();
    const file = path("a copy.snapshot");
    const saved = await call("snapshot", "save", file, "--servers", address, "--json");
    expect(saved).toMatchObject({ status: 0, err: "" });
    const { index } = JSON.parse(saved.out) as { index: number };
    const verified = await call("snapshot", "verify", file, "--json");
    expect(verified.status).toBe(0);
    expect(JSON.parse(verified.out)).toMatchObject({ index, addresses: { a: address } });
    await stopAll();

    const addresses = await freeAddresses(3);
    const members = ["x", "y", "z"].map((id, i) => `${id}=${addresses[i]!}`).join(",");
    const flags = ["--cluster", "new", "--members", members, "--data", path("new")];
    const restored = await call("snapshot", "restore", file, ...flags);
    expect(restored).toMatchObject({ status: 0, err: "" });
    expect(restored.out).toContain(
      `balsa serve --id y --data ${path("new/y")} --cluster new --listen ${addresses[1]!}`,
    );
    const serve = (id: string, i: number) =>
      start(
        "--id",
        id,
        "--data",
        path(`new/${id}`),
        "--cluster",
        "new",
        "--listen",
        addresses[i]!,
        "--members",
        members,
      );
    await Promise.all(["x", "y", "z"].map(serve));
    const at = ["--cluster", "new", "--servers", addresses.join(",")];
    expect(await call("client", ...at, "get", "k")).toMatchObject({ status: 0, out: "good day\n" });
    expect(await call("client", ...at, "put", "k", "good night")).toMatchObject({ status: 0 });
    const told = JSON.parse((await call("member", "list", ...at, "--json")).out) as { addresses: object };
    expect(told.addresses).toEqual({ x: addresses[0], y: addresses[1], z: addresses[2] });
    const status = JSON.parse((await call("status", ...at, "--json")).out) as { status: { term: number } }[];
    expect(status[0]!.status.term).toBeGreaterThan(1_000_000);
  });

  test("is not taken by a member of the old cluster, nor does that take part in the new one", async () => {
    const { address, directory } = await oneMember();
    const file = path("copy");
    await call("snapshot", "save", file, "--servers", address);
    await stopAll();
    const flags = ["--cluster", "new", "--members", `a=${address}`, "--data", path("new"), "--id", "a"];
    expect(await call("snapshot", "restore", file, ...flags)).toMatchObject({ status: 0 });
    const wrong = ["--id", "a", "--listen", address, "--members", `a=${address}`];
    expect((await call("serve", "--data", path("new"), ...wrong)).err).toContain("IDENTITY_MISMATCH");
    expect((await call("serve", "--data", directory, "--cluster", "new", ...wrong)).err).toContain("IDENTITY_MISMATCH");
  });

  test("is refused where no majority answers, unless it may be stale", async () => {
    const [address, gone] = (await freeAddresses(2)) as [string, string];
    await start("--id", "a", "--data", path("a"), "--listen", address, "--members", `a=${address},b=${gone}`);
    const refused = await call("snapshot", "save", path("copy"), "--servers", address, "--timeout", "500ms");
    expect(refused.status).toBe(1);
    expect(readdirSync(path(""))).toEqual(["a"]);
    // Nothing has been committed, so there is nothing to save either.
    const stale = await call("snapshot", "save", path("copy"), "--servers", address, "--stale");
    expect(stale).toMatchObject({ status: 1, err: expect.stringContaining("TERM_NOT_STARTED") as string });
    const nobody = await call("snapshot", "save", path("copy"), "--servers", gone, "--timeout", "500ms");
    expect(nobody).toMatchObject({ status: 1, err: expect.stringContaining(gone) as string });
  });

  test("overwrites nothing", async () => {
    const { address } = await oneMember();
    const file = path("copy", "mine");
    const { status, err } = await call("snapshot", "save", file, "--servers", address);
    expect({ status, err }).toMatchObject({ status: 1, err: expect.stringContaining("EXISTS") as string });
    expect(readFileSync(file, "utf8")).toBe("mine");
  });
});

describe("a saved file", () => {
  test("that is changed at any byte, or ends early, is found to be corrupt", async () => {
    const file = path("copy");
    await save(file);
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at++) {
      const broken = Buffer.from(whole);
      broken[at] = broken[at]! ^ (1 << (at & 7));
      writeFileSync(file, broken);
      await expect(openSnapshotFile(file)).rejects.toMatchObject({ code: "SNAPSHOT_CORRUPT" });
      writeFileSync(file, whole.subarray(0, at));
      await expect(openSnapshotFile(file)).rejects.toMatchObject({ code: "SNAPSHOT_CORRUPT" });
    }
    const { status, err } = await call("snapshot", "verify", file);
    expect(status).toBe(1);
    expect(err).toContain("SNAPSHOT_CORRUPT");
    const flags = ["--cluster", "new", "--members", "a=127.0.0.1:1", "--data", path("new")];
    expect(await call("snapshot", "restore", file, ...flags)).toMatchObject({ status: 1 });
    expect(readdirSync(path(""))).toEqual(["copy"]);
  });

  test("that is no file, or no snapshot, is told of", async () => {
    expect(await call("snapshot", "verify", path("none"))).toMatchObject({ status: 2 });
    expect(await call("snapshot", "verify", path("text", "text"))).toMatchObject({ status: 1 });
  });

  test("restores the same bytes for every member, and only where there is nothing", async () => {
    const file = path("copy");
    await save(file);
    const flags = ["--cluster", "new", "--members", "a=127.0.0.1:1,b=127.0.0.1:2", "--data", path("new")];
    expect(await call("snapshot", "restore", file, ...flags)).toMatchObject({ status: 0 });
    const names = readdirSync(path("new/a")).filter((name) => name.endsWith(".snapshot"));
    expect(names).toHaveLength(1);
    expect(readFileSync(join(path("new/a"), names[0]!))).toEqual(readFileSync(join(path("new/b"), names[0]!)));
    expect(await call("log", "inspect", path("new/a"))).toMatchObject({ status: 0 });
    const before = filesOf(path("new"));
    const again = await call("snapshot", "restore", file, ...flags);
    expect(again).toMatchObject({ status: 1, err: expect.stringContaining("EXISTS") as string });
    expect(filesOf(path("new"))).toEqual(before);
  });

  test.each([
    ["--id", "c"],
    ["--skip-terms", "0"],
    ["--members", "nobody"],
  ])("is not restored with %s %s", async (...wrong) => {
    const file = path("copy");
    await save(file);
    const flags = ["--cluster", "new", "--members", "a=127.0.0.1:1", "--data", path("new")];
    expect(await call("snapshot", "restore", file, ...flags, ...wrong)).toMatchObject({ status: 2 });
    expect(readdirSync(path(""))).toEqual(["copy"]);
  });
});

test("a save that is interrupted ends at once, and leaves nothing behind", async () => {
  const { address } = await oneMember();
  const stop = new AbortController();
  const io = fakeIo({ interrupted: stop.signal });
  const ended = run(["snapshot", "save", path("copy"), "--servers", address], io);
  stop.abort();
  expect(await ended).toBe(130);
  expect(readdirSync(path(""))).toEqual(["old"]);
});
