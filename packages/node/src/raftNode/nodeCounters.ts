import type { NodeEvent } from "./raftNodeApi.js";

/** What is counted from the start on. */
export class NodeCounters {
  leaderChanges = 0;
  proposalsCommitted = 0;
  proposalsFailed = 0;
  readsServed = 0;
  readsFailed = 0;
  snapshotsTaken = 0;
  snapshotsInstalled = 0;
  diskFull = false;

  note(event: NodeEvent): void {
    switch (event.type) {
      case "leaderElected":
        this.leaderChanges += 1;
        return;
      case "snapshotTaken":
        this.snapshotsTaken += 1;
        return;
      case "snapshotInstalled":
        this.snapshotsInstalled += 1;
        return;
      case "diskFull":
        this.diskFull = event.full;
        return;
      default:
    }
  }
}
