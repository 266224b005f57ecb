import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RaftNode } from "@balsa/node";
import { KeyValueMachine, encodeKeyValueCommand } from "@balsa/replica";
import { describe, expect, test } from "vitest";
import { run } from "../../src/index.js";
import { freePorts } from "../../src/serving/freePorts.js";
import { fakeIo } from "../support/fakeIo.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const path = temporaryFolder();

async function call(...args: string[]) {
  const io = fakeIo();
  const status = await run(args, io);
  return { status, out: io.out(), err: io.err() };
}

/** Runs a cluster of two for a while, and gives where each has recorded. */
async function recordCluster(): Promise<string[]> {
  const ids = ["a", "b"];
  const ports = await freePorts(ids.length);
  const members = Object.fromEntries(ids.map((id, i) => [id, `127.0.0.1:${String(ports[i])}`]));
  const nodes = await Promise.all(
    ids.map((id) =>
      RaftNode.open({
        id,
        members,
        dataDirectory: path(`data-${id}`),
        listen: members[id]!,
        bytesStateMachine: new KeyValueMachine(),
        record: { directory: path(`recording-${id}`) },
      }),
    ),
  );
  for (let n = 1; n <= 20; n++) {
    await nodes[0]!.propose(encodeKeyValueCommand({ type: "put", key: "k", value: String(n) }));
  }
  for (const node of nodes) await node.close({ timeoutMs: 200 });
  return ids.map((id) => path(`recording-${id}`));
}

describe("balsa replay", () => {
  test("says that what members have recorded leads to the same again", async () => {
    const directories = await recordCluster();
    const { status, out, err } = await call("replay", ...directories);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(
      /^a, group 1 \(.*recording-a\): [\d,]+ inputs in 1 part, over .*, to term \d+ and entry \d+\n {2}replays exactly\nb, /u,
    );
    const json = await call("replay", directories[0]!, "--json");
    expect(JSON.parse(json.out)).toMatchObject({ id: "a", group: 1, exact: true, difference: null, violations: [] });
  });

  test("tells what can't be used", async () => {
    const nowhere = await call("replay", path("nowhere"));
    expect(nowhere.status).toBe(1);
    expect(nowhere.err).toContain("UNUSABLE");
    mkdirSync(path("empty"));
    expect((await call("replay", path("empty"))).err).toContain("holds no recording");
    mkdirSync(path("odd"));
    writeFileSync(join(path("odd"), "recording-00000001.balsa"), "x".repeat(500));
    const odd = await call("replay", path("odd"));
    expect(odd.status).toBe(1);
    expect(odd.err).toMatch(/UNUSABLE: .*recording-00000001\.balsa: It holds nothing whole/u);
  });

  test("goes as far as a recording that was torn", async () => {
    const [a] = (await recordCluster()) as [string, string];
    const [name] = readdirSync(a) as [string];
    truncateSync(join(a, name), readFileSync(join(a, name)).length - 3);
    const { status, out } = await call("replay", a);
    expect(status).toBe(0);
    expect(out).toMatch(/bytes? at the end of a part are not whole/u);
  });
});
