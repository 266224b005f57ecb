import type { SnapshotMetadata } from "@balsa/core";
import { MissingEntriesError } from "../replica/recovery.js";
import type { LogContent, RecoveredGroup } from "../storage/index.js";

/**
 * What a member that starts would go on with, of one group: the snapshot, and the entries of the log behind it. A snapshot
 * that the log does not contain replaces it.
 * @throws MissingEntriesError where the log begins behind the snapshot
 */
export function contentOf(recovered: RecoveredGroup | undefined, snapshot: SnapshotMetadata | null): LogContent {
  const { baseIndex = 0, baseTerm = 0, entries = [] } = recovered ?? {};
  const { index, term } = snapshot ?? { index: 0, term: 0 };
  const begins = Math.max(baseIndex, recovered?.snapshot?.index ?? 0);
  if (begins > index) throw new MissingEntriesError(index, begins);
  const known = index === baseIndex ? baseTerm : entries[index - baseIndex - 1]?.term;
  const behind = known === term ? entries.slice(index - baseIndex) : [];
  const hardState = recovered?.hardState ?? { term: 0, vote: null };
  return { hardState: hardState.term < term ? { term, vote: null } : hardState, snapshot, entries: behind };
}
