import type { GroupMessage, Network } from "@balsa/replica";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A network under test, with members a and b, and nobody by the name of c. */
export interface NetworkUnderTest {
  readonly a: Network;
  readonly b: Network;
  /** Lets what is under way arrive; called until the test has what it waits for. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const MAX_ROUNDS = 2_000;

function message(from: string, to: string, matchIndex: number): GroupMessage {
  return { group: 1, message: { type: "appendAccepted", from, to, term: 3, matchIndex } };
}

/** What `Network` promises, for whatever implements it. It may lose messages, so each test sends again until one comes. */
export function describeNetwork(name: string, make: () => Promise<NetworkUnderTest>): void {
  describe(`a network: ${name}`, () => {
    let under: NetworkUnderTest;
    let atA: GroupMessage[];
    let atB: GroupMessage[];

    beforeEach(async () => {
      under = await make();
      atA = [];
      atB = [];
      under.a.onMessage((received) => atA.push(received));
      under.b.onMessage((received) => atB.push(received));
    });

    afterEach(() => under.close());

    async function until(condition: () => boolean, again: () => void): Promise<void> {
      for (let round = 0; !condition(); round++) {
        if (round > MAX_ROUNDS) throw new Error("It did not come about.");
        if (round % 20 === 0) again();
        await under.settle();
      }
    }

    it("delivers in both directions, and alters nothing", async () => {
      await until(
        () => atA.length > 0 && atB.length > 0,
        () => {
          under.a.send("b", message("a", "b", 5));
          under.b.send("a", message("b", "a", 6));
        },
      );
      expect(atB[0]).toEqual(message("a", "b", 5));
      expect(atA[0]).toEqual(message("b", "a", 6));
    });

    it("carries entries and forwarded commands as well, up to a megabyte and more", async () => {
      const data = Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * 7) % 256);
      const entries = [{ index: 1, term: 3, kind: "command" as const, data, configuration: null }];
      const places = { from: "a", to: "b", term: 3 };
      const append = {
        type: "appendRequest" as const,
        previousLogIndex: 0,
        previousLogTerm: 0,
        entries,
        commitIndex: 0,
      };
      const command = { kind: "plain" as const, payload: Uint8Array.of(1, 2) };
      const forward = { type: "forwardRequest" as const, requests: [{ id: 4, command }] };
      const types = (): Set<string> => new Set(atB.map(({ message: { type } }) => type));
      await until(
        () => types().size === 2,
        () => {
          under.a.send("b", { group: 1, message: { ...append, ...places } });
          under.a.send("b", { group: 1, message: { ...forward, ...places } });
        },
      );
      const received = atB.map(({ message: body }) => body).find(({ type }) => type === "appendRequest");
      expect(received?.type === "appendRequest" && Buffer.compare(received.entries[0]!.data, data)).toBe(0);
      expect(atB.map(({ message: body }) => body)).toContainEqual({ ...forward, ...places });
    });

    it("drops what is for nobody, and goes on", async () => {
      under.a.send("c", message("a", "c", 1));
      await until(
        () => atB.length > 0,
        () => under.a.send("b", message("a", "b", 2)),
      );
      expect(atB.every(({ message: { to } }) => to === "b")).toBe(true);
    });

    it("drops what comes while nobody listens", async () => {
      await until(
        () => atB.length > 0,
        () => under.a.send("b", message("a", "b", 1)),
      );
      under.b.onMessage(null);
      under.a.send("b", message("a", "b", 2));
      for (let i = 0; i < 50; i++) await under.settle();
      under.b.onMessage((received) => atB.push(received));
      await until(
        () => atB.some(({ message: body }) => body.type === "appendAccepted" && body.matchIndex === 3),
        () => under.a.send("b", message("a", "b", 3)),
      );
      expect(atB).not.toContainEqual(message("a", "b", 2));
    });

    it("does not call back before sending has returned", () => {
      under.a.send("b", message("a", "b", 1));
      expect(atB).toEqual([]);
    });
  });
}
