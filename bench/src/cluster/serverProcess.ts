import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, readFileSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export { freePorts } from "../../../packages/cli/dist/serving/freePorts.js";

const COMMAND = fileURLToPath(new URL("../../../packages/cli/bin/balsa.js", import.meta.url));

export interface ServerOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where its output goes. */
  readonly logFile: string;
}

/** A server in a process of its own, which can be killed, stopped, continued and started again. */
export class ServerProcess {
  readonly name: string;
  readonly #options: ServerOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;

  constructor(options: ServerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#log = createWriteStream(options.logFile, { flags: "a" });
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it with these arguments beside its own. */
  start(more: readonly string[] = []): void {
    if (this.#child !== null) return;
    const { command } = this.#options;
    const args = [...this.#options.args, ...more];
    const environment = { ...process.env, BALSA_LOG: process.env["BALSA_LOG"] ?? "info", BALSA_LOG_FORMAT: "human" };
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: environment });
    this.#child = child;
    child.stdout.pipe(this.#log, { end: false });
    child.stderr.pipe(this.#log, { end: false });
    child.once("exit", (code, signal) => {
      this.#log.write(`-- ended with ${signal ?? `status ${String(code)}`}\n`);
      if (this.#child === child) this.#child = null;
    });
  }

  /** Sends a signal; resolves at once but for those that end the process. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ends = signal === "SIGKILL" || signal === "SIGTERM";
    if (!ends) {
      child.kill(signal);
      return;
    }
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    await ended;
  }

  /** Resident memory in MiB, on Linux. */
  residentMiB(): number {
    const match = /VmRSS:\s+(\d+) kB/u.exec(readFileSync(`/proc/${String(this.pid)}/status`, "utf8"));
    return Number(match?.[1] ?? 0) / 1024;
  }
}

/** A member of a Balsa cluster, as `balsa serve` runs it. */
export function balsaServer(
  id: string,
  listen: string,
  members: Readonly<Record<string, string>>,
  folder: string,
  more: readonly string[] = [],
): ServerProcess {
  const list = Object.entries(members)
    .map(([member, address]) => `${member}=${address}`)
    .join(",");
  const args = [
    COMMAND,
    "serve",
    "--id",
    id,
    "--data",
    join(folder, id),
    "--listen",
    listen,
    "--members",
    list,
    ...more,
  ];
  return new ServerProcess({ name: id, command: process.execPath, args, logFile: join(folder, `${id}.log`) });
}
