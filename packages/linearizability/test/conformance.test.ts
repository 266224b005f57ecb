import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkHistory, parseHistory } from "@balsa/linearizability";
import { describe, expect, it } from "vitest";

const folder =
  process.env["BALSA_CONFORMANCE"] ?? fileURLToPath(new URL("../../../../shared/conformance", import.meta.url));
const absent = !existsSync(folder);
const note = absent ? " (skipped: ../shared/conformance is absent)" : "";
const parse = (file: string) => parseHistory(readFileSync(`${folder}/histories/${file}`, "utf8"));

describe("histories of other tools, with known verdicts", () => {
  it.skipIf(absent).each([
    ["001", "illegal"],
    ["002", "linearizable"],
    ["005", "linearizable"],
    ["007", "linearizable"],
    ["018", "linearizable"],
    ["020", "illegal"],
    ["040", "illegal"],
    ["048", "linearizable"],
    ["057", "illegal"],
    ["075", "linearizable"],
    ["098", "linearizable"],
  ])(`etcd %s is %s${note}`, (number, verdict) => {
    const { format, modelName, model, operations } = parse(`etcd_${number}.log`);
    expect([format, modelName]).toEqual(["jepsen-log", "cas-register"]);
    const result = checkHistory(model, operations);
    expect(result.verdict).toBe(verdict);
    expect(result.statesExplored).toBeLessThan(20_000);
  });

  it.skipIf(absent).each([
    ["c01-ok", "linearizable"],
    ["c01-bad", "illegal"],
    ["c10-ok", "linearizable"],
    ["c10-bad", "illegal"],
  ])(`kv %s is %s${note}`, (name, verdict) => {
    const { format, modelName, model, operations } = parse(`kv_${name}.txt`);
    expect([format, modelName]).toEqual(["edn", "key-value"]);
    const result = checkHistory(model, operations);
    expect(result.verdict).toBe(verdict);
    expect(result.statesExplored).toBeLessThan(20_000);
  });
});
