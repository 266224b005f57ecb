/** Paths of PEM files. They are read anew when they change, and new connections use what they hold then. */
export interface TlsFiles {
  /** Whom to trust: peers and clients, both directions, must show a certificate that this signs. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}
