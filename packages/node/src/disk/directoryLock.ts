import { closeSync, constants, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { isNoRoom } from "./diskError.js";

export const LOCK_FILE = "LOCK";

/** Another process, or this one, has the data directory open. */
export class DirectoryLockedError extends Error {
  readonly code = "DIRECTORY_LOCKED";
  override readonly name = "DirectoryLockedError";
}

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Opens the file with `flock`, exclusively and without waiting; BSD's, and so macOS's, open(2). */
const O_EXLOCK = 0x20;

/**
 * Keeps every other process out of the directory until it is released or this process ends, however it does.
 *
 * Node.js can lock no file on Linux, so a name in the abstract namespace of sockets stands for the directory there: the
 * kernel gives it to one process, and takes it back with that process's end. It holds within one network namespace; what
 * keeps containers with namespaces of their own from sharing a volume is whoever runs them. On macOS the file is locked as
 * it is opened.
 * @throws DirectoryLockedError
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, LOCK_FILE);
  const lock = process.platform === "linux" ? await lockName(directory, path) : lockFile(directory, path);
  try {
    writeFileSync(path, `${String(process.pid)}\n`);
  } catch (error) {
    // The note is for people. A full disk that has no room for it may hold a whole log, which can still be read.
    if (!isNoRoom(error as NodeJS.ErrnoException)) {
      await lock.release();
      throw error;
    }
  }
  return lock;
}

async function lockName(directory: string, path: string): Promise<DirectoryLock> {
  const { dev, ino } = statSync(directory, { bigint: true });
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, `\0balsa-data-directory-${String(dev)}-${String(ino)}`);
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === "EADDRINUSE" ? lockedError(directory, path, cause) : cause;
  }
  server.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path, exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function lockFile(directory: string, path: string): DirectoryLock {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | O_EXLOCK;
  let descriptor: number;
  try {
    descriptor = openSync(path, flags, 0o600);
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === "EAGAIN" ? lockedError(directory, path, cause) : cause;
  }
  return {
    release: () => {
      closeSync(descriptor);
      return Promise.resolve();
    },
  };
}

function lockedError(directory: string, path: string, cause: unknown): DirectoryLockedError {
  let holder = "another process";
  try {
    const pid = Number(readFileSync(path, "utf8"));
    if (Number.isSafeInteger(pid) && pid > 0) holder = `process ${String(pid)}`;
  } catch (error) {
    // The note is for people; that there is none says nothing about the lock.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return new DirectoryLockedError(
    `${directory} is in use by ${holder}. Stop that first, or give this member a data directory of its own.`,
    { cause },
  );
}
