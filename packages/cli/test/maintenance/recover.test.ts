import { cpSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Entry } from "@balsa/core";
import { FileDisk } from "@balsa/node";
import { LogStore, segmentSequence, type LogContent, type OpenedLog } from "@balsa/replica";
import { describe, expect, test } from "vitest";
import { openForReading } from "../../src/maintenance/readingDisk.js";
import { readLog } from "../../src/maintenance/readLog.js";
import { replaceLog } from "../../src/maintenance/replaceLog.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { command, filesOf, FIRST_SEGMENT, makeMember } from "./memberDirectory.js";
import { call, freeAddresses, runningMembers } from "./runningMembers.js";

const path = temporaryFolder();
const { start, stopAll } = runningMembers();
const BY_FORCE = ["--force-new-cluster", "--cluster", "new"];

/** Three members with a value, of which only `c` is left. */
async function lostMajority(): Promise<readonly string[]> {
  const addresses = await freeAddresses(3);
  const members = ["a", "b", "c"].map((id, i) => `${id}=${addresses[i]!}`).join(",");
  await Promise.all(
    ["a", "b", "c"].map((id, i) =>
      start("--id", id, "--data", path(id), "--listen", addresses[i]!, "--members", members),
    ),
  );
  const servers = ["--servers", addresses.join(",")];
  expect(await call("client", ...servers, "put", "k", "kept")).toMatchObject({ status: 0 });
  // Whoever leads hands over to the others when it stops, so c has the value by now or will be sent it while it runs.
  for (let lag = Infinity; lag > 0;) {
    const { out } = await call("status", ...servers, "--json");
    const reports = JSON.parse(out) as { status: { lastLogIndex: number } }[];
    const indexes = reports.map(({ status }) => status.lastLogIndex);
    lag = Math.max(...indexes) - Math.min(...indexes);
  }
  await stopAll();
  return addresses;
}

