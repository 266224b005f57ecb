/** A file was written in a version of the format that this program doesn't know. Nothing has been changed. */
export class UnknownFormatError extends Error {
  readonly code = "FORMAT_UNKNOWN";
  override readonly name = "UnknownFormatError";

  readonly file: string;
  readonly version: number;

  constructor(file: string, version: number, known: number) {
    super(
      `${file} has format version ${String(version)}, and this program knows version ${String(known)} only. Start the ` +
        "version of the program that wrote it, or a newer one.",
    );
    this.file = file;
    this.version = version;
  }
}
