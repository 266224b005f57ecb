import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../src/index.js";
import { freePorts } from "../src/serving/freePorts.js";
import { humanLine } from "../src/serving/nodeLog.js";
import { chunks, fakeIo } from "./support/fakeIo.js";

const IDS = ["a", "b", "c"];
/** A start does not wait for 64 MiB to be written. */
const SMALL = ["--segment-size", "1048576"];
const environment = { BALSA_LOG: "silent" };

let folder: string;
let ports: number[];
let running: { readonly stop: AbortController; readonly ended: Promise<number>; readonly out: () => string }[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "balsa-cli-"));
  ports = await freePorts(IDS.length + 2);
  running = [];
});

afterEach(async () => {
  for (const { stop } of running) stop.abort();
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

const at = (i: number): string => `127.0.0.1:${String(ports[i])}`;
const members = (): string => IDS.map((id, i) => `${id}=${at(i)}`).join(",");
const servers = (): string => IDS.map((_, i) => at(i)).join(",");

/** Runs a member in this process, as the command does, until the test stops it. */
async function serve(id: string, address: string, ...more: string[]): Promise<void> {
  const stop = new AbortController();
  const io = fakeIo({ environment, interrupted: stop.signal });
  const args = [
    "serve",
    "--id",
    id,
    "--data",
    join(folder, id),
    "--listen",
    address,
    "--members",
    members(),
    ...SMALL,
    ...more,
  ];
  const ended = run(args, io);
  running.push({ stop, ended, out: io.out });
  while (!io.out().includes("serves at")) {
    const first = await Promise.race([ended, new Promise<null>((resolve) => setTimeout(resolve, 5, null))]);
    if (first !== null) throw new Error(`ended with ${String(first)}: ${io.err()}`);
  }
}

async function call(...args: string[]) {
  const io = fakeIo({ environment });
  const status = await run(args, io);
  return { status, out: io.out(), err: io.err() };
}

const client = (...words: string[]) => call("client", "--servers", servers(), ...words);

describe("a cluster run by the command", () => {
  beforeEach(async () => {
    await Promise.all(IDS.map((id, i) => serve(id, at(i), ...(i === 0 ? ["--http", at(4)] : []))));
  });

  test("takes operations, and says by its status what came of them", async () => {
    expect(await client("put", "k", "good day")).toEqual({ status: 0, out: "ok\n", err: "" });
    expect(await client("get", "k")).toMatchObject({ status: 0, out: "good day\n" });
    expect(await client("get", "none")).toMatchObject({ status: 1, out: "(no value)\n" });
    expect(await client("cas", "k", "x", "y")).toMatchObject({ status: 1, out: "not swapped: the value is another\n" });
    expect(await client("--json", "delete", "k")).toMatchObject({ status: 0, out: '{"key":"k","existed":true}\n' });
    expect(await client("frob")).toMatchObject({ status: 2 });
    expect(await client("put", "k")).toMatchObject({ status: 2 });
  });

  test("takes lines from a pipe", async () => {
    const io = fakeIo({ environment, stdin: chunks('put k "a b"\n# a remark\n\nappend k !\nget k\n') });
    expect(await run(["client", "--servers", servers()], io)).toBe(0);
    expect(io.out()).toBe("ok\nok\na b!\n");
  });

  test("carries out many lines in their order, whatever comes between them", async () => {
    const appends = Array.from({ length: 300 }, (_, i) => `append k ${String(i)},\n`);
    const io = fakeIo({ environment, stdin: chunks(...appends, "get k\nput k new\nget k") });
    expect(await run(["client", "--servers", servers()], io)).toBe(0);
    const all = Array.from({ length: 300 }, (_, i) => `${String(i)},`).join("");
    expect(io.out()).toBe(`${"ok\n".repeat(300)}${all}\nok\nnew\n`);
  });

  test("answers each line of a pipe with one line of JSON, also what is wrong, and says which line that is", async () => {
    const stdin = chunks("put k v\n", "frob\n\nput k ", new Uint8Array([0xff]), '\nget "k\nget k\n');
    const io = fakeIo({ environment, stdin });
    expect(await run(["client", "--json", "--servers", servers()], io)).toBe(2);
    const answers = io.out().trimEnd().split("\n");
    expect(answers.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { key: "k", ok: true },
      { ok: false, error: { code: "BAD_INPUT", line: 2 } },
      { ok: false, error: { code: "BAD_INPUT", line: 4, message: "It is not UTF-8." } },
      { ok: false, error: { code: "BAD_INPUT", line: 5 } },
      { key: "k", value: "v" },
    ]);
    expect(io.err()).toMatch(/^line 2: .*\nline 4: .*\nline 5: .*\n$/u);
  });

  test("is typed to at a prompt, which Ctrl-C clears and Ctrl-D leaves", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const io = fakeIo({ environment, promptStreams: { input, output } });
    const ended = run(["client", "--servers", servers()], io);
    const answered = async (text: string): Promise<void> => {
      while (!io.out().includes(text)) await new Promise((resolve) => setTimeout(resolve, 2));
    };
    input.write("put k typed\rget k\r");
    await answered("typed\n");
    input.write("put k other\u0003get none\r");
    await answered("(no value)");
    input.write("help\rget k\r");
    await answered("cas KEY OLD NEW");
    input.write("frob\r\u0004");
    expect(await ended).toBe(0);
    expect(io.out().split("typed\n")).toHaveLength(3);
    expect(io.err()).toContain('"frob" is no operation');
  });

  test("shows what any member has to a stale read, also while the first ones are away", async () => {
    await client("put", "k", "v");
    for (const { stop, ended } of running.slice(0, 2)) {
      stop.abort();
      await ended;
    }
    const stale = await client("--consistency", "stale", "--timeout", "5s", "get", "k");
    expect(stale).toMatchObject({ status: 0, out: "v\n" });
  });

  test("tells who leads and how each member is, and hands over", async () => {
    await client("put", "k", "v");
    const { out } = await call("status", "--servers", at(1), "--json");
    const reports = JSON.parse(out) as { status: { id: string; leader: string; commitIndex: number } }[];
    expect(reports.map(({ status }) => status.id)).toEqual(IDS);
    const [leader] = new Set(reports.map(({ status }) => status.leader));
    const table = await call("status", "--servers", servers());
    expect(table.status).toBe(0);
    expect(table.out).toContain(`${String(leader)} leads term`);
    const to = IDS.find((id) => id !== leader)!;
    const handOver = (): ReturnType<typeof call> => call("transfer", "--servers", servers(), "--to", to);
    expect(await handOver()).toEqual({ status: 0, out: `${to} leads now\n`, err: "" });
    expect(await handOver()).toEqual({ status: 0, out: `${to} leads already\n`, err: "" });
    for (const id of IDS) {
      const asked = await call("transfer", "--servers", at(IDS.indexOf(id)));
      expect(asked).toMatchObject({ status: 0, out: expect.stringMatching(/^[abc] leads now\n$/u) as string });
    }
  });

  test("says so of members that are not reached", async () => {
    running[2]!.stop.abort();
    await running[2]!.ended;
    await client("put", "k", "v");
    const { out, status } = await call("status", "--servers", servers());
    expect(status).toBe(0);
    expect(out).toMatch(/^ {2}\? {7}127\.0\.0\.1:\d+ {2}not reached$/mu);
    expect(out).toContain("nothing listens there (ECONNREFUSED)");
  });

  test("takes a member in, and lets it go", async () => {
    await serve("d", at(3), "--join");
    const added = await call("member", "add", `d=${at(3)}`, "--servers", servers());
    expect(added).toMatchObject({ status: 0, err: "" });
    const listed = await call("member", "list", "--servers", servers());
    expect(listed.out).toMatch(/^ {2}d {7}127\.0\.0\.1:\d+ {2}voter$/mu);
    expect(await call("member", "remove", "d", "--servers", servers())).toMatchObject({ status: 0 });
    const left = await call("status", "--servers", `${servers()},${at(3)}`);
    expect(left.out).toMatch(/^ {2}d .* not a member /mu);
    const again = await call("member", "remove", "d", "--servers", servers());
    expect(again).toMatchObject({ status: 0, out: "nothing was to be done: d is no member\n" });
    expect(await call("member", "promote", "zz", "--servers", servers())).toMatchObject({ status: 1 });
  });

  test("tells monitors over HTTP", async () => {
    await client("put", "k", "v");
    const get = async (path: string, method = "GET") => {
      const response = await fetch(`http://${at(4)}${path}`, { method });
      return { status: response.status, text: await response.text() };
    };
    expect(await get("/livez")).toEqual({ status: 200, text: "ok\n" });
    expect(await get("/readyz")).toEqual({ status: 200, text: "ok\n" });
    const { text } = await get("/metrics");
    expect(text).toContain("balsa_server_has_leader 1\n");
    expect(text).toMatch(/balsa_disk_wal_fsync_duration_seconds_bucket\{le="\+Inf"\} [1-9]/u);
    expect(text).toMatch(/balsa_network_peer_sent_bytes_total\{To="[bc]"\} [1-9]/u);
    expect(JSON.parse((await get("/status")).text)).toMatchObject({ id: "a", clusterId: "balsa" });
    expect((await get("/else")).status).toBe(404);
    expect((await get("/livez", "POST")).status).toBe(405);
  });

  test("ends each member with status 0 when it is told to stop", async () => {
    for (const { stop } of running) stop.abort();
    expect(await Promise.all(running.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  });
});

test("a member that is to end with its standard input stops in good order when that ends", async () => {
  let end = (): void => undefined;
  const stdin = (async function* () {
    yield new Uint8Array(1);
    await new Promise<void>((resolve) => (end = resolve));
  })();
  const io = fakeIo({ environment, stdin });
  const one = ["--id", "a", "--data", join(folder, "a"), "--listen", at(0), "--members", `a=${at(0)}`];
  const ended = run(["serve", "--until-stdin-ends", ...SMALL, ...one], io);
  while (!io.out().includes("serves at")) await new Promise((resolve) => setTimeout(resolve, 5));
  end();
  expect(await ended).toBe(0);
});

describe("nobody is there", () => {
  const nobody = (): string => [at(0), at(1)].join(",");

  test("and each server's own reason is told, within the time that was given", async () => {
    for (const command of [
      ["client", "get", "k"],
      ["client", "put", "k", "v"],
      ["member", "remove", "a"],
      ["transfer"],
    ]) {
      const { status, out, err } = await call(...command, "--json", "--timeout", "300ms", "--servers", nobody());
      expect({ status, err }).toMatchObject({ status: 1, err: expect.stringContaining("NOT_REACHED") as string });
      for (const address of [at(0), at(1)]) expect(err).toContain(`${address} could not be reached`);
      expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: "NOT_REACHED" } });
      expect(out.trimEnd()).not.toContain("\n");
    }
  });

  test.each([
    [["client", "get", "k"]],
    [["client", "put", "k", "v"]],
    [["member", "list"]],
    [["transfer"]],
    [["status"]],
  ])("and Ctrl-C ends the waiting of %j at once", async (command) => {
    const interruption = new AbortController();
    const io = fakeIo({ environment, interrupted: interruption.signal });
    const ended = run([...command, "--timeout", "1h", "--servers", at(0)], io);
    interruption.abort();
    expect(await ended).toBe(130);
  });

  test("and Ctrl-C ends the waiting for another line", async () => {
    const interruption = new AbortController();
    const stdin = (async function* () {
      yield new TextEncoder().encode("# nothing\n");
      interruption.abort();
      await new Promise(() => undefined);
    })();
    const io = fakeIo({ environment, interrupted: interruption.signal, stdin });
    expect(await run(["client", "--servers", at(0)], io)).toBe(130);
  });
});

