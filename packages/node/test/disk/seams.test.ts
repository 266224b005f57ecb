import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeClock } from "../../../../test/seams/clockSuite.js";
import { describeDisk } from "../../../../test/seams/diskSuite.js";
import { FileDisk, REAL_FILE_SYSTEM, SystemClock, type FileSystem } from "../../src/index.js";

/** Counts calls of the operating system that have not come back, so that a test knows when all is over. */
function counted(): { readonly fileSystem: FileSystem; readonly idle: () => boolean } {
  let underWay = 0;
  const wrap =
    (operation: (...args: unknown[]) => void) =>
    (...args: unknown[]): void => {
      underWay += 1;
      const done = args.pop() as (...results: unknown[]) => void;
      operation(...args, (...results: unknown[]) => {
        underWay -= 1;
        done(...results);
      });
    };
  const entries = Object.entries(REAL_FILE_SYSTEM) as [string, (...args: unknown[]) => void][];
  const used = [
    "open",
    "close",
    "read",
    "write",
    "fstat",
    "ftruncate",
    "fdatasync",
    "fsync",
    "readdir",
    "rename",
    "unlink",
  ];
  const wrapped = Object.fromEntries(
    entries.filter(([name]) => used.includes(name)).map(([name, f]) => [name, wrap(f)]),
  );
  return { fileSystem: wrapped as unknown as FileSystem, idle: () => underWay === 0 };
}

describeDisk("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "balsa-disk-"));
  const { fileSystem, idle } = counted();
  return {
    disk: new FileDisk(folder, [], fileSystem),
    settle: async () => {
      // What follows a completion begins in the same turn or the next: two quiet turns are the end.
      for (let quiet = 0; quiet < 3; quiet = idle() ? quiet + 1 : 0)
        await new Promise((resolve) => setImmediate(resolve));
    },
    close: () => {
      rmSync(folder, { recursive: true });
    },
  };
});

describeClock("the system's", () => ({
  clock: new SystemClock(),
  // The time that passes is what is under test.
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}));
