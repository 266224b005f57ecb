import { renderTable, type Column } from "../render/table.js";

/** What a member says of who the members are. */
export interface MembersAnswer {
  readonly configuration: {
    readonly voters: readonly string[];
    readonly votersOutgoing: readonly string[];
    readonly learners: readonly string[];
  };
  readonly addresses: Readonly<Record<string, string>>;
  readonly leader: string | null;
}

const COLUMNS: readonly Column[] = [
  { title: "member", align: "left" },
  { title: "address", align: "left" },
  { title: "place", align: "left" },
];

/** A table of the members, without the line feed at its end. */
export function renderMembers({ configuration, addresses, leader }: MembersAnswer): string {
  const { voters, votersOutgoing, learners } = configuration;
  const ids = [...new Set([...voters, ...votersOutgoing, ...learners])].sort();
  const place = (id: string): string => {
    if (learners.includes(id)) return "learner";
    if (votersOutgoing.length === 0) return "voter";
    // In the middle of a change both the old and the new voters decide.
    if (!voters.includes(id)) return "voter, leaving";
    return votersOutgoing.includes(id) ? "voter" : "voter, coming";
  };
  const rows = ids.map((id) => [id, addresses[id] ?? "?", `${place(id)}${id === leader ? ", leads" : ""}`]);
  return renderTable(COLUMNS, rows).join("\n");
}