describe("a cluster on this machine can't start", () => {
  test("at ports that are in use, and keeps nothing of them", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const { status, err } = await call("up", "--data", folder, "--base-port", String(port));
    taken.close();
    expect({ status, err }).toMatchObject({ status: 2, err: expect.stringContaining("is in use") as string });
    expect(existsSync(join(folder, "cluster.json"))).toBe(false);
  });

  test("at other ports than those that are kept with its data", async () => {
    const kept = { version: 1, members: { n1: at(0) }, http: { n1: at(1) } };
    writeFileSync(join(folder, "cluster.json"), JSON.stringify(kept));
    const { status, err } = await call("up", "--data", folder, "--base-port", "1");
    expect({ status, err }).toMatchObject({ status: 2, err: expect.stringContaining(at(0)) as string });
  });

  test.each(["a file", "a file/below"])("in %s, and says so", async (name) => {
    writeFileSync(join(folder, "a file"), "");
    const { status, err } = await call("up", "--data", join(folder, name));
    expect({ status, err }).toMatchObject({ status: 2, err: expect.stringContaining(folder) as string });
  });
});

describe("a member that can't start says why", () => {
  const start = (...args: string[]) => call("serve", "--id", "a", "--data", join(folder, "a"), ...args);

  test.each([
    ["INSECURE_LISTEN", ["--listen", "0.0.0.0:0", "--members", "a=127.0.0.1:1"]],
    ["BAD_ADDRESS", ["--listen", "nowhere", "--members", "a=127.0.0.1:1"]],
  ])("%s", async (code, args) => {
    const { status, err } = await start(...args);
    expect(status).toBe(2);
    expect(err).toContain(code);
  });

  test("when it is not among the members, and when the flags for TLS are not all there", async () => {
    expect((await start("--listen", "127.0.0.1:0", "--members", "b=127.0.0.1:1")).status).toBe(2);
    const { status, err } = await start("--listen", "127.0.0.1:0", "--members", "a=127.0.0.1:1", "--tls-ca", "x");
    expect(status).toBe(2);
    expect(err).toContain("--tls-ca");
    expect(await call("client", "--servers", at(0), "--tls-ca", "x", "get", "k")).toMatchObject({ status: 2 });
  });

  test("when its data directory is in use, or another's", async () => {
    await serve("a", at(0));
    expect((await start("--listen", at(1), "--members", members())).err).toContain("DIRECTORY_LOCKED");
    running[0]!.stop.abort();
    await running[0]!.ended;
    const args = ["serve", "--id", "b", "--data", join(folder, "a"), "--listen", at(1), "--members", members()];
    expect((await call(...args)).err).toContain("IDENTITY_MISMATCH");
  });
});

test("a line of the log for a person has time, level, member, message and the cause", () => {
  const line = { level: 50, time: 0, node: "a", msg: "it stopped", err: { stack: "Error: EIO\n    at x" } };
  expect(humanLine(JSON.stringify(line))).toBe("00:00:00.000 error a: it stopped\nError: EIO\n    at x\n");
});
