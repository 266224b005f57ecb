import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readRecordingFile, recordingFiles } from "@balsa/node";
import { readRecordingPart, type RecordingPart } from "@balsa/replica";
import { RecordingChecks, replayRecording, type RecordedViolation } from "@balsa/sim";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { MaintenanceError } from "../maintenance/maintenanceError.js";
import { orTellFailure } from "../maintenance/orTellFailure.js";
import { renderReplay, type ReplayedDirectory } from "./renderReplay.js";

export interface ReplayFlags {
  readonly json?: true;
}

/** `balsa replay`: feeds recordings to the same code. Gives status 1 where something differs, or a rule is broken. */
export function replay(directories: readonly string[], flags: ReplayFlags, io: CommandIo): Promise<number> {
  io.endOnInterrupt();
  const asJson = flags.json === true;
  return orTellFailure(asJson, io, async () => {
    const checks = new RecordingChecks();
    let isExact = true;
    for (const directory of directories) {
      const before = checks.violations.length;
      const found = replayDirectory(directory, checks);
      const violations = checks.violations.slice(before);
      isExact &&= found.difference === null && violations.length === 0;
      await write(io.stdout, asJson ? asJsonLine(found, violations) : renderReplay(found, violations));
    }
    return isExact ? EXIT.ok : EXIT.violated;
  });
}

/** @throws MaintenanceError, DecodeError */
function replayDirectory(directory: string, checks: RecordingChecks): ReplayedDirectory {
  const parts = new PartsOfDirectory(directory);
  const found = replayRecording(parts, checks);
  if (found !== null) return { ...found, directory, tornBytes: parts.tornBytes };
  throw new MaintenanceError(
    "UNUSABLE",
    `${directory} holds no recording (recording-*.balsa). Name the directory that was given to --record.`,
  );
}

/** Reads one file at a time, for together they may be longer than memory. */
class PartsOfDirectory implements Iterable<RecordingPart> {
  readonly #directory: string;
  /** Bytes at the ends of files that a crash has torn. */
  tornBytes = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws MaintenanceError */
  *[Symbol.iterator](): Generator<RecordingPart> {
    const names = recordingFiles(this.#read("", () => readdirSync(this.#directory)));
    for (const name of names) {
      const { blocks, tornBytes } = this.#read(name, () =>
        readRecordingFile(readFileSync(join(this.#directory, name))),
      );
      this.tornBytes += tornBytes;
      // A process that was killed as it began its last part has left nothing in it.
      if (blocks.length === 0 && tornBytes === 0 && name === names[names.length - 1]) return;
      yield this.#read(name, () => readRecordingPart(blocks));
    }
  }

  #read<T>(name: string, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      const message = `${join(this.#directory, name)}: ${(cause as Error).message}`;
      throw new MaintenanceError("UNUSABLE", message, { cause });
    }
  }
}

function asJsonLine(found: ReplayedDirectory, violations: readonly RecordedViolation[]): string {
  const { member, ...rest } = found;
  const { id, group } = member;
  return `${JSON.stringify({ id, group, exact: found.difference === null, ...rest, violations })}\n`;
}
