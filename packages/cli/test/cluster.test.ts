import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../src/index.js";
import { humanLine } from "../src/serving/nodeLog.js";
import { chunks, fakeIo } from "./support/fakeIo.js";

const IDS = ["a", "b", "c"];
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

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
  const found = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return found;
}

const at = (i: number): string => `127.0.0.1:${String(ports[i])}`;
const members = (): string => IDS.map((id, i) => `${id}=${at(i)}`).join(",");
const servers = (): string => IDS.map((_, i) => at(i)).join(",");

/** Runs a member in this process, as the command does, until the test stops it. */
async function serve(id: string, address: string, ...more: string[]): Promise<void> {
  const stop = new AbortController();
  const io = fakeIo({ environment, interrupted: stop.signal });
  const args = ["serve", "--id", id, "--data", join(folder, id), "--listen", address, "--members", members(), ...more];
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
    expect(await call("transfer", "--servers", servers(), "--to", to)).toEqual({
      status: 0,
      out: `${to} leads now\n`,
      err: "",
    });
  });

  test("says so of members that are not reached", async () => {
    running[2]!.stop.abort();
    await running[2]!.ended;
    await client("put", "k", "v");
    const { out, status } = await call("status", "--servers", servers());
    expect(status).toBe(0);
    expect(out).toMatch(/\?\s+127\.0\.0\.1:\d+\s+not reached/u);
  });

  test("takes a member in, and lets it go", async () => {
    await serve("d", at(3), "--join");
    const added = await call("member", "add", `d=${at(3)}`, "--servers", servers());
    expect(added).toMatchObject({ status: 0, err: "" });
    const listed = await call("member", "list", "--servers", servers());
    expect(listed.out).toContain('"d"');
    expect(await call("member", "remove", "d", "--servers", servers())).toMatchObject({ status: 0 });
    expect(await call("member", "remove", "d", "--servers", servers())).toMatchObject({ status: 0 });
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
  const ended = run(["serve", "--until-stdin-ends", ...one], io);
  while (!io.out().includes("serves at")) await new Promise((resolve) => setTimeout(resolve, 5));
  end();
  expect(await ended).toBe(0);
});

describe("a cluster on this machine can't start", () => {
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
