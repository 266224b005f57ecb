import { join, resolve } from "node:path";
import { programName } from "../commands/programName.js";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { UsageError } from "../usageError.js";
import { openClusterFile } from "./clusterFile.js";
import { MemberProcess } from "./memberProcess.js";

export interface UpFlags {
  readonly nodes?: number;
  readonly data: string;
  readonly basePort?: number;
  /** False with `--no-restart`. */
  readonly restart: boolean;
  readonly quiet?: true;
}

/** Runs a whole cluster on this machine, each member in a process of its own, until it is told to stop. */
export async function up(flags: UpFlags, io: CommandIo): Promise<number> {
  const { lockDirectory, makeDirectory } = await import("@balsa/node");
  const terminated = io.terminated();
  const impatient = io.terminatedAgain();
  const unusable = (error: unknown): never => {
    if (!(error instanceof Error && "code" in error) || error instanceof UsageError) throw error;
    const message = error.message.replace("give this member a data directory", "give this cluster a data directory");
    throw new UsageError("FILE_ERROR", message, { argument: "--data" }, { cause: error });
  };
  const lock = await lockFolder().catch(unusable);
  const opened = openClusterFile(flags.data, flags.nodes ?? null, flags.basePort ?? null);
  const { members, http } = await opened.catch(async (error: unknown) => {
    await lock.release();
    return unusable(error);
  });
  async function lockFolder() {
    makeDirectory(resolve(flags.data));
    return lockDirectory(flags.data);
  }
  const ids = Object.keys(members);
  const list = ids.map((id) => `${id}=${String(members[id])}`).join(",");
  let serving = 0;
  let gone = 0;
  let allGone = (): void => undefined;
  let isStopping = false;
  let giveUp: (why: string) => void = () => undefined;
  const ended = new Promise<"gone">((resolve) => (allGone = () => resolve("gone")));
  const unable = new Promise<{ readonly why: string }>((resolve) => (giveUp = (why) => resolve({ why })));
  const say = (line: string): void => {
    // Whoever read this may be gone; the cluster goes on.
    write(io.stdout, `${line}\n`).catch(() => undefined);
  };
  const processes = ids.map((id) => {
    const address = String(members[id]);
    const beside = http[id] === undefined ? [] : ["--http", http[id]];
    const args = ["--id", id, "--data", join(flags.data, id), "--listen", address, "--members", list, ...beside];
    return new MemberProcess({
      id,
      args,
      restart: flags.restart,
      environment: { BALSA_LOG: "warn", BALSA_LOG_FORMAT: "human", ...io.environment },
      onLine: (line) => {
        // What members say of each other as they go is of no interest, unless somebody has asked for it.
        const isWanted = !isStopping || io.environment["BALSA_LOG"] !== undefined;
        if (flags.quiet !== true && isWanted) say(`${id} | ${withoutName(line, id)}`);
      },
      onNote: (note) => say(`${id} ${note}`),
      onUnable: (why) => giveUp(`${id} could not start: ${why.replace(/^balsa: /u, "")}`),
      onServing: () => {
        serving += 1;
        if (serving === ids.length) say(whereToConnect(programName(io), Object.values(members), Object.values(http)));
      },
      onGone: () => {
        gone += 1;
        if (gone === ids.length) allGone();
      },
    });
  });
  for (const process of processes) process.start();
  const how = await Promise.race([ended, unable, whenAborted(terminated)]);
  isStopping = true;
  if (how === "stopped") say("stopping; a second Ctrl-C kills what is left");
  impatient.addEventListener("abort", () => {
    for (const process of processes) process.kill();
  });
  const forced = await Promise.all(processes.map((process) => process.stop()));
  await lock.release();
  if (typeof how === "object") throw new UsageError("FILE_ERROR", how.why);
  return how === "gone" || forced.includes(true) ? EXIT.failed : EXIT.ok;
}

/** A member's line without the name of it, which stands before. */
function withoutName(line: string, id: string): string {
  if (line.startsWith(`${id} serves at `)) return line.slice(id.length + 1);
  return line.replace(` ${id}: `, " ");
}

function whereToConnect(program: string, servers: readonly string[], http: readonly string[]): string {
  return [
    "The cluster is up. Ctrl-C stops it; its data stay for the next start. In another terminal:",
    `  ${program} client --servers ${servers.join(",")}`,
    `  ${program} status --servers ${servers.join(",")}`,
    ...(http.length === 0 ? [] : [`  curl http://${String(http[0])}/metrics`]),
  ].join("\n");
}

function whenAborted(signal: AbortSignal): Promise<"stopped"> {
  return new Promise((resolve) => {
    const end = (): void => resolve("stopped");
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
