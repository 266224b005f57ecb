/** What a host's process is told when it begins; its argument is this as JSON. */
export interface HostSetup {
  readonly id: string;
  readonly hosts: Readonly<Record<string, string>>;
  readonly dataDirectory: string;
  readonly groups: number;
}

export type ToHost = "work" | "read";

/** Groups count from 0 here. */
export type FromHost =
  | { readonly type: "open" }
  | { readonly type: "tried" | "done"; readonly group: number }
  | { readonly type: "refused"; readonly code: string }
  | { readonly type: "values"; readonly values: readonly number[]; readonly logSizeBytes: number };
