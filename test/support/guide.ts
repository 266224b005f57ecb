import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The code that a guide shows must stand in the examples, which are checked and run. */
export function expectCodeOfExamples(guide: string, folder: string, atLeast = 6): void {
  const sources = readdirSync(join(root, folder)).filter((name) => name.endsWith(".ts"));
  const examples = sources.map((name) => readFileSync(join(root, folder, name), "utf8"));
  // A piece of an example may stand in the guide without the indentation around it.
  const bare = (code: string): string => code.replaceAll(/^ +/gmu, "").trim();
  const text = readFileSync(join(root, guide), "utf8");
  const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/gu)].map(([, code]) => bare(code!));
  expect(blocks.length).toBeGreaterThanOrEqual(atLeast);
  for (const block of blocks) {
    expect(
      examples.some((example) => bare(example).includes(block)),
      `stands in an example:\n${block}`,
    ).toBe(true);
  }
}
