const MAX_CAUSES = 8;

/** Whether there was no room on the disk: by the error itself, or by what caused it. */
export function isDiskFull(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth++) {
    if ((cause as { code?: unknown }).code === "DISK_FULL") return true;
    cause = cause.cause;
  }
  return false;
}
