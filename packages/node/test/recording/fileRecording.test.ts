import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRecordingPart } from "@balsa/replica";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RaftNode, readRecordingFile, recordingFiles, type Logger } from "../../src/index.js";
import { FileRecording } from "../../src/recording/fileRecording.js";
import { Counter } from "../support/counter.js";

const MEBIBYTE = 1024 * 1024;

let folder: string;
let errors: string[];
let logger: Logger;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "balsa-recording-"));
  errors = [];
  const silent = (): void => undefined;
  logger = { debug: silent, info: silent, warn: silent, error: (_, message) => void errors.push(message) };
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const filesIn = (directory: string): string[] => recordingFiles(readdirSync(directory));

describe("a recording in files", () => {
  it("holds what a node was given, of each of its runs", async () => {
    const directory = join(folder, "recording");
    for (let run = 1; run <= 2; run++) {
      const node = await RaftNode.open({
        id: "a",
        dataDirectory: join(folder, "data"),
        listen: "127.0.0.1:0",
        members: { a: "127.0.0.1:0" },
        stateMachine: new Counter(),
        record: { directory },
        logger,
      });
      for (let n = 1; n <= 10; n++) await node.propose({ add: n });
      await node.close();
      expect(filesIn(directory)).toHaveLength(run);
    }
    for (const name of filesIn(directory)) {
      const { blocks, tornBytes } = readRecordingFile(readFileSync(join(directory, name)));
      expect(tornBytes).toBe(0);
      const part = readRecordingPart(blocks);
      expect(part).toMatchObject({ member: { id: "a", group: 1 }, part: 1 });
      const steps = [...part.steps];
      const commands = steps.filter((step) => step.kind === "input" && step.input.type === "propose");
      expect(commands.length).toBeGreaterThanOrEqual(10);
      expect(steps.at(-1)).toEqual({ kind: "stopped", reason: null });
    }
    expect(errors).toEqual([]);
  });

  it("is bounded: the oldest parts go", async () => {
    const recording = new FileRecording({ directory: folder, maxBytes: 32 * MEBIBYTE }, logger);
    const piece = new Uint8Array(4 * MEBIBYTE - 8);
    for (let part = 0; part < 12; part++) {
      recording.begin();
      expect(recording.write(piece)).toBe(true);
    }
    recording.end(null);
    await recording.ended;
    const files = filesIn(folder);
    expect(files).toHaveLength(8);
    expect(files.at(-1)).toBe("recording-00000012.balsa");
    for (const name of files) expect(statSync(join(folder, name)).size).toBe(4 * MEBIBYTE);
  });

  it("goes on behind what is there, and leaves files that are not its own", async () => {
    writeFileSync(join(folder, "recording-00000007.balsa"), "");
    truncateSync(join(folder, "recording-00000007.balsa"), 33 * MEBIBYTE);
    writeFileSync(join(folder, "notes.txt"), "keep");
    const recording = new FileRecording({ directory: folder, maxBytes: 32 * MEBIBYTE }, logger);
    recording.begin();
    recording.end(null);
    await recording.ended;
    expect(readdirSync(folder).sort()).toEqual(["notes.txt", "recording-00000008.balsa"]);
  });

  it("that can't be written ends, says so once, and stops nobody", async () => {
    const recording = new FileRecording({ directory: folder }, logger);
    mkdirSync(join(folder, "recording-00000001.balsa"));
    recording.begin();
    recording.write(new Uint8Array(10));
    await recording.ended;
    expect(recording.write(new Uint8Array(10))).toBe(false);
    expect(errors).toEqual([expect.stringMatching(/recording into .* has ended, and this member goes on: EEXIST/)]);
  });

  it("that the disk is too slow for ends", async () => {
    const recording = new FileRecording({ directory: folder }, logger);
    recording.begin();
    const piece = new Uint8Array(16 * MEBIBYTE);
    let taken = 0;
    // Nothing is written before this turn of the event loop is over.
    while (taken < 10 && recording.write(piece)) taken += 1;
    expect(taken).toBe(3);
    await recording.ended;
    expect(errors).toHaveLength(1);
  });

  it("is read up to where it is whole, wherever a crash or a flipped bit has left it", async () => {
    const recording = new FileRecording({ directory: folder }, logger);
    recording.begin();
    recording.write(Uint8Array.of(1, 2, 3));
    recording.end(null);
    await recording.ended;
    const whole = readFileSync(join(folder, "recording-00000001.balsa"));
    const two = Buffer.concat([whole, whole]);
    expect(readRecordingFile(two).blocks).toHaveLength(2);
    for (let length = 0; length < two.length; length++) {
      const { blocks, tornBytes } = readRecordingFile(two.subarray(0, length));
      expect(blocks).toHaveLength(length < whole.length ? 0 : 1);
      expect(tornBytes).toBe(length < whole.length ? length : length - whole.length);
    }
    for (let at = whole.length; at < two.length; at++) {
      const flipped = Buffer.from(two);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0x10, at);
      expect(readRecordingFile(flipped)).toMatchObject({ blocks: [Buffer.of(1, 2, 3)], tornBytes: whole.length });
    }
  });

  it("has a size that parts fit into", () => {
    expect(() => new FileRecording({ directory: folder, maxBytes: 1_000 }, logger)).toThrow(/record\.maxBytes/);
  });
});
