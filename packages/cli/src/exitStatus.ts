/** What the command's exit status says. */
export const EXIT = {
  /** All held. */
  ok: 0,
  /** A rule was violated. */
  violated: 1,
  /** A cluster could not, or would not, do what it was asked. */
  failed: 1,
  /** The call or the input was wrong. */
  usage: 2,
  /** Whether a cluster has done what it was asked is not known. */
  unknown: 3,
  /** An error of Balsa itself (`EX_SOFTWARE` of sysexits). */
  internal: 70,
  /** Stopped by SIGINT. */
  interrupted: 130,
  /** Whoever read standard output went away before the verdict, as a process that SIGPIPE ends. */
  brokenPipe: 141,
} as const;
