import { describe, expect } from "vitest";
import { ELECTION_TIMEOUT_MS, labTest } from "./support/raftLab.js";

describe("Election", () => {
  labTest("InitialElection", { servers: 3 }, function* (lab) {
    yield* lab.checkOneLeader();
    yield 50;
    const term = lab.checkTerms();
    expect(term).toBeGreaterThanOrEqual(1);
    yield 2 * ELECTION_TIMEOUT_MS;
    // Without a fault there is no second election; the lab only warns.
    expect(lab.checkTerms()).toBe(term);
    yield* lab.checkOneLeader();
  });

  labTest("ReElection", { servers: 3 }, function* (lab) {
    const first = yield* lab.checkOneLeader();
    lab.disconnect(first);
    yield* lab.checkOneLeader();

    // An old leader that comes back disturbs nobody.
    lab.connect(first);
    const second = yield* lab.checkOneLeader();

    // Without a quorum nobody leads.
    const other = (second + 1) % 3;
    lab.disconnect(second, other);
    yield 2 * ELECTION_TIMEOUT_MS;
    lab.checkNoLeader();

    lab.connect(other);
    yield* lab.checkOneLeader();
    lab.connect(second);
    yield* lab.checkOneLeader();
  });

  labTest("ManyElections", { servers: 7 }, function* (lab) {
    yield* lab.checkOneLeader();
    for (let round = 1; round <= 9; round += 1) {
      const cut = [1, 2, 3].map(() => lab.chance.integer(0, 6));
      lab.disconnect(...cut);
      yield* lab.checkOneLeader();
      lab.connect(...cut);
    }
    yield* lab.checkOneLeader();
  });
});
