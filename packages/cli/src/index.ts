export { EXIT } from "./exitStatus.js";
export type { CommandIo, PromptStreams, Output } from "./io.js";
export { main } from "./main.js";
export { run } from "./run.js";
export { UsageError, type UsageErrorCode, type UsageErrorPlace } from "./usageError.js";
