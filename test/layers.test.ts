import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The rules on layers look at syntax alone, so this one needs no types, and is quick. */
const syntaxLint = new ESLint({ cwd: root, overrideConfig: tseslint.configs.disableTypeChecked });
const typeLint = new ESLint({ cwd: root });

/** What the linter says of `text`, if it were the whole of the package's index.ts, about anything but its style. */
async function complaints(lint: ESLint, packageName: string, text: string): Promise<string[]> {
  const results = await lint.lintText(text, { filePath: `packages/${packageName}/src/index.ts` });
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message }) => (ruleId === null ? `not linted: ${message}` : ruleId)),
  );
}

const imports = "@typescript-eslint/no-restricted-imports";

/** The lines of the package's index.ts, if it were these, that import what must not be imported. Nothing else is wrong. */
async function refusedLines(packageName: string, lines: readonly string[]): Promise<string[]> {
  const results = await syntaxLint.lintText(`${lines.join("\n")}\n`, {
    filePath: `packages/${packageName}/src/index.ts`,
  });
  const messages = results.flatMap((result) => result.messages);
  expect(messages.filter(({ ruleId }) => ruleId !== imports)).toEqual([]);
  return messages.map(({ line }) => lines[line - 1]!);
}

const globals = "no-restricted-globals";
const properties = "no-restricted-properties";
const syntax = "no-restricted-syntax";
const types = "@typescript-eslint/no-restricted-types";

const packageNames = ["core", "replica", "linearizability", "sim", "explore", "client", "node", "recipes", "cli"];
const mayImport: Record<string, readonly string[]> = {
  core: [],
  replica: ["@balsa/core"],
  linearizability: [],
  sim: ["@balsa/core", "@balsa/replica", "@balsa/linearizability"],
  explore: ["@balsa/core"],
  client: ["@balsa/core", "@balsa/replica", "node:fs", "node:fs/promises"],
  node: ["@balsa/core", "@balsa/replica", "@balsa/client", "@balsa/client/connection", "node:fs", "node:fs/promises"],
  recipes: ["@balsa/replica", "croner"],
  cli: [
    "@balsa/core",
    "@balsa/replica",
    "@balsa/linearizability",
    "@balsa/sim",
    "@balsa/explore",
    "@balsa/client",
    "@balsa/client/connection",
    "@balsa/node",
    "commander",
    "pino",
    "prom-client",
    "node:fs",
    "node:fs/promises",
  ],
};
const everyImport = [
  ...mayImport["cli"]!,
  "balsa",
  "@balsa/core/dist/entry.js",
  "fs",
  "fast-check",
  "pure-rand",
  "croner",
  "@balsa/recipes",
];

describe("a package imports what the table of layers allows, and nothing else", () => {
  for (const name of packageNames) {
    test(name, async () => {
      const lines = everyImport.flatMap((specifier, i) => [
        `import "${specifier}";`,
        `import * as everything${String(i)} from "${specifier}";`,
        `import type { Some as Some${String(i)} } from "${specifier}";`,
        `export * from "${specifier}";`,
      ]);
      const used = everyImport.map(
        (_, i) => `export const one${String(i)}: Some${String(i)} = everything${String(i)};`,
      );
      const refused = lines.filter((line) => !mayImport[name]!.includes(/"(.*)"/u.exec(line)![1]!));
      expect(await refusedLines(name, [...lines, ...used])).toEqual(refused);
    });
  }

  test("every package is in the table", () => {
    expect(readdirSync(new URL("../packages/", import.meta.url)).sort()).toEqual([...packageNames].sort());
  });

  test("a relative path does not lead out of the package", async () => {
    for (const name of packageNames) {
      for (const path of [
        "../../sim/src/index.js",
        "../../core/dist/index.js",
        "../test/help.js",
        "../../../bench/run.js",
      ]) {
        expect(await complaints(syntaxLint, name, `export * from "${path}";\n`), `${name}: ${path}`).toEqual([imports]);
      }
      expect(await complaints(syntaxLint, name, 'export * from "./one.js";\nexport * from "./sub/two.js";\n')).toEqual(
        [],
      );
    }
  });
});

