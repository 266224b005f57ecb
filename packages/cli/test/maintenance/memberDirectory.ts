import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { simpleConfiguration, type Entry } from "@balsa/core";
import { FileDisk, writeIdentity } from "@balsa/node";
import { encodeEnvelope, writeFreshLog, type LogContent } from "@balsa/replica";

export const FIRST_SEGMENT = "log-0000000000000001.segment";

/** Makes the data directory of a member whose log says what is given. */
export async function makeMember(
  directory: string,
  id: string,
  { members = [id], commands = 3, more = [], content = {} }: MemberContent = {},
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  writeIdentity(directory, { clusterId: "balsa", id });
  const entries: Entry[] = [
    { index: 1, term: 1, kind: "configuration", data: new Uint8Array(0), configuration: simpleConfiguration(members) },
    { index: 2, term: 2, kind: "noop", data: new Uint8Array(0), configuration: null },
  ];
  for (let i = 1; i <= commands; i++) entries.push(command(2 + i, 2, `command ${String(i)}`));
  entries.push(...more);
  const log: LogContent = { hardState: { term: 2, vote: id }, snapshot: null, entries, ...content };
  await new Promise<void>((resolve, reject) => {
    writeFreshLog(new FileDisk(directory, ["IDENTITY"]), { random: () => 0.5 }, new Map([[1, log]]), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

export interface MemberContent {
  readonly members?: readonly string[];
  readonly commands?: number;
  /** Entries behind those. */
  readonly more?: readonly Entry[];
  readonly content?: Partial<LogContent>;
}

export function command(index: number, term: number, text: string): Entry {
  const data = encodeEnvelope({ kind: "plain", clusterTimeMs: index, payload: new TextEncoder().encode(text) });
  return { index, term, kind: "command", data, configuration: null };
}

/** Changes one byte of a file. */
export function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] as number) ^ 0x40;
  writeFileSync(path, bytes);
}

/** Fingerprints of all files of a directory, with those below it. */
export function filesOf(directory: string): ReadonlyMap<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(names.sort().map((path) => [path, createHash("sha256").update(readFileSync(path)).digest("hex")]));
}
