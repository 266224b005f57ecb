import type { Endpoint } from "./endpoint.js";
import type { Link } from "./link.js";

/** A node's connection to the network, which outlives its processes. */
export interface Port {
  /** The process that is or was there last; null before the first. */
  endpoint: Endpoint | null;
  /** From here to others, by their id. */
  readonly links: Map<string, Link>;
}
