import { closeSync, fsyncSync, openSync } from "node:fs";

/** Makes durable which files a folder has. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
