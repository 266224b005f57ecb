/** The group has been open in this process before: what its log holds was read when the host was opened. */
export class GroupWasOpenError extends Error {
  readonly code = "GROUP_WAS_OPEN";
  override readonly name = "GroupWasOpenError";

  constructor(group: number) {
    super(
      `Group ${String(group)} is open, or was, in this process. It can be opened again by the next one: restart the host.`,
    );
  }
}

/** The host has stopped, or is about to. */
export class HostStoppedError extends Error {
  readonly code = "STOPPED";
  override readonly name = "HostStoppedError";

  constructor() {
    super("The host has stopped, so it opens no group any more.");
  }
}
