/** What a process is told that hosts groups; its argument is this as JSON. */
export interface HostSetup {
  readonly id: string;
  readonly hosts: Readonly<Record<string, string>>;
  readonly dataDirectory: string;
  /** Numbered from 1. */
  readonly groups: number;
}

export type HostOrder =
  | { readonly type: "status" }
  /** Write to those of the first `groups` groups that it leads; `inFlight` of all hosts together. */
  | { readonly type: "load"; readonly groups: number; readonly inFlight: number; readonly seconds: number }
  | { readonly type: "close" };

export interface HostReport {
  readonly led: number;
  readonly resting: number;
  readonly leaderless: number;
  /** Since the process began. */
  readonly cpuMs: number;
  readonly residentMiB: number;
  readonly committed: number;
}
