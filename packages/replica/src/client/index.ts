export type { PipelinedCommand } from "./pipelinedCommand.js";
export { SessionPipeline, type PipelineTransport, type SessionPipelineOptions } from "./sessionPipeline.js";
