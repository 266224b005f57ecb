import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript";
import type { Mutant } from "./mutant.js";

const PACKAGES = ["core", "replica", "linearizability", "sim"];

/** The packages as JavaScript in a folder of their own, once as they are and once more for each patch. */
export class PatchedBuilds {
  readonly #sources: string;
  readonly #root = mkdtempSync(join(tmpdir(), "balsa-mutants-"));
  readonly #base = join(this.#root, "base");
  readonly #files: string[] = [];
  #count = 0;

  /** @param repository its root folder */
  constructor(repository: string) {
    this.#sources = join(repository, "packages");
    this.#add("package.json", JSON.stringify({ type: "module" }));
    this.#add("hunt.js", transpiled(readFileSync(join(repository, "test", "mutants", "hunt.ts"), "utf8")));
    for (const name of PACKAGES) {
      const home = join("node_modules", "@balsa", name);
      this.#add(join(home, "package.json"), JSON.stringify({ type: "module", exports: "./src/index.js" }));
      const source = join(this.#sources, name, "src");
      for (const path of readdirSync(source, { recursive: true, encoding: "utf8" })) {
        if (!path.endsWith(".ts")) continue;
        this.#add(join(home, "src", asJavaScript(path)), transpiled(readFileSync(join(source, path), "utf8")));
      }
    }
  }

  /** The folder of a build with this rule broken. */
  build(mutant: Mutant): string {
    const patched = join("node_modules", "@balsa", asJavaScript(mutant.file));
    const text = transpiled(patchedSource(this.#sources, mutant));
    const folder = join(this.#root, String((this.#count += 1)));
    // All files but one are the same ones, which costs next to nothing.
    for (const file of this.#files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      if (file === patched) writeFileSync(join(folder, file), text);
      else linkSync(join(this.#base, file), join(folder, file));
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
 * The source text with the rule broken.
 * @param packages the folder that the mutant's file is relative to
 */
export function patchedSource(packages: string, { file, find, replace }: Mutant): string {
  const text = readFileSync(join(packages, file), "utf8");
  if (text.split(find).length !== 2) throw new Error(`«${find}» does not stand exactly once in ${file}`);
  return text.replace(find, () => replace);
}

function asJavaScript(path: string): string {
  return path.replace(/\.ts$/, ".js");
}

function transpiled(text: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}
