/** How hard a campaign's scenarios are, and on what. From gentle to everything at once; `swarm` draws that, too. */
export const PROFILES = [
  "gentle",
  "usual",
  "network",
  "storage",
  "membership",
  "leases",
  "resting",
  "everything",
  "swarm",
] as const;
export type ProfileName = (typeof PROFILES)[number];

/** Each in a line, for whoever chooses one. */
export const PROFILE_DESCRIPTIONS: Readonly<Record<ProfileName, string>> = {
  gentle: "five members with the usual settings, and now and then a fault",
  usual: "all classes of faults at their usual rate, as `balsa sim` has them",
  network: "partitions, bridges, loss and delay, three times as often as usual",
  storage: "crashes and failing disks, with small segments and snapshots all the time",
  membership: "members come, go and are replaced all the time, while others crash and are cut off",
  leases: "reads from leases, with clocks that drift as far as leases allow",
  resting: "clients that seldom ask, so that the group rests in between, with all classes of faults",
  everything: "all classes of faults at four times their usual rate, with settings that are drawn",
  swarm: "a random part of all faults and features with random rates; size, timeouts, limits and workload drawn",
};
