import { join, resolve } from "node:path";
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
  const unusable = (error: unknown): never => {
    if (!(error instanceof Error && "code" in error) || error instanceof UsageError) throw error;
    throw new UsageError("FILE_ERROR", error.message, { argument: "--data" }, { cause: error });
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
  const ended = new Promise<"gone">((resolve) => (allGone = () => resolve("gone")));
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
        if (flags.quiet !== true) say(`${id} | ${line}`);
      },
      onServing: () => {
        serving += 1;
        if (serving === ids.length) say(whereToConnect(Object.values(members), Object.values(http)));
      },
      onGone: () => {
        gone += 1;
        if (gone === ids.length) allGone();
      },
    });
  });
  for (const process of processes) process.start();
  const how = await Promise.race([ended, whenAborted(terminated)]);
  if (how === "stopped") say("stopping");
  const forced = await Promise.all(processes.map((process) => process.stop()));
  await lock.release();
  return how === "gone" || forced.includes(true) ? EXIT.failed : EXIT.ok;
}

function whereToConnect(servers: readonly string[], http: readonly string[]): string {
  return [
    "The cluster is up. Ctrl-C stops it; its data stay for the next start. In another terminal:",
    `  balsa client --servers ${servers.join(",")}`,
    `  balsa status --servers ${servers.join(",")}`,
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
