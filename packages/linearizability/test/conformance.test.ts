import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type {
  CasRegisterInput,
  CasRegisterOutput,
  KeyValueInput,
  KeyValueOutput,
  Operation,
} from "@balsa/linearizability";
import { casRegister, checkHistory, HistoryRecorder, keyValue } from "@balsa/linearizability";
import { describe, expect, it } from "vitest";

const folder =
  process.env["BALSA_CONFORMANCE"] ?? fileURLToPath(new URL("../../../../shared/conformance", import.meta.url));
const absent = !existsSync(folder);
const note = absent ? " (skipped: ../shared/conformance is absent)" : "";
const linesOf = (file: string): readonly string[] =>
  readFileSync(`${folder}/histories/${file}`, "utf8")
    .split("\n")
    .filter((line) => line !== "");

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
    const result = checkHistory(casRegister, parseJepsenLog(linesOf(`etcd_${number}.log`)));
    expect(result.verdict).toBe(verdict);
    expect(result.statesExplored).toBeLessThan(20_000);
  });

  it.skipIf(absent).each([
    ["c01-ok", "linearizable"],
    ["c01-bad", "illegal"],
    ["c10-ok", "linearizable"],
    ["c10-bad", "illegal"],
  ])(`kv %s is %s${note}`, (name, verdict) => {
    const result = checkHistory(keyValue, parseKeyValueLog(linesOf(`kv_${name}.txt`)));
    expect(result.verdict).toBe(verdict);
    expect(result.statesExplored).toBeLessThan(20_000);
  });
});

function parseJepsenLog(lines: readonly string[]): readonly Operation<CasRegisterInput, CasRegisterOutput>[] {
  const recorder = new HistoryRecorder<CasRegisterInput, CasRegisterOutput>();
  const open = new Map<string, number>();
  for (const line of lines) {
    const match = /^INFO\s+jepsen\.util - (\d+)\s+:(\w+)\s+:(\w+)\s+(.*)$/.exec(line);
    if (match === null) throw new Error(`not a line of a Jepsen log: ${line}`);
    const [, process = "", event, kind, text = ""] = match;
    if (event === "invoke") {
      open.set(process, recorder.invoke(process, jepsenInput(kind, text)));
      continue;
    }
    const operation = takeOpen(open, process, line);
    if (event === "ok") recorder.complete(operation, jepsenOutput(kind, text));
    else if (event === "fail" && text === ":timed-out") expect(kind).toBe("read");
    else if (event === "fail") recorder.fail(operation);
    else expect(event).toBe("info");
  }
  return recorder.operations();
}

function jepsenInput(kind: string | undefined, text: string): CasRegisterInput {
  switch (kind) {
    case "read":
      return { type: "read" };
    case "write":
      return { type: "write", value: Number(text) };
    case "cas": {
      const match = /^\[(\d+) (\d+)\]$/.exec(text);
      if (match === null) throw new Error(`not a compare-and-set: ${text}`);
      return { type: "cas", expected: Number(match[1]), value: Number(match[2]) };
    }
    default:
      throw new Error(`unknown operation: ${String(kind)}`);
  }
}

function jepsenOutput(kind: string | undefined, text: string): CasRegisterOutput {
  if (kind === "read") return { type: "read", value: text === "nil" ? null : Number(text) };
  return kind === "cas" ? { type: "cas", swapped: true } : { type: "written" };
}

function parseKeyValueLog(lines: readonly string[]): readonly Operation<KeyValueInput, KeyValueOutput>[] {
  const recorder = new HistoryRecorder<KeyValueInput, KeyValueOutput>();
  const open = new Map<string, number>();
  for (const line of lines) {
    const match = /^\{:process (\d+), :type :(\w+), :f :(\w+), :key "(.*?)", :value (.*)\}$/.exec(line);
    if (match === null) throw new Error(`not a line of a key-value log: ${line}`);
    const [, process = "", event, kind, key = "", text = ""] = match;
    const value = text === "nil" ? "" : String(JSON.parse(text));
    if (event === "invoke") {
      const input: KeyValueInput =
        kind === "get" ? { type: "get", key } : { type: kind === "put" ? "put" : "append", key, value };
      open.set(process, recorder.invoke(process, input));
    } else {
      // These logs write the value of an absent key as an empty string, and never store one.
      const got = value === "" ? null : value;
      recorder.complete(
        takeOpen(open, process, line),
        kind === "get" ? { type: "value", value: got } : { type: "done" },
      );
    }
  }
  return recorder.operations();
}

function takeOpen(open: Map<string, number>, process: string, line: string): number {
  const operation = open.get(process);
  if (operation === undefined) throw new Error(`no operation of this process is open: ${line}`);
  open.delete(process);
  return operation;
}
