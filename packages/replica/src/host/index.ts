export { GroupWasOpenError, HostStoppedError } from "./hostErrors.js";
export {
  HOST_GROUP,
  isHostMessage,
  type Beacon,
  type GroupHeartbeat,
  type HeartbeatBatch,
  type HostMessage,
} from "./hostMessage.js";
export {
  DEFAULT_HOST_SETTINGS,
  type HostedMemberOptions,
  type HostSettings,
  type ReplicaHostOptions,
} from "./hostOptions.js";
export { preferredLeader } from "./leaderBalance.js";
export { ReplicaHost } from "./replicaHost.js";
