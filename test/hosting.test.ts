import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Accounts, Bank, groupOf, type Transfer } from "../examples/shardedAccounts.js";
import { freePorts } from "../packages/cli/src/serving/freePorts.js";
import { expectCodeOfExamples } from "./support/guide.js";

describe("the hosting guide", () => {
  it("shows only code that stands in the examples, which are checked and run", () => {
    expectCodeOfExamples("docs/hosting.md", "examples", 3);
  });
});

describe("accounts that many groups keep", () => {
  let folder: string;
  let hosts: Record<string, string>;
  let banks: Map<string, Bank>;

  const open = async (id: string): Promise<void> => {
    const options = { id, hosts, dataDirectory: join(folder, id), listen: hosts[id]! };
    banks.set(id, await Bank.open({ ...options, settings: { segmentBytes: 64 * 1024 } }));
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "balsa-hosting-"));
    const ports = await freePorts(3);
    hosts = Object.fromEntries(["a", "b", "c"].map((id, i) => [id, `127.0.0.1:${String(ports[i])}`]));
    banks = new Map();
    await Promise.all(Object.keys(hosts).map((id) => open(id)));
  });

  afterEach(async () => {
    await Promise.all([...banks.values()].map((bank) => bank.host.close({ timeoutMs: 200 })));
    rmSync(folder, { recursive: true, force: true });
  });

  it("move money between groups, also where an instance ends in the midst of it, and neither lose nor double it", async () => {
    const [from, to] = ["ann", "bob"];
    expect(groupOf(from)).not.toBe(groupOf(to));
    const [a, b] = [banks.get("a")!, banks.get("b")!];
    expect(await a.openAccount(from, 100)).toBe(true);
    expect(await b.openAccount(to, 5)).toBe(true);
    expect(await a.transfer({ id: "first", from, to, amount: 30 })).toBe(true);
    expect(await a.transfer({ id: "too much", from, to, amount: 71 })).toBe(false);
    expect([await b.balance(from), await b.balance(to)]).toEqual([70, 35]);
    // The first step of one, and then the instance is gone.
    expect(await banks.get("c")!.send({ id: "second", from, to, amount: 20 })).toBe(true);
    await banks.get("c")!.host.close();
    banks.delete("c");
    expect((await a.balance(from)) + (await a.balance(to))).toBe(85);
    let finished = 0;
    while (finished === 0) {
      const counts = await Promise.all([...banks.values()].map((bank) => bank.finishTransfers()));
      finished = counts.reduce((sum, count) => sum + count, 0);
    }
    expect([await b.balance(from), await b.balance(to)]).toEqual([50, 55]);
    // Whoever is not sure asks again.
    expect(await b.transfer({ id: "second", from, to, amount: 20 })).toBe(true);
    expect([await a.balance(from), await a.balance(to)]).toEqual([50, 55]);
  });

  it("spread evenly over the groups, of which each host has a member", () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 1_600; i++) {
      const group = groupOf(`account ${String(i)}`);
      counts.set(group, (counts.get(group) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((x, y) => x - y)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
    expect(Math.max(...counts.values())).toBeLessThan(200);
    expect([...banks.values()].map(({ host }) => host.status().groups)).toEqual([16, 16, 16]);
  });
});

describe("the accounts of one group", () => {
  const transfer: Transfer = { id: "t", from: "x", to: "y", amount: 4 };

  it("do nothing twice, and remember what is on its way", () => {
    const accounts = new Accounts();
    expect(accounts.apply({ type: "send", transfer })).toBe(false);
    accounts.apply({ type: "open", account: "x", amount: 10 });
    for (let i = 0; i < 2; i++) expect(accounts.apply({ type: "send", transfer })).toBe(true);
    for (let i = 0; i < 2; i++) expect(accounts.apply({ type: "receive", transfer })).toBe(true);
    expect([accounts.balance("x"), accounts.balance("y"), accounts.leaving]).toEqual([6, 4, [transfer]]);
    const again = new Accounts();
    again.restore(JSON.parse(JSON.stringify(accounts.snapshot())) as ReturnType<Accounts["snapshot"]>);
    expect(again.snapshot()).toEqual(accounts.snapshot());
    expect(again.apply({ type: "arrived", id: "t" })).toBe(true);
    expect(again.leaving).toEqual([]);
  });
});
