/** One step of a script: a command, and what it is expected to say. */
export interface ScriptStep {
  /** Empty lines and comments that stand before it. */
  readonly before: string;
  readonly command: string;
  readonly expected: string;
}

export interface Script {
  readonly steps: readonly ScriptStep[];
  /** What stands behind the last step. */
  readonly after: string;
}

const DIVIDER = "----";
/** What a command says when it has nothing to say. */
const SILENT = "ok";

/**
 * A script is a list of steps, each a command on one line, a line of four dashes, and what is expected up to the next empty
 * line; lines that begin with `#` in between are comments.
 * @throws Error naming the line where that is not so
 */
export function parseScript(text: string): Script {
  const lines = text.split("\n");
  const steps: ScriptStep[] = [];
  let before: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string;
    if (line.trim() === "" || line.startsWith("#")) {
      before.push(line);
      continue;
    }
    if (lines[at + 1] !== DIVIDER) throw new Error(`line ${at + 2}: behind a command stands ${DIVIDER}`);
    const end = lines.findIndex((other, i) => i > at + 1 && other.trim() === "");
    const expected = lines.slice(at + 2, end < 0 ? lines.length : end);
    steps.push({ before: before.map((each) => `${each}\n`).join(""), command: line, expected: expected.join("\n") });
    before = [];
    at += 1 + expected.length;
  }
  return { steps, after: before.join("\n") };
}

/** The script as it would read if all that `run` says had been expected. */
export function replayScript({ steps, after }: Script, run: (command: string) => readonly string[]): string {
  const replayed = steps.map(({ before, command }) => {
    const said = run(command);
    return `${before}${command}\n${DIVIDER}\n${said.length === 0 ? SILENT : said.join("\n")}\n`;
  });
  return replayed.join("") + after;
}
