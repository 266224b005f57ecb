import {
  invariant,
  MAX_TERM,
  membersOf,
  simpleConfiguration,
  type Configuration,
  type Entry,
  type NodeId,
} from "@balsa/core";
import { encodeEnvelope } from "../sessions/index.js";
import type { LogContent } from "../storage/index.js";

const NOTHING = new Uint8Array(0);

/** The configuration that holds at the end of the log; null when none is known. */
export function latestConfiguration({ snapshot, entries }: LogContent): Configuration | null {
  return (
    entries.findLast(({ configuration }) => configuration !== null)?.configuration ?? snapshot?.configuration ?? null
  );
}

/**
 * The same log in a term of its own, so many terms later, in which this member has voted for nobody. What it promised before,
 * and may not know any more, binds it no longer: to be used only where nobody else counts on it.
 */
export function inLaterTerm(content: LogContent, skippedTerms: number): LogContent {
  const last = content.entries.at(-1)?.term ?? content.snapshot?.term ?? 0;
  const term = Math.max(content.hardState.term, last) + skippedTerms;
  invariant(skippedTerms > 0 && term <= MAX_TERM, "the terms that are skipped leave some");
  return { ...content, hardState: { term, vote: null } };
}

/**
 * The log with this member as the only one from its end on, whatever the others may have agreed on: a configuration that
 * nobody voted for, in a term that had no leader. The others' addresses are forgotten.
 */
export function withOnlyMember(content: LogContent, id: NodeId, skippedTerms: number): LogContent {
  const forced = inLaterTerm(content, skippedTerms);
  const { term } = forced.hardState;
  const before = latestConfiguration(content);
  const first = (content.entries.at(-1)?.index ?? content.snapshot?.index ?? 0) + 1;
  const others = before === null ? [] : membersOf(before).filter((member) => member !== id);
  const configuration = simpleConfiguration([id]);
  const added: Entry[] = [{ index: first, term, kind: "configuration", data: NOTHING, configuration }];
  for (const other of others) {
    const data = encodeEnvelope({ kind: "address", id: other, address: null, clusterTimeMs: 0 });
    added.push({ index: first + added.length, term, kind: "command", data, configuration: null });
  }
  return { ...forced, entries: [...content.entries, ...added] };
}
