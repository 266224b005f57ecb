import type { TraceEvent } from "@balsa/sim";
import { PerfettoTrace } from "./perfettoTrace.js";
import { TraceFile } from "./traceFile.js";

/** Writes a run's events to a file, in the form that the file's name asks for. */
export interface Tracer {
  take(event: TraceEvent): void;
  /** Writes out what was taken; to be awaited between slices of the run. */
  flush(): Promise<void>;
  /** Writes what only the end of the run tells, and closes the file. */
  finish(endMs: number): Promise<void>;
}

/**
 * JSON lines; for a name that ends in `.perfetto.json` the trace event format instead.
 * @throws UsageError when the file can't be made.
 */
export async function createTracer(path: string): Promise<Tracer> {
  const file = await TraceFile.create(path);
  return path.endsWith(".perfetto.json") ? perfettoTracer(file) : jsonLinesTracer(file);
}

function jsonLinesTracer(file: TraceFile): Tracer {
  return {
    take: (event) => {
      file.append(`${JSON.stringify(event)}\n`);
    },
    flush: () => file.flush(),
    finish: () => file.close(),
  };
}

function perfettoTracer(file: TraceFile): Tracer {
  let first = true;
  file.append('{"displayTimeUnit":"ms","traceEvents":[\n');
  const trace = new PerfettoTrace((event) => {
    file.append(`${first ? "" : ",\n"}${JSON.stringify(event)}`);
    first = false;
  });
  return {
    take: (event) => {
      trace.take(event);
    },
    flush: () => file.flush(),
    finish: async (endMs) => {
      trace.finish(endMs);
      file.append("\n]}\n");
      await file.close();
    },
  };
}
