import { describe, expect, test } from "vitest";
import { run } from "../src/index.js";
import { fakeIo } from "./support/fakeIo.js";
import { temporaryFolder } from "./support/temporaryFolder.js";

const file = temporaryFolder();

async function call(...args: readonly string[]) {
  const io = fakeIo();
  const status = await run(args, io);
  return { status, out: io.out(), err: io.err() };
}

describe("a wrong call of a command", () => {
  test("names the help of that command, and says how a dash is put", async () => {
    expect((await call("member", "add", "--frob")).err).toContain("(balsa member add --help tells what there is)");
    const { status, err } = await call("client", "--servers", "127.0.0.1:1", "put", "k", "-v");
    expect({ status, err }).toMatchObject({ status: 2, err: expect.stringContaining("Put -- before") as string });
  });

  test("is told in one line of JSON", async () => {
    const { out } = await call("transfer", "--json");
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: "BAD_ARGUMENT" } });
    expect(out.trimEnd()).not.toContain("\n");
  });

  test("reads how long a command waits as it is written", async () => {
    const { out } = await call("member", "add", "--help");
    expect(out).toContain("(default: 60s)");
    expect(out).not.toContain("60000");
  });
});

describe("a wrong call ends with status 2 and says which argument, and what was expected", () => {
  test.each<[readonly string[], string]>([
    [["--seed", "-1"], '--seed is "-1"; it must be a whole number from 0 to 4294967295.'],
    [["--seed", "4294967296"], "--seed is"],
    [["--seed", "1.5"], "--seed is"],
    [["--nodes", "0"], '--nodes is "0"; it must be a whole number from 1 to 9.'],
    [["--nodes", "10"], "--nodes is"],
    [["--nodes", "three"], "--nodes is"],
    [["--machine", "queue"], '--machine is "queue"; it must be counter or kv.'],
    [["--commands", "many"], '--commands is "many"; it must be a whole number from 0 to 1000000000.'],
    [["--duration", "60"], '--duration is "60"; it must be a duration from 1ms to 1000h with its unit'],
    [
      ["--faults", "netwrok"],
      '--faults is "netwrok"; it must be none, all, or a comma-separated choice of network, crash',
    ],
    [["--faults", "netwrok"], "(did you mean network?)"],
    [["--faults", "crash,none"], '--faults is "crash,none"'],
    [["--faults", "network,"], '--faults is "network,"; it must be none'],
    [["--faults", ""], '--faults is ""'],
    [["--commands", "3", "--input", "x"], "--commands can't be given together with --input"],
    [["--duration", "3s", "--input", "x"], "--duration can't be given together with --input"],
    [["--trace", "-"], '--trace is "-"; it must be the name of a file'],
    [["--input", ""], '--input is ""; it must be the name of a file.'],
    [["--sed", "1"], "unknown option '--sed' (Did you mean --seed?)"],
    [["--seed"], "option '--seed <n>' argument missing"],
    [["a.json", "b.json"], "too many arguments"],
    [
      ["no-such-scenario.json"],
      "SCENARIO.json: cannot read no-such-scenario.json: there is no such file or directory.",
    ],
    [["--input", "no-such-file"], "--input: cannot read no-such-file: there is no such file or directory."],
  ])("balsa sim %j", async (args, message) => {
    const { status, out, err } = await call("sim", ...args);
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(message);
    expect(err.startsWith("balsa: ")).toBe(true);
  });

  test("with --json it is one document on standard output", async () => {
    const { status, out } = await call("sim", "--json", "--nodes", "0");
    expect(status).toBe(2);
    expect(JSON.parse(out)).toEqual({
      ok: false,
      error: {
        code: "BAD_ARGUMENT",
        message: '--nodes is "0"; it must be a whole number from 1 to 9.',
        argument: "--nodes",
        expected: "a whole number from 1 to 9",
      },
    });
  });

  test("an unknown option has its name in that document", async () => {
    const { out } = await call("sim", "--json", "--sed=1");
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: "BAD_ARGUMENT", argument: "--sed" } });
  });

  test("a wrong line of an input file stops the run before it starts", async () => {
    const path = file("commands.txt", "put a 1\nput b\n");
    const { status, out, err } = await call("sim", "--machine", "kv", "--input", path);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toBe(`balsa: ${path}, line 2: "put" has 1 word after it; expected put KEY VALUE.\n`);
  });

  test("a scenario that isn't JSON, or isn't a scenario, is refused with the place", async () => {
    const broken = await call("sim", file("broken.json", "{"));
    expect([broken.status, broken.err]).toEqual([2, expect.stringMatching(/broken.json is not JSON: /)]);
    const wrong = await call("sim", "--json", file("wrong.json", '{"version":1,"seed":1,"nodes":77,"machine":"kv"}'));
    expect(wrong.status).toBe(2);
    expect(JSON.parse(wrong.out)).toMatchObject({ ok: false, error: { code: "BAD_SCENARIO" } });
    expect(wrong.out).toContain("nodes");
  });

  test("a scenario without an end is refused with its name and all the ways to give it one", async () => {
    const path = file("endless.json", '{"version":1,"seed":1,"nodes":3,"machine":"kv"}');
    const { status, out, err } = await call("sim", path);
    expect([status, out]).toEqual([2, ""]);
    for (const part of [path, "durationMs", "workload.commands", "--duration", "--commands"]) {
      expect(err).toContain(part);
    }
  });

  test("an unknown command, and none at all", async () => {
    const unknown = await call("smi");
    expect([unknown.status, unknown.err]).toEqual([2, expect.stringMatching(/unknown command 'smi'.*sim/)]);
    const none = await call();
    expect([none.status, none.err]).toEqual([2, expect.stringMatching(/^Usage: balsa/)]);
  });
});

describe("help", () => {
  test.each([["--help"], ["sim --help"], ["demo --help"], ["help sim"]])("balsa %s fits 80 columns", async (line) => {
    const { status, out, err } = await call(...line.split(" "));
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(/^Usage: balsa/);
    for (const text of out.split("\n")) expect(text.length, text).toBeLessThanOrEqual(80);
  });

  test("names every flag, with examples", async () => {
    const { out } = await call("sim", "--help");
    const flags = ["seed", "nodes", "machine", "commands", "input", "faults", "duration", "json", "trace", "quiet"];
    for (const flag of flags) expect(out).toContain(`--${flag}`);
    expect(out).toContain("Examples:");
  });

  test("the version is the package's", async () => {
    expect((await call("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
