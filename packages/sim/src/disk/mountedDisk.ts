import type { Completion, Disk, DiskFile, Done } from "@balsa/replica";
import type { NodeProcess } from "../schedule/nodeProcess.js";
import type { Directory } from "./directory.js";
import type { DiskDevice } from "./diskDevice.js";
import { OpenFile } from "./openFile.js";
import { SimulatedDiskError } from "./simulatedDiskError.js";

/** The data directory as one process sees it. A dead process does nothing to it. */
export class MountedDisk implements Disk {
  readonly #directory: Directory;
  readonly #device: DiskDevice;
  readonly #process: NodeProcess;

  constructor(directory: Directory, device: DiskDevice, process: NodeProcess) {
    this.#directory = directory;
    this.#device = device;
    this.#process = process;
  }

  list(done: Completion<readonly string[]>): void {
    this.#perform("list", ".", () => this.#directory.names(), done);
  }

  open(name: string, create: boolean, done: Completion<DiskFile>): void {
    const open = () => {
      if (create && !this.#device.hasRoomFor(this.#directory.usedBytes, 0)) {
        throw new SimulatedDiskError("DISK_FULL", "open", name);
      }
      const inode = create ? this.#directory.create(name) : this.#directory.find(name, "open");
      return new OpenFile(name, inode, this.#directory, this.#device, this.#process);
    };
    this.#perform("open", name, open, done);
  }

  rename(from: string, to: string, done: Done): void {
    this.#perform("rename", from, () => this.#directory.rename(from, to), done);
  }

  remove(name: string, done: Done): void {
    this.#perform("remove", name, () => this.#directory.remove(name), done);
  }

  syncDirectory(done: Done): void {
    if (!this.#process.alive) return;
    const directory = this.#directory;
    const end = directory.nextChange;
    const error = this.#device.takeFailure("sync") ? new SimulatedDiskError("EIO", "sync", ".") : null;
    const effect = error === null ? { takeEffect: () => directory.sync(end) } : null;
    this.#device.complete(this.#process, directory, "sync", effect, error, undefined, done);
  }

  #perform<T>(operation: string, name: string, act: () => T, done: Completion<T>): void {
    if (!this.#process.alive) return;
    const obstacle = this.#device.takeFailure("directory") ? new SimulatedDiskError("EIO", operation, name) : null;
    this.#device.finish(this.#process, this.#directory, "directory", obstacle, act, done);
  }
}
