import { expect, it } from "vitest";
import { SILENT_LOGGER } from "../../src/index.js";
import { RoleLog } from "../../src/raftNode/roleLog.js";

it("a member that nobody votes for says so now and then, and not at each campaign", () => {
  let now = 0;
  const said: string[] = [];
  const log = new RoleLog(
    {
      ...SILENT_LOGGER,
      info: () => void said.push("info"),
      warn: (_fields: object, message: string) => void said.push(message),
    },
    () => now,
  );
  const campaign = (): void => {
    log.tell({ type: "roleChanged", role: "preCandidate", term: 1, reason: "no leader was heard of" });
    log.tell({ type: "roleChanged", role: "follower", term: 1, reason: "a quorum refused its vote" });
    now += 500;
  };
  for (let i = 0; i < 66; i++) campaign();
  expect(said.filter((line) => line === "info")).toHaveLength(12);
  const warnings = said.filter((line) => line !== "info");
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toContain("balsa member list");
  log.tell({ type: "leaderElected", leader: "a", term: 2 });
  said.length = 0;
  campaign();
  expect(said).toEqual(["info", "info"]);
});
