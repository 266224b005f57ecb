/** A file was written in a version of the format that this program doesn't know. Nothing has been changed. */
export class UnknownFormatError extends Error {
  readonly code = "FORMAT_UNKNOWN";
  override readonly name = "UnknownFormatError";

  readonly file: string;
  readonly version: number;

  constructor(file: string, version: number, known: number) {
    const advice =
      version > known
        ? "Start the version of the program that wrote it, or a newer one."
        : "Start the version of the program that wrote it, or replace this member by one with a new name and an empty " +
          "data directory.";
    super(
      `${file} has format version ${String(version)} (at byte 8), and this program knows version ${String(known)} only. ${advice}`,
    );
    this.file = file;
    this.version = version;
  }
}
