import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { recordingFiles } from "@balsa/node";
import { readRecordingPart, type RecordingPart } from "@balsa/replica";
import { RecordingChecks, replayRecording, type RecordedViolation, type Replay } from "@balsa/sim";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { MaintenanceError } from "../maintenance/maintenanceError.js";
import { orTellFailure } from "../maintenance/orTellFailure.js";
import { renderReplay, renderViolations } from "./renderReplay.js";

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
      await write(io.stdout, asJson ? asJsonLine(directory, found, violations) : renderReplay(directory, found));
      if (!asJson) await write(io.stdout, renderViolations(violations));
    }
    return isExact ? EXIT.ok : EXIT.violated;
  });
}

/** @throws MaintenanceError, RecordingFormatError, DecodeError */
function replayDirectory(directory: string, checks: RecordingChecks): Replay {
  const names = recordingFiles(listDirectory(directory));
  const found = replayRecording(partsIn(directory, names), checks);
  if (found !== null) return found;
  throw new MaintenanceError(
    "UNUSABLE",
    `${directory} holds no recording (recording-*.balsa). Name the directory that was given to --record.`,
  );
}

function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (cause) {
    throw new MaintenanceError("UNUSABLE", `${directory} can't be read: ${(cause as Error).message}`, { cause });
  }
}

/** One at a time, for together they may be longer than memory. */
function* partsIn(directory: string, names: readonly string[]): Generator<RecordingPart> {
  for (const [at, name] of names.entries()) {
    const bytes = readFileSync(join(directory, name));
    // A process that was killed as it began a part has left one with nothing whole in it.
    if (bytes.length === 0 && at === names.length - 1) return;
    let part: RecordingPart;
    try {
      part = readRecordingPart(bytes);
    } catch (cause) {
      const message = `${join(directory, name)}: ${(cause as Error).message}`;
      throw new MaintenanceError("UNUSABLE", message, { cause });
    }
    yield part;
  }
}

function asJsonLine(directory: string, found: Replay, violations: readonly RecordedViolation[]): string {
  const { member, ...rest } = found;
  const { id, group } = member;
  return `${JSON.stringify({ directory, id, group, exact: found.difference === null, ...rest, violations })}\n`;
}
