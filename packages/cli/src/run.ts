import { CommanderError, type Command } from "commander";
import { formatError, jsonError } from "./errorOutput.js";
import { EXIT } from "./exitStatus.js";
import { BrokenPipeError, write, type CommandIo } from "./io.js";
import { makeProgram } from "./program.js";
import { UsageError } from "./usageError.js";

/**
 * The whole command: reads the arguments (without the names of the runtime and the script), does what they ask, and
 * gives the exit status. Never rejects.
 */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    return await runOrThrow(args, io);
  } catch (error) {
    if (error instanceof BrokenPipeError) return EXIT.brokenPipe;
    return tellInternalError(error, args.includes("--json"), io);
  }
}

async function runOrThrow(args: readonly string[], io: CommandIo): Promise<number> {
  const asJson = args.includes("--json");
  let status: number = EXIT.ok;
  let help = "";
  let called: Command | null = null;
  const program = makeProgram(io, (given) => {
    status = given;
  });
  configureAll(
    program,
    (text) => {
      help += text;
    },
    (command) => {
      called = command;
    },
  );
  try {
    if (args.length === 0) {
      await write(io.stderr, program.helpInformation());
      return EXIT.usage;
    }
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) {
      await write(io.stdout, help);
      return EXIT.ok;
    }
    const mistake = error instanceof CommanderError ? fromCommander(error, called ?? program) : error;
    if (!(mistake instanceof UsageError)) throw mistake;
    if (asJson) await write(io.stdout, `${JSON.stringify({ ok: false, error: jsonError(mistake) })}\n`);
    await write(io.stderr, formatError(mistake));
    return EXIT.usage;
  }
}

/** Help is kept until it can be written with care for a slow or closed pipe; errors are told by us. */
function configureAll(program: Command, onHelp: (text: string) => void, onMistake: (command: Command) => void): void {
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride().helpOption("-h, --help", "print this help");
    if (command.commands.length > 0) command.helpCommand("help [command]", "print the help of a command");
    command.configureOutput({
      writeOut: onHelp,
      writeErr: onHelp,
      outputError: () => onMistake(command),
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
    });
  }
}

function fromCommander(error: CommanderError, command: Command): UsageError {
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const hint = rest.length === 0 ? "" : ` ${rest.join(" ")}`;
  const argument = /'(-{1,2}[^ ',=]+)/.exec(first)?.[1];
  // What is put may begin with a dash.
  const dash = error.code === "commander.unknownOption" && command.name() === "client";
  const more = dash ? " Put -- before words that begin with a dash." : "";
  const message = `${first}${hint} (${fullName(command)} --help tells what there is).${more}`;
  return new UsageError("BAD_ARGUMENT", message, argument === undefined ? {} : { argument }, { cause: error });
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

async function tellInternalError(error: unknown, asJson: boolean, io: CommandIo): Promise<number> {
  const story = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  try {
    if (asJson) await write(io.stdout, `${JSON.stringify({ ok: false, error: { code: "INTERNAL", message } })}\n`);
    await write(io.stderr, `balsa: an error of Balsa itself, please report it with the command you gave:\n${story}\n`);
  } catch (cause) {
    if (!(cause instanceof BrokenPipeError)) throw cause;
  }
  return EXIT.internal;
}