/** Each does what a package that is a function of its inputs must not do; with the rule that has to say so. */
const impure: readonly (readonly [what: string, text: string, rule: string])[] = [
  ["asks for the time", "export const now = Date.now();", globals],
  ["makes a date", "export const now = new Date();", globals],
  ["measures", "export const now = performance.now();", globals],
  ["names the type of a date", "export type When = Date;", types],
  ["draws a number", "export const drawn = Math.random();", properties],
  ["draws a number by another name", "export const { random } = Math;", properties],
  ["draws bytes", "export const drawn = crypto.randomUUID();", globals],
  ["sets a timer", "setTimeout(() => undefined, 1);", globals],
  ["sets a repeated timer", "setInterval(() => undefined, 1);", globals],
  ["defers to the event loop", "setImmediate(() => undefined);", globals],
  ["defers to a microtask", "queueMicrotask(() => undefined);", globals],
  ["makes a promise", "export const later = new Promise(() => undefined);", globals],
  ["resolves a promise", "export const later = Promise.resolve(1);", globals],
  ["names the type of a promise", "export interface Later { readonly value: Promise<number>; }", types],
  ["is an async function", "export async function later() {}", syntax],
  ["is an async arrow", "export const later = async () => undefined;", syntax],
  ["is an async method", "export class Later { async value() {} }", syntax],
  ["is an async generator", "export async function* later() { yield 1; }", syntax],
  ["awaits at the top", "await 1;\nexport {};", syntax],
  ["imports on demand", 'export const later = import("./entry.js");', syntax],
  ["asks where it is", "export const here = import.meta.url;", syntax],
  ["asks what it runs on", "export const home = process.env;", globals],
  ["asks for all globals", "export const all = globalThis;", globals],
  ["iterates without order", "export const keys: string[] = [];\nfor (const key in { a: 1 }) keys.push(key);", syntax],
  ["watches the garbage collector", "export const weak = new WeakRef({});", globals],
  ["compares as the locale does", 'export const order = "a".localeCompare("b");', properties],
  ["formats as the locale does", "export const format = new Intl.NumberFormat();", globals],
  ["computes what engines round differently", "export const spread = Math.log(3);", properties],
];

describe.each(["core", "replica", "linearizability", "sim"])("%s is a function of its inputs", (name) => {
  test.each(impure)("what %s is refused", async (_what, text, rule) => {
    expect(await complaints(syntaxLint, name, `${text}\n`)).toContain(rule);
  });

  test("plain code is not refused", async () => {
    const text = [
      "export function sum(values: ReadonlyMap<string, number>): number {",
      "  let total = 0;",
      "  for (const value of values.values()) total += Math.max(Math.floor(value), 0);",
      "  return structuredClone(total);",
      "}",
      "",
    ].join("\n");
    expect(await complaints(syntaxLint, name, text)).toEqual([]);
  });
});

describe("the rules that need types are at work", () => {
  const unfinished =
    'type Role = "leader" | "follower";\nexport function rank(role: Role): number {\n  switch (role) {\n';
  const mistakes = [
    [
      "client",
      "a promise that nobody waits for",
      "async function save(): Promise<void> {\n  await Promise.resolve();\n}\nsave();\n",
      "@typescript-eslint/no-floating-promises",
    ],
    [
      "client",
      "a switch that misses a case",
      `${unfinished}    case "leader":\n      return 1;\n  }\n  return 0;\n}\n`,
      "@typescript-eslint/switch-exhaustiveness-check",
    ],
    [
      "core",
      "a switch whose default hides a missing case",
      `${unfinished}    case "leader":\n      return 1;\n    default:\n      return 0;\n  }\n}\n`,
      "@typescript-eslint/switch-exhaustiveness-check",
    ],
    [
      "sim",
      "numbers sorted as strings",
      "export const indexes = [10, 9].sort();\n",
      "@typescript-eslint/require-array-sort-compare",
    ],
  ] as const;

  test.each(mistakes)("in %s, %s is refused", async (name, _what, text, rule) => {
    expect(await complaints(typeLint, name, text)).toEqual([rule]);
  });
});
