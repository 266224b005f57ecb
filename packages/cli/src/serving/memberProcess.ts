import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EXIT } from "../exitStatus.js";

const COMMAND = fileURLToPath(new URL("../../bin/balsa.js", import.meta.url));
const STOP_TIMEOUT_MS = 8_000;
/** Ends of one member within a minute, after which it is not started again. */
const MAX_ENDS_A_MINUTE = 10;
const RESTART_BASE_MS = 100;
const RESTART_MAX_MS = 5_000;

export interface MemberProcessOptions {
  readonly id: string;
  readonly args: readonly string[];
  readonly restart: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A line that it wrote. */
  readonly onLine: (line: string) => void;
  /** Something to be said of it. */
  readonly onNote: (note: string) => void;
  /** It says that it serves. */
  readonly onServing: () => void;
  /** It has ended for good. */
  readonly onGone: () => void;
  /** It could not start, and could not the next time: the last line that it wrote says why. */
  readonly onUnable: (why: string) => void;
}

/** A member in a process of its own, started again when it dies. */
export class MemberProcess {
  readonly #options: MemberProcessOptions;
  #child: ChildProcess | null = null;
  #stopping = false;
  #hasServed = false;
  #lastLine = "";
  #kill: (() => void) | null = null;
  #ends: number[] = [];
  #restart: NodeJS.Timeout | null = null;

  constructor(options: MemberProcessOptions) {
    this.#options = options;
  }

  start(): void {
    const { args, environment, onLine, onServing } = this.#options;
    // A group of its own, so that the terminal's Ctrl-C comes to the parent alone, which then stops all in good order.
    // Its standard input ends with this process, also when that is killed: no member is left behind without its parent.
    const child = spawn(process.execPath, [COMMAND, "serve", "--until-stdin-ends", ...args], {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      env: { ...environment },
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      onLine(line);
      if (!line.includes(" serves at ")) return;
      this.#hasServed = true;
      onServing();
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      this.#lastLine = line;
      onLine(line);
    });
    child.once("error", (error) => this.#options.onNote(`could not be started: ${error.message}`));
    // After its last line, where there is one.
    child.once("close", (code, signal) => this.#ended(code, signal));
  }

  /** Ends it in good order, and by force when that takes too long. Resolves to whether force was needed. */
  stop(): Promise<boolean> {
    this.#stopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return Promise.resolve(false);
    return new Promise((resolve) => {
      let forced = false;
      this.#kill = () => {
        forced = true;
        child.kill("SIGKILL");
      };
      const timer = setTimeout(() => {
        this.#options.onNote(`did not stop within ${String(STOP_TIMEOUT_MS / 1_000)} s, and is killed`);
        this.kill();
      }, STOP_TIMEOUT_MS);
      child.once("exit", () => {
        clearTimeout(timer);
        resolve(forced);
      });
      child.kill("SIGTERM");
    });
  }

  /** Where `stop` takes too long: by force, at once. */
  kill(): void {
    this.#kill?.();
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    const { onNote, onGone, onUnable, restart } = this.#options;
    const how = signal ?? `status ${String(code)}`;
    this.#child = null;
    if (this.#stopping) return;
    if (code === EXIT.usage && !this.#hasServed) return onUnable(this.#lastLine);
    const now = performance.now();
    this.#ends = [...this.#ends.filter((at) => now - at < 60_000), now];
    if (!restart || this.#ends.length > MAX_ENDS_A_MINUTE) {
      onNote(`has ended (${how})${restart ? " too often, and is not started again" : ""}`);
      return onGone();
    }
    const delayMs = Math.min(RESTART_MAX_MS, RESTART_BASE_MS * 2 ** (this.#ends.length - 1));
    onNote(`has ended (${how}), and starts again in ${String(delayMs)} ms`);
    this.#restart = setTimeout(() => this.start(), delayMs);
  }
}
