import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MemberOptions } from "@balsa/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addFromOutside } from "../examples/client.js";
import { addThree, openCounter } from "../examples/counter.js";
import { addOrExplain } from "../examples/errors.js";
import { elections, watchProcess } from "../examples/events.js";
import { runWhileLeading } from "../examples/leaderOnlyJob.js";
import { openJoiner, replaceLost } from "../examples/membership.js";
import { freePorts } from "../packages/cli/src/serving/freePorts.js";
import { expectCodeOfExamples } from "./support/guide.js";

describe("the embedding guide", () => {
  it("shows only code that stands in the examples, which are checked and run", () => {
    expectCodeOfExamples("docs/embedding.md", "examples");
  });
});

describe("the examples", () => {
  type Node = Awaited<ReturnType<typeof openCounter>>;
  let folder: string;
  let nodes: Map<string, Node>;
  let members: Record<string, string>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "balsa-examples-"));
    nodes = new Map();
    const [a, b, c, d] = (await freePorts(4)).map((port) => `127.0.0.1:${String(port)}`) as [
      string,
      string,
      string,
      string,
    ];
    members = { a, b, c };
    addressOfD = d;
  });

  let addressOfD: string;

  afterEach(async () => {
    await Promise.all([...nodes.values()].map((node) => node.close({ timeoutMs: 200 })));
    rmSync(folder, { recursive: true, force: true });
  });

  const options = (id: string): MemberOptions => ({
    id,
    dataDirectory: join(folder, id),
    listen: members[id] ?? addressOfD,
    members,
    limits: { segmentBytes: 64 * 1024 },
  });

  const open = async (id: string, more: Partial<MemberOptions> = {}): Promise<void> => {
    nodes.set(id, await openCounter({ ...options(id), ...more }));
  };

  it("add three, embedded in three processes' worth of nodes, and from outside", async () => {
    await Promise.all([open("b"), open("c")]);
    expect(await addThree(options("a"))).toBe(3);
    expect(await addFromOutside(Object.values(members), 4)).toBe(7);
    expect(await addOrExplain(nodes.get("b")!, 1)).toBe("the total is 8");
  });

  it("explain that nothing was done where there is no majority", async () => {
    await open("a");
    expect(await addOrExplain(nodes.get("a")!, 1)).toBe("it was not added: NO_LEADER");
  });

  it("run a job while leading, hear of elections, and replace a member", async () => {
    const heard: unknown[] = [];
    const stopWatching = watchProcess((message) => heard.push(message));
    await Promise.all(["a", "b", "c"].map((id) => open(id)));
    const { leader } = await nodes.get("a")!.ready({ timeoutMs: 10_000 });
    const stop = new AbortController();
    const node = nodes.get(leader)!;
    const fences: number[] = [];
    const job = runWhileLeading(
      node,
      ({ term, signal }) =>
        new Promise((resolve) => {
          fences.push(term);
          signal.addEventListener("abort", () => resolve(), { once: true });
        }),
      stop.signal,
    );
    await node.read(() => undefined);
    expect(fences).toEqual([node.status().term]);

    const lost = [...nodes.keys()].find((id) => id !== leader)!;
    await nodes.get(lost)!.close();
    nodes.delete(lost);
    nodes.set("d", await openJoiner(options("d")));
    await replaceLost(node, lost, "d", addressOfD);
    expect(node.status().configuration.voters).toContain("d");

    const terms = elections(nodes.get("d")!, stop.signal);
    const next = terms.next();
    await node.transferLeadership("d");
    expect((await next).value).toBeGreaterThan(fences[0]!);
    stop.abort();
    await job;
    stopWatching();
    expect(heard.length).toBeGreaterThan(0);
  });
});
