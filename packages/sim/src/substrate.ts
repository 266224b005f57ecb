export { NodeClock } from "./clock/nodeClock.js";
export { Digest } from "./digest/digest.js";
export { DEFAULT_DISK_SETTINGS, type DiskSettings } from "./disk/diskSettings.js";
export type { DiskOperationKind } from "./disk/diskDevice.js";
export { SimulatedDisk, type DiskPlace } from "./disk/simulatedDisk.js";
export { SimulatedDiskError, type DiskErrorCode } from "./disk/simulatedDiskError.js";
export { DEFAULT_LINK_SETTINGS, type LinkSettings } from "./network/linkSettings.js";
export type { DropReason } from "./network/delivery.js";
export {
  SimulatedNetwork,
  type NetworkCounters,
  type NetworkObserver,
  type SimulatedNetworkOptions,
} from "./network/simulatedNetwork.js";
export { RandomStream } from "./random/randomStream.js";
export { RandomStreams } from "./random/randomStreams.js";
export { EventQueue, ScheduledEvent } from "./schedule/eventQueue.js";
export { NodeProcess } from "./schedule/nodeProcess.js";
export { runTask, type Runnable, type Task } from "./schedule/task.js";
export { VirtualTime } from "./schedule/virtualTime.js";
