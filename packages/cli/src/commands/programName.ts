import type { CommandIo } from "../io.js";

/** How to call this command again: within an npm script it is not on the path. */
export function programName(io: CommandIo): string {
  return io.environment["npm_lifecycle_event"] === undefined ? "balsa" : "npx balsa";
}
