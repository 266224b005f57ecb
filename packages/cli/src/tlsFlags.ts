import type { TlsFiles } from "@balsa/client";
import { UsageError } from "./usageError.js";

export interface TlsFlags {
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/**
 * The files for TLS; null where none is named.
 * @throws UsageError where some are, and some are missing
 */
export function readTlsFlags({ tlsCa: ca, tlsCert: cert, tlsKey: key }: TlsFlags): TlsFiles | null {
  if (ca !== undefined && cert !== undefined && key !== undefined) return { ca, cert, key };
  if (ca === undefined && cert === undefined && key === undefined) return null;
  throw new UsageError("BAD_ARGUMENT", "--tls-ca, --tls-cert and --tls-key go together; give all three.", {
    argument: "--tls-ca",
  });
}
