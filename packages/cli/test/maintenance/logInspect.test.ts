import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../src/index.js";
import { fakeIo } from "../support/fakeIo.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { filesOf, FIRST_SEGMENT, flip, makeMember } from "./memberDirectory.js";

const path = temporaryFolder();

async function call(...args: string[]) {
  const io = fakeIo();
  const status = await run(args, io);
  return { status, out: io.out(), err: io.err() };
}

interface Line {
  readonly type: string;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly [name: string]: unknown;
}

function jsonLines(out: string): readonly Line[] {
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

test("shows whose log it is, its records, its entries and what it has come to, and changes no file", async () => {
  const directory = path("a");
  await makeMember(directory, "a", { members: ["a", "b"] });
  const before = filesOf(directory);
  const { status, out, err } = await call("log", "inspect", directory, "--entries");
  expect({ status, err }).toEqual({ status: 0, err: "" });
  expect(out).toContain("member a of the cluster balsa\n");
  expect(out).toMatch(/1-5 +1 leader's first, 3 commands, members a, b\n/u);
  expect(out).toMatch(/3 +command "command 1"\n/u);
  expect(out).toContain("seal: all before is durable");
  expect(out).toContain("group 1: term 2, vote a, entries 1 to 5, the last of term 2\n  members a, b\n");
  expect(out.endsWith("The log is whole.\n")).toBe(true);
  expect(filesOf(directory)).toEqual(before);
});

test("as JSON lines gives a line for each record, and the verdict in the last", async () => {
  const directory = path("a");
  await makeMember(directory, "a");
  const { status, out } = await call("log", "inspect", directory, "--json", "--entries");
  expect(status).toBe(0);
  const lines = jsonLines(out);
  expect(lines.map(({ type }) => type)).toEqual(["directory", "segment", "batch", "batch", "seal", "group", "log"]);
  const [, , , batch] = lines;
  const entries = batch?.["entries"] as { readonly index: number; readonly data: string }[];
  expect(entries.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
  expect(Buffer.from(entries[2]!.data, "base64").toString("latin1")).toContain("command 1");
  expect(lines.at(-1)).toMatchObject({ whole: true, tornBytes: 0, missing: [] });
});

test("says where damage begins, and that what stands behind it does not count", async () => {
  const directory = path("a");
  await makeMember(directory, "a");
  const { offset } = jsonLines((await call("log", "inspect", directory, "--json")).out)[2]!;
  flip(join(directory, FIRST_SEGMENT), offset + 25);
  const { status, out } = await call("log", "inspect", directory);
  expect(status).toBe(1);
  expect(out).toContain(`DAMAGED: ${FIRST_SEGMENT} at byte ${String(offset)}: the record can't be read`);
  expect(out).toContain("behind it, group 1: the log went on to entry 5 at least");
  const lines = jsonLines((await call("log", "inspect", directory, "--json")).out);
  expect(lines.find(({ type }) => type === "damage")).toMatchObject({ file: FIRST_SEGMENT, offset });
  expect(lines.at(-1)).toMatchObject({ whole: false });
});

test("says which entries neither log nor snapshot has", async () => {
  const directory = path("a");
  const configuration = { voters: ["a"], votersOutgoing: [], learners: [], learnersNext: [] };
  const snapshot = { index: 40, term: 2, configuration, sizeBytes: 1, checksum: 1 };
  await makeMember(directory, "a", { content: { snapshot, entries: [] } });
  const { status, out } = await call("log", "inspect", directory);
  expect(status).toBe(1);
  expect(out).toContain("MISSING: group 1 lacks the entries 1 to 40");
});

test.each(["none", "file", "file/below"])("of %s says that it is no data directory", async (name) => {
  path("file", "text");
  const { status, err } = await call("log", "inspect", path(name));
  expect(status).toBe(2);
  expect(err).toContain(path(name));
});

test("of a directory that holds other things says that there is no log", async () => {
  const file = path("notes.txt", "text");
  const { status, out } = await call("log", "inspect", join(file, ".."));
  expect(status).toBe(0);
  expect(out).toContain("There is no log.");
  expect(readFileSync(file, "utf8")).toBe("text");
});
