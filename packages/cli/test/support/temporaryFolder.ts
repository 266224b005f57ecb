import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

/** Makes files in a folder of their own, which goes after each test. */
export function temporaryFolder(): (name: string, content?: string | Uint8Array) => string {
  let folder: string | null = null;
  afterEach(() => {
    if (folder !== null) rmSync(folder, { recursive: true });
    folder = null;
  });
  return (name, content) => {
    folder ??= mkdtempSync(join(tmpdir(), "balsa-cli-"));
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content);
    return path;
  };
}
