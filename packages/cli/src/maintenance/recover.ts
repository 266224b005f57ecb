import { membersOf } from "@balsa/core";
import { writeIdentity } from "@balsa/node";
import { latestConfiguration, withOnlyMember, type LogContent } from "@balsa/replica";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { badArgument, UsageError } from "../usageError.js";
import { describeDamage, requireDiskDamage } from "./damageText.js";
import { MaintenanceError } from "./maintenanceError.js";
import { readMemberState, type MemberState } from "./memberState.js";
import { ownDirectory, type OwnedDirectory } from "./ownedDirectory.js";
import { recoveryWarning, startingText } from "./recoverText.js";
import { replaceLog } from "./replaceLog.js";
import { orTellFailure } from "./orTellFailure.js";

export interface RecoverFlags {
  readonly forceNewCluster?: true;
  readonly cluster?: string;
  readonly sameCluster?: true;
  readonly giveUpDamaged?: true;
  readonly skipTerms: number;
  readonly json?: true;
}

/** What becomes of a directory. */
export interface Recovery {
  readonly directory: string;
  readonly id: string;
  readonly oldCluster: string;
  readonly newCluster: string;
  readonly groups: readonly RecoveredMembers[];
}

export interface RecoveredMembers {
  readonly group: number;
  readonly term: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Who is not a member any more. */
  readonly others: readonly string[];
  readonly wasMember: boolean;
}

/** `balsa recover --force-new-cluster`: makes one member that is left the only one of a cluster, by force. */
export function recover(directory: string, flags: RecoverFlags, io: CommandIo): Promise<number> {
  return orTellFailure(flags.json === true, io, async () => {
    const owned = await ownDirectory(directory);
    try {
      return await recoverOwned(owned, flags, io);
    } finally {
      await owned.release();
    }
  });
}

async function recoverOwned(owned: OwnedDirectory, flags: RecoverFlags, io: CommandIo): Promise<number> {
  const { directory, identity } = owned;
  const newCluster = nameOf(flags, identity.clusterId);
  const state = await readMemberState(owned);
  const groups = [...state.contents].map(([group, content]) => describe(group, content, identity.id));
  const recovery = { directory, id: identity.id, oldCluster: identity.clusterId, newCluster, groups };
  const { damage } = state.inspection;
  if (flags.json !== true) {
    const lines = [...recoveryWarning(recovery), ...(damage === null ? [] : describeDamage(damage, state.contents))];
    await write(io.stdout, `${lines.join("\n")}\n`);
  }
  if (damage !== null) requireDiskDamage(damage);
  if (damage !== null && flags.giveUpDamaged !== true) {
    const what = `The log is damaged in ${damage.error.file} at byte ${String(damage.error.offset)}.`;
    const advice =
      "Take another member that is left and whole; or give --give-up-damaged, too, to go on with what stands before it.";
    throw new MaintenanceError("UNUSABLE", `${what} Nothing was changed. ${advice}`);
  }
  if (flags.forceNewCluster !== true) {
    throw new MaintenanceError("NOT_CONFIRMED", "Nothing was changed. Give --force-new-cluster to have it done.");
  }
  const originals = await replaceLog(directory, forced(state, identity.id, flags.skipTerms));
  writeIdentity(directory, { clusterId: newCluster, id: identity.id });
  const told =
    flags.json === true ? [JSON.stringify({ ok: true, ...recovery, originals })] : startingText(recovery, originals);
  await write(io.stdout, `${told.join("\n")}\n`);
  return EXIT.ok;
}

function forced({ contents, inspection }: MemberState, id: string, skipTerms: number): ReadonlyMap<number, LogContent> {
  return new Map(
    [...contents].map(([group, content]) => {
      const behind = inspection.damage?.behind.find((left) => left.group === group)?.term ?? 0;
      const term = Math.max(content.hardState.term, behind);
      return [group, withOnlyMember({ ...content, hardState: { term, vote: null } }, id, skipTerms)];
    }),
  );
}

function describe(group: number, content: LogContent, id: string): RecoveredMembers {
  const { hardState, snapshot, entries } = content;
  const last = entries.at(-1) ?? snapshot ?? { index: 0, term: 0 };
  const configuration = latestConfiguration(content);
  const members = configuration === null ? [] : membersOf(configuration);
  const others = members.filter((member) => member !== id);
  const wasMember = members.includes(id);
  return { group, term: hardState.term, lastIndex: last.index, lastTerm: last.term, others, wasMember };
}

/** @throws UsageError unless it is said, in one way, what the cluster is called from now on */
function nameOf({ cluster, sameCluster }: RecoverFlags, old: string): string {
  if ((cluster === undefined) === (sameCluster === undefined)) {
    const message =
      "Say what the new cluster is called: --cluster NAME, which keeps members of the old one out, or --same-cluster, which " +
      "spares clients another name.";
    throw new UsageError("BAD_ARGUMENT", message, { argument: "--cluster" });
  }
  if (cluster === undefined) return old;
  if (cluster === "" || cluster.length > 64) throw badArgument("--cluster", cluster, "a name of 1 to 64 characters");
  if (cluster === old)
    throw badArgument("--cluster", cluster, "another name than before, unless you give --same-cluster");
  return cluster;
}
