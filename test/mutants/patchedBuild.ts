import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { Mutant } from "./mutant.js";

const PACKAGES = ["core", "replica", "linearizability", "sim"];
const SOURCES = fileURLToPath(new URL("../../packages/", import.meta.url));

/** The packages as JavaScript in a folder of their own, to be copied and patched there. */
export class PatchedBuilds {
  readonly #root = mkdtempSync(join(tmpdir(), "balsa-mutants-"));
  readonly #base = join(this.#root, "base");
  #count = 0;

  constructor() {
    mkdirSync(this.#base);
    writeFileSync(join(this.#base, "package.json"), JSON.stringify({ type: "module" }));
    const runner = fileURLToPath(new URL("runSeeds.ts", import.meta.url));
    transpile(join(this.#base, "runSeeds.ts"), readFileSync(runner, "utf8"));
    for (const name of PACKAGES) {
      const home = join(this.#base, "node_modules", "@balsa", name);
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, "package.json"), JSON.stringify({ type: "module", exports: "./src/index.js" }));
      const source = join(SOURCES, name, "src");
      for (const path of readdirSync(source, { recursive: true, encoding: "utf8" })) {
        if (path.endsWith(".ts")) transpile(join(home, "src", path), readFileSync(join(source, path), "utf8"));
      }
    }
  }

  /** Returns the folder of a build with this rule broken. */
  build({ file, find, replace }: Mutant): string {
    const text = readFileSync(join(SOURCES, file), "utf8");
    if (text.split(find).length !== 2) throw new Error(`«${find}» does not stand exactly once in ${file}`);
    const folder = join(this.#root, String((this.#count += 1)));
    cpSync(this.#base, folder, { recursive: true });
    const patched = text.replace(find, () => replace);
    transpile(join(folder, "node_modules", "@balsa", file), patched);
    return folder;
  }

  /** Returns the folder of the build with no rule broken. */
  get unbroken(): string {
    return this.#base;
  }

  remove(): void {
    rmSync(this.#root, { recursive: true });
  }
}

function transpile(path: string, text: string): void {
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path.replace(/\.ts$/, ".js"), ts.transpileModule(text, { compilerOptions }).outputText);
}
