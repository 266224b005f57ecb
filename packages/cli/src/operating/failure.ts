import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";

/** Why a cluster did not do what it was asked for. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What is written of it, and the exit status that it makes. */
export interface Told {
  readonly out: string;
  readonly err: string;
  readonly status: number;
}

/** A failure for a person and, with `--json`, for a program; `line` is that of the input, from 1. */
export function describeFailure(
  failure: Failure,
  { json }: { readonly json?: true },
  interrupted: AbortSignal,
  line: number | null = null,
): Told {
  const place = line === null ? {} : { line };
  const out = json === true ? `${JSON.stringify({ ok: false, error: { ...failure, ...place } })}\n` : "";
  const before = line === null ? "" : `line ${String(line)}: `;
  const { code, message } = failure;
  const status = statusOf(code, interrupted);
  if (status === EXIT.interrupted) return { out, err: line === null ? "interrupted\n" : "", status };
  return { out, err: `${before}${code}: ${message}\n`, status };
}

/** Writes it, and gives the exit status. */
export async function tellFailure(failure: Failure, flags: { readonly json?: true }, io: CommandIo): Promise<number> {
  return tell(describeFailure(failure, flags, io.interrupted), io);
}

export async function tell({ out, err, status }: Told, io: CommandIo): Promise<number> {
  await write(io.stdout, out);
  await write(io.stderr, err);
  return status;
}

function statusOf(code: string, interrupted: AbortSignal): number {
  // That something may have been done says more than that somebody waits for it no longer.
  if (code === "UNKNOWN_OUTCOME") return EXIT.unknown;
  return interrupted.aborted ? EXIT.interrupted : EXIT.failed;
}