describe("after the loss of a majority", () => {
  test("the one that is left goes on alone with what it had, takes new members in, and keeps the old ones out", async () => {
    const [address, old, fresh] = (await lostMajority()) as [string, string, string];
    const recovered = await call("recover", path("c"), ...BY_FORCE);
    expect(recovered).toMatchObject({ status: 0, err: "" });
    expect(recovered.out).toContain("WARNING: to make c the only member of the cluster new by force means:");
    expect(recovered.out).toContain("Never again run a, b with the data they had");
    expect(readdirSync(path("c/original-1")).sort()).toEqual(["IDENTITY", FIRST_SEGMENT, "spare.segment"]);

    await start("--id", "c", "--data", path("c"), "--cluster", "new", "--listen", address, "--members", `c=${address}`);
    const at = ["--cluster", "new", "--servers", address];
    expect(await call("client", ...at, "get", "k")).toMatchObject({ status: 0, out: "kept\n" });
    const told = JSON.parse((await call("member", "list", ...at, "--json")).out) as object;
    expect(told).toMatchObject({ configuration: { voters: ["c"] }, addresses: { c: address } });
    expect(Object.keys((told as { addresses: object }).addresses)).toEqual(["c"]);

    const joining = ["--cluster", "new", "--join", "--listen", fresh, "--members", `c=${address}`];
    await start("--id", "d", "--data", path("d"), ...joining);
    expect(await call("member", "add", `d=${fresh}`, ...at)).toMatchObject({ status: 0 });
    expect(await call("client", "--cluster", "new", "--servers", fresh, "get", "k")).toMatchObject({ out: "kept\n" });

    const members = `a=${old},c=${address}`;
    const wrong = await call(
      "serve",
      "--id",
      "a",
      "--data",
      path("a"),
      "--cluster",
      "new",
      "--listen",
      old,
      "--members",
      members,
    );
    expect(wrong.err).toContain("IDENTITY_MISMATCH");
  });

  test("without the flag it is said what that would mean, and nothing is changed", async () => {
    await makeMember(path("c"), "c", { members: ["a", "b", "c"] });
    const before = filesOf(path("c"));
    const { status, out, err } = await call("recover", path("c"), "--cluster", "new");
    expect(status).toBe(1);
    expect(err).toContain("NOT_CONFIRMED");
    expect(out).toContain("group 1: term 2, entries up to 5 of term 2, other members: a, b");
    const after = filesOf(path("c"));
    expect([...after].filter(([name]) => !name.endsWith("LOCK"))).toEqual([...before]);
  });

  test("the terms go on so far ahead that none comes again, and the entries' end is in one of its own", async () => {
    await makeMember(path("c"), "c", { members: ["a", "b", "c"] });
    expect(await call("recover", path("c"), ...BY_FORCE, "--skip-terms", "500")).toMatchObject({ status: 0 });
    const { out } = await call("log", "inspect", path("c"), "--json");
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ clusterId: "new", id: "c" });
    expect(lines.find(({ type }) => type === "group")).toMatchObject({
      term: 502,
      vote: null,
      lastIndex: 8,
      lastTerm: 502,
      configuration: { voters: ["c"], votersOutgoing: [], learners: [] },
    });
  });

  test("it can be done again, and each time keeps what was there", async () => {
    await makeMember(path("c"), "c", { members: ["a", "c"] });
    const before = readFileSync(join(path("c"), FIRST_SEGMENT));
    expect(await call("recover", path("c"), ...BY_FORCE)).toMatchObject({ status: 0 });
    expect(await call("recover", path("c"), "--force-new-cluster", "--same-cluster")).toMatchObject({ status: 0 });
    expect(readFileSync(join(path("c/original-1"), FIRST_SEGMENT)).equals(before)).toBe(true);
    expect(readdirSync(path("c/original-2"))).toEqual(["IDENTITY", "log-0000000000000003.segment"]);
    expect(await call("log", "inspect", path("c"))).toMatchObject({ status: 0 });
  });

  test("a recovery that broke off leaves a directory in which no member starts, and is done again", async () => {
    await makeMember(path("c"), "c", { members: ["a", "c"], commands: 5 });
    const [address] = (await freeAddresses(1)) as [string];
    expect(await call("recover", path("c"), "--force-new-cluster", "--same-cluster")).toMatchObject({ status: 0 });
    // As it was before the last file was moved away.
    renameSync(join(path("c/original-1"), FIRST_SEGMENT), join(path("c"), FIRST_SEGMENT));
    const serve = ["serve", "--id", "c", "--data", path("c"), "--listen", address, "--members", `c=${address}`];
    expect((await call(...serve)).err).toContain("LOG_DAMAGED");
    const flags = ["--force-new-cluster", "--same-cluster", "--give-up-damaged"];
    expect(await call("recover", path("c"), ...flags)).toMatchObject({ status: 0 });
    const { out } = await call("log", "inspect", path("c"), "--entries");
    expect(out).toContain('command "command 5"');
  });
});

