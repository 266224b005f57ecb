import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const manifests = readdirSync(new URL("packages/", root))
  .map((folder) => `packages/${folder}/package.json`)
  .filter((path) => existsSync(new URL(path, root)))
  .concat("package.json")
  .map((path) => ({ path, manifest: JSON.parse(read(path)) as Manifest }));

describe.each(manifests)("$path", ({ manifest }) => {
  test("is under the MIT licence", () => {
    expect(manifest.license).toBe("MIT");
  });

  test("runs on Node.js 20.19 and later", () => {
    expect(manifest.engines?.node).toMatch(/^>=20\.19(\.0)?$/);
  });

  test("has exact versions, and each dependency is explained", () => {
    const explained = read("docs/dependencies.md");
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
      if (!name.startsWith("@balsa/")) expect(explained).toContain(`- \`${name}\``);
    }
  });
});

test("the lock file names no registry", () => {
  expect(read("package-lock.json")).not.toMatch(/"resolved": "http/);
});

test("every exception from a lint rule gives its reason", () => {
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: fileURLToPath(root),
    encoding: "utf8",
  });
  const sources = files.split("\n").filter((path) => /\.(m?js|ts)$/.test(path) && existsSync(new URL(path, root)));
  const unexplained = sources.flatMap((path) =>
    read(path)
      .split("\n")
      .map((line, index) => ({ line, place: `${path}:${index + 1}` }))
      .filter(({ line }) => /^\s*(\/\/|\/\*).*eslint-disable/.test(line) && !/eslint-disable.* -- \S/.test(line))
      .map(({ place }) => place),
  );
  expect(unexplained).toEqual([]);
});
