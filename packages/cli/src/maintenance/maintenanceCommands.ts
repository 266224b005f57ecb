import type { Command } from "commander";
import type { CommandIo } from "../io.js";
import { addLogCommands } from "./logCommands.js";
import { addRecoverCommand } from "./recoverCommand.js";
import { addSnapshotCommands } from "./snapshotCommands.js";

/** Adds the commands for what lies on disk, and for what has gone wrong. */
export function addMaintenanceCommands(program: Command, io: CommandIo, finish: (status: number) => void): void {
  addSnapshotCommands(program, io, finish);
  addLogCommands(program, io, finish);
  addRecoverCommand(program, io, finish);
}
