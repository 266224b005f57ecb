import { readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
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
