import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript";
import type { Patch } from "./mutant.js";

/** What a build is made of, and which file beside this one is run in it. */
export interface BuildPlan {
  readonly packages: readonly string[];
  readonly runner: string;
}

const SIMULATION: BuildPlan = { packages: ["core", "replica", "linearizability", "sim"], runner: "hunt.ts" };

/** The packages as JavaScript in a folder of their own, once as they are and once more for each broken rule. */
export class PatchedBuilds {
  readonly #sources: string;
  readonly #root = mkdtempSync(join(tmpdir(), "balsa-mutants-"));
  readonly #base = join(this.#root, "base");
  readonly #files: string[] = [];
  #count = 0;

  /** @param repository its root folder */
  constructor(repository: string, { packages, runner }: BuildPlan = SIMULATION) {
    this.#sources = join(repository, "packages");
    this.#add("package.json", JSON.stringify({ type: "module" }));
    const source = readFileSync(join(repository, "test", "mutants", runner), "utf8");
    this.#add(asJavaScript(runner), transpiled(source));
    for (const name of packages) {
      const home = join("node_modules", "@balsa", name);
      this.#add(join(home, "package.json"), JSON.stringify({ type: "module", exports: "./src/index.js" }));
      const folder = join(this.#sources, name, "src");
      for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!path.endsWith(".ts")) continue;
        this.#add(join(home, "src", asJavaScript(path)), transpiled(readFileSync(join(folder, path), "utf8")));
      }
    }
  }

  /** The folder of a build with a rule broken by these patches. */
  build(...patches: readonly Patch[]): string {
    const patched = new Map<string, string>();
    for (const [file, text] of patchedSources(this.#sources, patches)) {
      patched.set(join("node_modules", "@balsa", asJavaScript(file)), transpiled(text));
    }
    const folder = join(this.#root, String((this.#count += 1)));
    // All other files are the same ones, which costs next to nothing.
    for (const file of this.#files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      const text = patched.get(file);
      if (text === undefined) linkSync(join(this.#base, file), join(folder, file));
      else writeFileSync(join(folder, file), text);
    }
    return folder;
  }

  /** The folder of the build with no rule broken. */
  get unbroken(): string {
    return this.#base;
  }

  remove(): void {
    rmSync(this.#root, { recursive: true });
  }

  #add(file: string, text: string): void {
    mkdirSync(dirname(join(this.#base, file)), { recursive: true });
    writeFileSync(join(this.#base, file), text);
    this.#files.push(file);
  }
}

/**
 * The source texts, by file, with a rule broken by these patches.
 * @param packages the folder that files of patches are relative to
 */
export function patchedSources(packages: string, patches: readonly Patch[]): ReadonlyMap<string, string> {
  const patched = new Map<string, string>();
  for (const { file, find, replace } of patches) {
    const text = patched.get(file) ?? readFileSync(join(packages, file), "utf8");
    if (text.split(find).length !== 2) throw new Error(`«${find}» does not stand exactly once in ${file}`);
    patched.set(
      file,
      text.replace(find, () => replace),
    );
  }
  return patched;
}

function asJavaScript(path: string): string {
  return path.replace(/\.ts$/, ".js");
}

function transpiled(text: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}
