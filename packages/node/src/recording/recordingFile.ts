import { crc32 } from "node:zlib";

const FILE_NAME = /^recording-(\d{8})\.balsa$/u;
const FRAME_HEAD_BYTES = 8;

export function recordingFileName(number: number): string {
  return `recording-${String(number).padStart(8, "0")}.balsa`;
}

/** The number in a file's name; null where it is none of a recording. */
export function recordingFileNumber(name: string): number | null {
  const found = FILE_NAME.exec(name)?.[1];
  return found === undefined ? null : Number(found);
}

/** The files of a recording among the names of a directory, oldest first. */
export function recordingFiles(names: readonly string[]): string[] {
  return names.filter((name) => recordingFileNumber(name) !== null).sort();
}

/** What stands before a block: its length and checksum, so that what a crash has torn shows. */
export function frameHead(block: Uint8Array): Uint8Array {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  head.writeUInt32LE(block.length, 0);
  head.writeUInt32LE(crc32(block), 4);
  return head;
}

/** What is in a file of a recording, up to where it is no longer whole. */
export function readRecordingFile(file: Buffer): { readonly blocks: Uint8Array[]; readonly tornBytes: number } {
  const blocks: Uint8Array[] = [];
  let offset = 0;
  while (file.length - offset > FRAME_HEAD_BYTES) {
    const begin = offset + FRAME_HEAD_BYTES;
    const end = begin + file.readUInt32LE(offset);
    const block = file.subarray(begin, end);
    if (end === begin || end > file.length || crc32(block) !== file.readUInt32LE(offset + 4)) break;
    blocks.push(block);
    offset = end;
  }
  return { blocks, tornBytes: file.length - offset };
}
