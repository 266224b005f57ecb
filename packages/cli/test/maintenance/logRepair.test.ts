import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { command, filesOf, FIRST_SEGMENT, flip, makeMember } from "./memberDirectory.js";
import { call, freeAddresses, runningMembers } from "./runningMembers.js";

const path = temporaryFolder();
const { start } = runningMembers();

interface Line {
  readonly type: string;
  readonly offset: number;
  readonly entries?: readonly { readonly index: number }[];
  readonly [name: string]: unknown;
}

async function inspect(directory: string): Promise<readonly Line[]> {
  const { out } = await call("log", "inspect", directory, "--json");
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

/** A member whose log has several records, as commands of half a mebibyte come to; the one with the entry is damaged. */
async function damagedMember(
  directory: string,
  id: string,
  members: readonly string[],
  index: number,
): Promise<number> {
  const large = [3, 4, 5, 6].map((at) => command(at, 2, "x".repeat(600_000)));
  await makeMember(directory, id, { members, commands: 0, more: large });
  const { offset } = (await inspect(directory)).find(({ entries }) => entries?.some((entry) => entry.index === index))!;
  flip(join(directory, FIRST_SEGMENT), offset + 100);
  return offset;
}

describe("a damaged log", () => {
  test("of the only member is cut where damage begins, with the flag; the original is kept, and the member goes on", async () => {
    const directory = path("a");
    const offset = await damagedMember(directory, "a", ["a"], 5);
    const damaged = readFileSync(join(directory, FIRST_SEGMENT));
    const told = await call("log", "repair", directory);
    expect(told).toMatchObject({ status: 1, err: expect.stringContaining("NOT_CONFIRMED") as string });
    expect(told.out).toContain(`damaged in ${FIRST_SEGMENT} at byte ${String(offset)}`);
    expect(told.out).toContain("everything up to entry 4; given up: all behind it");
    expect(told.out).toContain("the log went on to entry 6 at least");
    expect(readFileSync(join(directory, FIRST_SEGMENT)).equals(damaged)).toBe(true);

    expect(await call("log", "repair", directory, "--give-up-damaged")).toMatchObject({ status: 0, err: "" });
    expect(readFileSync(join(directory, "original-1", FIRST_SEGMENT)).equals(damaged)).toBe(true);
    const lines = await inspect(directory);
    expect(lines.at(-1)).toMatchObject({ whole: true });
    expect(lines.find(({ type }) => type === "group")).toMatchObject({ lastIndex: 4, vote: null, term: 1_000_002 });
    const [address] = (await freeAddresses(1)) as [string];
    await start("--id", "a", "--data", directory, "--listen", address, "--members", `a=${address}`);
    expect(await call("client", "--servers", address, "put", "k", "v")).toMatchObject({ status: 0 });
  });

  test("of one member of several is not repaired, for the others count on what is lost", async () => {
    const directory = path("a");
    await damagedMember(directory, "a", ["a", "b", "c"], 5);
    const before = filesOf(directory);
    const { status, err } = await call("log", "repair", directory, "--give-up-damaged");
    expect(status).toBe(1);
    expect(err).toContain("UNSAFE: The members b, c may count on entries and votes of a that are lost.");
    expect(err).toContain("balsa member replace");
    expect([...filesOf(directory)].filter(([name]) => !name.endsWith("LOCK"))).toEqual(
      [...before].filter(([name]) => !name.endsWith("LOCK")),
    );
  });

  test("is given up behind the damage by a forced recovery, if that is asked for", async () => {
    const directory = path("a");
    await damagedMember(directory, "a", ["a", "b", "c"], 5);
    const flags = ["--force-new-cluster", "--cluster", "new"];
    const refused = await call("recover", directory, ...flags);
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining("--give-up-damaged") as string });
    expect(await call("recover", directory, ...flags, "--give-up-damaged")).toMatchObject({ status: 0 });
    expect((await inspect(directory)).find(({ type }) => type === "group")).toMatchObject({
      lastIndex: 7,
      configuration: { voters: ["a"] },
    });
  });

  test("in which nothing says who the members are is not repaired", async () => {
    const directory = path("a");
    await damagedMember(directory, "a", ["a"], 1);
    const { status, err } = await call("log", "repair", directory, "--give-up-damaged");
    expect({ status, err }).toMatchObject({ status: 1, err: expect.stringContaining("UNSAFE") as string });
  });
});

test("a log that is whole stays as it is", async () => {
  await makeMember(path("a"), "a");
  const before = readFileSync(join(path("a"), FIRST_SEGMENT));
  const { status, out } = await call("log", "repair", path("a"), "--give-up-damaged");
  expect({ status, out }).toEqual({ status: 0, out: "The log is whole, and stays as it is.\n" });
  expect(readFileSync(join(path("a"), FIRST_SEGMENT)).equals(before)).toBe(true);
});

test("a member that runs is left alone", async () => {
  const [address] = (await freeAddresses(1)) as [string];
  await start("--id", "a", "--data", path("a"), "--listen", address, "--members", `a=${address}`);
  expect((await call("log", "repair", path("a"), "--give-up-damaged")).err).toContain("DIRECTORY_LOCKED");
});
