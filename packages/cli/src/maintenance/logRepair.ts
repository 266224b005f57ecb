import { membersOf } from "@balsa/core";
import { inLaterTerm, latestConfiguration, type LogContent, type LogDamage } from "@balsa/replica";
import { EXIT } from "../exitStatus.js";
import { write, type CommandIo } from "../io.js";
import { describeDamage, requireDiskDamage } from "./damageText.js";
import { MaintenanceError } from "./maintenanceError.js";
import { readMemberState, type MemberState } from "./memberState.js";
import { ownDirectory, type OwnedDirectory } from "./ownedDirectory.js";
import { replaceLog } from "./replaceLog.js";
import { orTellFailure } from "./orTellFailure.js";

export interface RepairFlags {
  readonly giveUpDamaged?: true;
  readonly skipTerms: number;
  readonly json?: true;
}

/** `balsa log repair`: of a damaged log keeps what stands before the damage, where no other member counts on the rest. */
export function logRepair(directory: string, flags: RepairFlags, io: CommandIo): Promise<number> {
  return orTellFailure(flags.json === true, io, async () => {
    const owned = await ownDirectory(directory);
    try {
      return await repairOwned(owned, flags, io);
    } finally {
      await owned.release();
    }
  });
}

async function repairOwned(owned: OwnedDirectory, flags: RepairFlags, io: CommandIo): Promise<number> {
  const { directory, identity } = owned;
  const asJson = flags.json === true;
  const state = await readMemberState(owned);
  const { damage } = state.inspection;
  if (damage === null) {
    const told = asJson ? JSON.stringify({ ok: true, repaired: false }) : "The log is whole, and stays as it is.";
    await write(io.stdout, `${told}\n`);
    return EXIT.ok;
  }
  if (!asJson) await write(io.stdout, `${describeDamage(damage, state.contents).join("\n")}\n`);
  requireDiskDamage(damage);
  requireAlone(state, damage, identity.id);
  if (flags.giveUpDamaged !== true) {
    throw new MaintenanceError("NOT_CONFIRMED", "Nothing was changed. Give --give-up-damaged to have it done.");
  }
  const originals = await replaceLog(directory, repaired(state, damage, flags.skipTerms));
  const text = `Done. The log ends before the damage now. As it was, it is in ${originals}.`;
  const kept = Object.fromEntries([...state.contents].map(([group, content]) => [group, lastIndexOf(content)]));
  const { file, offset } = damage.error;
  await write(
    io.stdout,
    `${asJson ? JSON.stringify({ ok: true, repaired: true, file, offset, kept, originals }) : text}\n`,
  );
  return EXIT.ok;
}

function repaired({ contents }: MemberState, damage: LogDamage, skipTerms: number): ReadonlyMap<number, LogContent> {
  return new Map(
    [...contents].map(([group, content]) => {
      const behind = damage.behind.find((left) => left.group === group)?.term ?? 0;
      const term = Math.max(content.hardState.term, behind);
      return [group, inLaterTerm({ ...content, hardState: { term, vote: null } }, skipTerms)];
    }),
  );
}

/**
 * Others may have counted entries as committed because this member held them, and a leader as elected because it voted. It has
 * forgotten what they rely on, so it may not take part under its name any more (§5.1, figure 2).
 */
function requireAlone({ contents }: MemberState, { behind }: LogDamage, id: string): void {
  const members = new Set(behind.flatMap((left) => left.members));
  for (const content of contents.values()) {
    const configuration = latestConfiguration(content);
    if (configuration !== null) for (const member of membersOf(configuration)) members.add(member);
  }
  if (members.size === 0) {
    const what = "What can be read does not say who the members are, so others may count on what is lost.";
    throw new MaintenanceError("UNSAFE", `${what} Nothing was changed. ${ADVICE}`);
  }
  members.delete(id);
  if (members.size === 0) return;
  const what = `The members ${[...members].sort().join(", ")} may count on entries and votes of ${id} that are lost.`;
  throw new MaintenanceError(
    "UNSAFE",
    `${what} With them forgotten it could take part in losing what is committed. Nothing was changed. ${ADVICE}`,
  );
}

const ADVICE =
  "While a majority of the others runs, put a new member in its place: balsa member replace. If they are lost for good: " +
  "balsa recover --force-new-cluster --give-up-damaged.";

function lastIndexOf({ entries, snapshot }: LogContent): number {
  return entries.at(-1)?.index ?? snapshot?.index ?? 0;
}