describe("a recovery is refused", () => {
  test("for a member that runs", async () => {
    const [address] = (await freeAddresses(1)) as [string];
    await start("--id", "a", "--data", path("a"), "--listen", address, "--members", `a=${address}`);
    const { status, err } = await call("recover", path("a"), ...BY_FORCE);
    expect({ status, err }).toMatchObject({ status: 1, err: expect.stringContaining("DIRECTORY_LOCKED") as string });
    expect(readdirSync(path("a"))).not.toContain("original-1");
  });

  test.each([
    [[], "--cluster"],
    [["--cluster", "new", "--same-cluster"], "--same-cluster"],
    [["--cluster", "balsa"], "another name"],
  ])("with %j for its name", async (name, what) => {
    await makeMember(path("c"), "c", { members: ["a", "c"] });
    const { status, err } = await call("recover", path("c"), "--force-new-cluster", ...name);
    expect({ status, err }).toMatchObject({ status: 2, err: expect.stringContaining(what) as string });
  });

  test("where nothing is left to go on with, or entries are missing", async () => {
    await makeMember(path("empty"), "c", { content: { entries: [], hardState: { term: 1, vote: "c" } } });
    renameSync(join(path("empty"), FIRST_SEGMENT), path("away"));
    expect((await call("recover", path("empty"), ...BY_FORCE)).err).toContain("UNUSABLE");
    const configuration = { voters: ["c"], votersOutgoing: [], learners: [], learnersNext: [] };
    const snapshot = { index: 9, term: 2, configuration, sizeBytes: 1, checksum: 1 };
    await makeMember(path("c"), "c", { content: { snapshot, entries: [command(10, 2, "x")] } });
    expect((await call("recover", path("c"), ...BY_FORCE)).err).toContain("ENTRIES_MISSING");
    expect(await call("recover", path("none"), ...BY_FORCE)).toMatchObject({ status: 2 });
    expect((await call("recover", path(""), ...BY_FORCE)).err).toContain("NOT_A_DATA_DIRECTORY");
    expect(readdirSync(path(""))).not.toContain("LOCK");
  });
});

test("wherever the exchange of a log breaks off, no member starts, and what was there can be put back", async () => {
  const directory = path("c");
  const entries = [1, 2, 3, 4, 5, 6, 7, 8].map((index) => command(index, 1, "x".repeat(90)));
  await makeMember(directory, "c", { content: { entries: [], hardState: { term: 1, vote: "c" } } });
  rmSync(join(directory, FIRST_SEGMENT));
  await writeSmallSegments(directory, entries);
  const before = segmentsIn(directory);
  expect(before.length).toBeGreaterThan(3);
  const content: LogContent = { hardState: { term: 9, vote: null }, snapshot: null, entries };
  const originals = await replaceLog(directory, new Map([[1, content]]));
  expect(segmentsIn(originals)).toEqual(before);
  expect(await openError(directory)).toBeNull();
  // Back through the steps: the old files return, the last one first, until all stand beside the new one.
  for (const name of [...before].reverse()) {
    renameSync(join(originals, name), join(directory, name));
    expect(await openError(directory)).toMatchObject({ code: "LOG_DAMAGED" });
  }
  const { groups, damage } = await readLog(openForReading(directory), () => Promise.resolve());
  expect(damage).toMatchObject({ isNonsense: false });
  expect(groups.get(1)?.entries.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

function segmentsIn(directory: string): readonly string[] {
  return readdirSync(directory).filter((name) => segmentSequence(name) !== null);
}

function openLog(directory: string): Promise<OpenedLog> {
  return new Promise((resolve, reject) => {
    LogStore.open(new FileDisk(directory, ["IDENTITY"]), { segmentBytes: 300, random: () => 0.5 }, (error, opened) => {
      if (opened === null) reject(error!);
      else resolve(opened);
    });
  });
}

/** A log with as many files as it has entries, or nearly. */
async function writeSmallSegments(directory: string, entries: readonly Entry[]): Promise<void> {
  const { store } = await openLog(directory);
  const rest = { position: 0, snapshot: null, keepLogAfterSnapshot: false, truncateFrom: 0 };
  for (const entry of entries) {
    await new Promise<unknown>((done) => {
      store.append(1, { ...rest, hardState: { term: 1, vote: "c" }, entries: [entry] }, done);
    });
  }
  await new Promise<unknown>((done) => store.close(done));
}

/** What a starting member says of the log; the files are not changed by that. */
async function openError(directory: string): Promise<unknown> {
  const copy = path("copy");
  rmSync(copy, { recursive: true, force: true });
  cpSync(directory, copy, { recursive: true });
  try {
    const { store } = await openLog(copy);
    await new Promise<unknown>((done) => store.close(done));
    return null;
  } catch (error) {
    return error;
  }
}
