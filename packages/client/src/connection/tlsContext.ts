import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type PeerCertificate, type TLSSocket } from "node:tls";
import type { TlsFiles } from "./tlsFiles.js";

/** How often the files are looked at, at most. */
const CHECK_EVERY_MS = 1_000;

/** Certificates or keys could not be read, or don't fit. */
export class TlsFilesError extends Error {
  readonly code = "TLS_FILES";
  override readonly name = "TlsFilesError";
}

/** What the files hold. */
export interface Certificates {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The certificates that new connections use. Files that have changed are read anew; broken ones change nothing. */
export class TlsContext {
  readonly #files: TlsFiles;
  readonly #onTrouble: (error: TlsFilesError) => void;
  #certificates: Certificates;
  #version: string;
  #checkedAt = performance.now();

  /** @throws TlsFilesError */
  constructor(files: TlsFiles, onTrouble: (error: TlsFilesError) => void) {
    this.#files = files;
    this.#onTrouble = onTrouble;
    this.#version = versionOf(files);
    this.#certificates = load(files);
  }

  /** Another object whenever the files have changed. */
  get current(): Certificates {
    const now = performance.now();
    if (now - this.#checkedAt < CHECK_EVERY_MS) return this.#certificates;
    this.#checkedAt = now;
    try {
      const version = versionOf(this.#files);
      if (version === this.#version) return this.#certificates;
      this.#certificates = load(this.#files);
      this.#version = version;
    } catch (error) {
      if (!(error instanceof TlsFilesError)) throw error;
      this.#onTrouble(error);
    }
    return this.#certificates;
  }
}

function load({ ca, cert, key }: TlsFiles): Certificates {
  try {
    const certificates = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
    createSecureContext(certificates); // throws where they are broken, or don't belong together
    return certificates;
  } catch (cause) {
    throw trouble(cause);
  }
}

function versionOf({ ca, cert, key }: TlsFiles): string {
  try {
    return [ca, cert, key].map((path) => String(statSync(path, { bigint: true }).mtimeNs)).join();
  } catch (cause) {
    throw trouble(cause);
  }
}

function trouble(cause: unknown): TlsFilesError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TlsFilesError(`The files for TLS can't be used: ${reason}. Look at ca, cert and key.`, { cause });
}

/** The names that the other side's certificate was given: its common name and its DNS names. */
export function certificateNames(socket: TLSSocket): readonly string[] {
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  const alternatives = (certificate.subjectaltname ?? "").split(", ").filter((name) => name.startsWith("DNS:"));
  const common = certificate.subject?.CN;
  return [...(typeof common === "string" ? [common] : []), ...alternatives.map((name) => name.slice(4))];
}
