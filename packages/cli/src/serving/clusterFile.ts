import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../usageError.js";
import { freePorts, whyNotFree } from "./freePorts.js";

/** Where the members of a cluster that `balsa up` runs are to be found, the same at each start. */
export interface ClusterFile {
  readonly version: 1;
  readonly members: Readonly<Record<string, string>>;
  readonly http: Readonly<Record<string, string>>;
}

const NAME = "cluster.json";

/**
 * Takes up the cluster in a folder, or makes one.
 * @throws UsageError
 */
export async function openClusterFile(
  folder: string,
  nodes: number | null,
  basePort: number | null,
): Promise<ClusterFile> {
  const path = join(folder, NAME);
  const found = read(path);
  if (found === null) {
    const count = nodes ?? 3;
    if (basePort !== null) await checkFree(basePort, 2 * count);
    const ports =
      basePort === null ? await freePorts(2 * count) : Array.from({ length: 2 * count }, (_, i) => basePort + i);
    const ids = Array.from({ length: count }, (_, i) => `n${String(i + 1)}`);
    const at = (from: number) => Object.fromEntries(ids.map((id, i) => [id, `127.0.0.1:${String(ports[from + i])}`]));
    const made: ClusterFile = { version: 1, members: at(0), http: at(count) };
    writeFileSync(`${path}.tmp`, `${JSON.stringify(made, null, 2)}\n`);
    renameSync(`${path}.tmp`, path);
    return made;
  }
  const there = Object.keys(found.members).length;
  if (nodes !== null && nodes !== there) {
    throw new UsageError(
      "BAD_ARGUMENT",
      `--nodes is ${String(nodes)}, and ${folder} holds a cluster of ${String(there)}. Leave the flag out, take another folder, or change the membership with balsa member.`,
      { argument: "--nodes" },
    );
  }
  const [first = ""] = Object.values(found.members);
  if (basePort !== null && !first.endsWith(`:${String(basePort)}`)) {
    throw new UsageError(
      "BAD_ARGUMENT",
      `--base-port is ${String(basePort)}, and the cluster in ${folder} begins at ${first}. Leave the flag out, or take another folder.`,
      { argument: "--base-port" },
    );
  }
  return found;
}

/** Ports are kept with the data: so none is taken up that can't be listened on. @throws UsageError */
async function checkFree(from: number, count: number): Promise<void> {
  for (let port = from; port < from + count; port++) {
    const error = await whyNotFree(port);
    if (error === null) continue;
    const why = error.code === "EADDRINUSE" ? "is in use" : `can't be listened on (${String(error.code)})`;
    throw new UsageError(
      "BAD_ARGUMENT",
      `Ports ${String(from)} to ${String(from + count - 1)} are needed, and ${String(port)} ${why}. Give another --base-port, or none.`,
      { argument: "--base-port" },
    );
  }
}

function read(path: string): ClusterFile | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    const value = JSON.parse(text) as Partial<ClusterFile>;
    const { members, http } = value;
    if (value.version === 1 && isRecord(members) && isRecord(http)) return { version: 1, members, http };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new UsageError("FILE_ERROR", `${path} is no description of a cluster. Put it right, or take another folder.`);
}

function isRecord(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).length > 0 && Object.values(value).every((address) => typeof address === "string");
}
