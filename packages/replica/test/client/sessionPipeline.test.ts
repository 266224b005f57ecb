import { describe, expect, it } from "vitest";
import { SessionPipeline, type PipelineTransport } from "../../src/client/index.js";
import type { Clock } from "../../src/clock.js";
import type { Outcome, RefusalCode } from "../../src/outcome.js";
import { refusal } from "../../src/replica/refusal.js";
import { encodeEnvelope, SessionedMachine } from "../../src/sessions/index.js";
import { collectingSink } from "../../src/machines/collectingSink.js";
import { bytesSource } from "../../src/machines/bytesSource.js";

/** Time that passes when the test says so. */
class TestTime implements Clock {
  #now = 0;
  #events: { at: number; order: number; run: () => void; cancelled: boolean }[] = [];
  #order = 0;

  now(): number {
    return this.#now;
  }

  setTimer(deadline: number, callback: () => void): { cancel(): void } {
    const event = { at: Math.max(deadline, this.#now), order: this.#order++, run: callback, cancelled: false };
    this.#events.push(event);
    return { cancel: () => (event.cancelled = true) };
  }

  soon(callback: () => void): void {
    this.setTimer(this.#now, callback);
  }

  runUntil(end: number): void {
    for (;;) {
      this.#events = this.#events.filter(({ cancelled }) => !cancelled);
      this.#events.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#events[0];
      if (next === undefined || next.at > end) break;
      this.#events.shift();
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A server that keeps one log, behind a way that loses, delays and refuses. */
class Server implements PipelineTransport {
  readonly applied: number[] = [];
  readonly machine: SessionedMachine;
  lossRate = 0;
  refusalRate = 0;
  refuseWith: RefusalCode = "NOT_LEADER";
  sessionTimeoutMs = 1_000_000;
  turns = 0;
  readonly #time: TestTime;
  readonly #random: () => number;
  #index = 0;

  constructor(time: TestTime, random: () => number, sessionTimeoutMs = 1_000_000) {
    this.#time = time;
    this.#random = random;
    const { applied } = this;
    this.machine = new SessionedMachine(
      {
        apply: (commands) =>
          commands.map(([n]) => {
            applied.push(n!);
            return Uint8Array.of(n!);
          }),
        query: () => new Uint8Array(),
        snapshot: () => bytesSource(new Uint8Array()),
        restore: () => collectingSink(() => undefined),
      },
      { sessionTimeoutMs },
    );
  }

  register: PipelineTransport["register"] = (done) => {
    this.#carry(done, () => {
      const [result] = this.#append(encodeEnvelope({ kind: "register", clusterTimeMs: Math.floor(this.#time.now()) }));
      if (result?.status !== "registered") throw new Error("no session");
      return { ok: true, value: { sessionId: result.sessionId } };
    });
  };

  send: PipelineTransport["send"] = (payload, session, done) => {
    this.#carry(done, () => {
      const clusterTimeMs = Math.floor(this.#time.now());
      const [result] = this.#append(encodeEnvelope({ kind: "command", clusterTimeMs, session, payload }));
      if (result?.status === "applied" || result?.status === "duplicate") {
        const duplicate = result.status === "duplicate";
        return { ok: true, value: { result: result.result, index: this.#index, term: 1, duplicate } };
      }
      return refusal(result?.status === "refused" ? result.code : "MALFORMED", null);
    });
  };

  closeSession: PipelineTransport["closeSession"] = (sessionId, done) => {
    this.#carry(done, () => {
      this.#append(encodeEnvelope({ kind: "close", clusterTimeMs: Math.floor(this.#time.now()), sessionId }));
      return { ok: true, value: null };
    });
  };

  turnTo(): void {
    this.turns += 1;
  }

  #append(data: Uint8Array) {
    this.#index += 1;
    return this.machine.apply([{ index: this.#index, data }]);
  }

  /** There and back; what is lost on either way ends as unknown, after a while. */
  #carry<T>(done: (outcome: Outcome<T>) => void, perform: () => Outcome<T>): void {
    const now = this.#time.now();
    const lost = (): boolean => this.#random() < this.lossRate;
    const giveUp = (): void => void this.#time.setTimer(now + 300, () => done(refusal("UNKNOWN_OUTCOME", null)));
    if (lost()) return giveUp();
    this.#time.setTimer(now + this.#random() * 30, () => {
      if (this.#random() < this.refusalRate) {
        this.#time.soon(() => done(refusal(this.refuseWith, null)));
        return;
      }
      const outcome = perform();
      if (lost()) return giveUp();
      this.#time.setTimer(this.#time.now() + this.#random() * 30, () => done(outcome));
    });
  }
}

function world(seed: number, sessionTimeoutMs?: number) {
  const time = new TestTime();
  const random = randomNumbers(seed);
  const server = new Server(time, random, sessionTimeoutMs);
  const pipeline = new SessionPipeline({ transport: server, clock: time, random, window: 8, resendAfterMs: 100 });
  const outcomes = new Map<number, Outcome<{ readonly result: Uint8Array }>[]>();
  const submit = (n: number, deadline = Infinity) =>
    pipeline.submit(Uint8Array.of(n), deadline, (outcome) => outcomes.set(n, [...(outcomes.get(n) ?? []), outcome]));
  const codeOf = (n: number): string | undefined => {
    const [outcome] = outcomes.get(n) ?? [];
    return outcome === undefined ? undefined : outcome.ok ? "ok" : outcome.code;
  };
  return { time, server, pipeline, outcomes, submit, codeOf };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe("a session's commands", () => {
  it("take effect once each and in order, whatever is lost, late or refused", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { time, server, outcomes, submit, codeOf } = world(seed);
      server.lossRate = (seed % 5) * 0.1;
      server.refusalRate = (seed % 3) * 0.2;
      for (const n of numbers(40)) {
        submit(n);
        if (n % 7 === 0) time.runUntil(time.now() + 20);
      }
      time.runUntil(200_000);
      expect(server.applied, `seed ${String(seed)}`).toEqual(numbers(40));
      for (const n of numbers(40)) {
        expect(outcomes.get(n)).toHaveLength(1);
        expect(codeOf(n)).toBe("ok");
      }
    }
  });

  it("are sent again after a refusal, also when the pause is over before anybody looks at the clock again", () => {
    const time = new TestTime();
    const server = new Server(time, randomNumbers(1));
    let refusals = 3;
    const refusesAtOnce: PipelineTransport = {
      register: server.register,
      send: (payload, session, done) => {
        if (refusals-- > 0) done(refusal("OUT_OF_ORDER", null));
        else server.send(payload, session, done);
      },
      closeSession: server.closeSession,
      turnTo: () => undefined,
    };
    const pipeline = new SessionPipeline({ transport: refusesAtOnce, clock: time, random: () => 0 });
    pipeline.submit(Uint8Array.of(1), Infinity, () => undefined);
    time.runUntil(5_000);
    expect(server.applied).toEqual([1]);
  });

  it("are told of as refused only when they had no effect and never will", () => {
    let refused = 0;
    let unknown = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { time, server, submit, codeOf } = world(seed);
      server.lossRate = 0.3;
      server.refusalRate = 0.5;
      for (const n of numbers(30)) submit(n, time.now() + 150 + (n % 5) * 250);
      time.runUntil(2_000);
      server.lossRate = 0;
      server.refusalRate = 0;
      for (const n of numbers(10)) submit(100 + n);
      time.runUntil(100_000);
      expect(new Set(server.applied).size, "nothing twice").toBe(server.applied.length);
      expect(server.applied).toEqual([...server.applied].sort((a, b) => a - b));
      for (const n of numbers(30)) {
        const code = codeOf(n);
        if (code === "ok") expect(server.applied).toContain(n);
        else if (code === "UNKNOWN_OUTCOME") unknown += 1;
        else {
          refused += 1;
          expect(server.applied, `${String(code)} of ${String(n)}, seed ${String(seed)}`).not.toContain(n);
        }
      }
      for (const n of numbers(10)) expect(codeOf(100 + n)).toBe("ok");
    }
    expect(refused).toBeGreaterThan(0);
    expect(unknown).toBeGreaterThan(0);
  });

  it("go on in a new session when the old one has expired while nothing was open", () => {
    const { time, server, submit, codeOf } = world(1, 1_000);
    submit(1);
    time.runUntil(10_000);
    submit(2);
    submit(3);
    time.runUntil(20_000);
    expect([codeOf(1), codeOf(2), codeOf(3)]).toEqual(["ok", "ok", "ok"]);
    expect(server.applied).toEqual([1, 2, 3]);
  });

  it("are unknown when the session has expired after an answer was lost", () => {
    const { time, server, submit, codeOf } = world(3, 1_000);
    submit(1);
    time.runUntil(500);
    server.lossRate = 1;
    submit(2);
    time.runUntil(20_000);
    server.lossRate = 0;
    time.runUntil(60_000);
    expect(codeOf(2)).toBe("UNKNOWN_OUTCOME");
    submit(3);
    time.runUntil(80_000);
    expect(codeOf(3)).toBe("ok");
  });

  it.each(["OVERLOADED", "UNKNOWN_OUTCOME"] as const)(
    "are brought to another member when one goes on saying %s, for it may be cut off and lead nobody",
    (code) => {
      const { time, server, submit, codeOf } = world(1);
      server.refusalRate = 1;
      server.refuseWith = code;
      submit(1);
      time.runUntil(5_000);
      expect(server.turns).toBeGreaterThan(1);
      server.refusalRate = 0;
      time.runUntil(10_000);
      expect(codeOf(1)).toBe("ok");
    },
  );

  it("that nobody will ever take are refused, and those behind them go on", () => {
    const { time, server, submit, codeOf } = world(1);
    submit(1);
    time.runUntil(1_000);
    server.refusalRate = 1;
    server.refuseWith = "TOO_LARGE";
    submit(2);
    time.runUntil(2_000);
    server.refusalRate = 0;
    submit(3);
    time.runUntil(20_000);
    expect([codeOf(1), codeOf(2), codeOf(3)]).toEqual(["ok", "TOO_LARGE", "ok"]);
    expect(server.applied).toEqual([1, 3]);
  });

  it("end when the pipeline is closed, and none is taken after that", () => {
    const { time, server, pipeline, submit, codeOf } = world(1);
    server.lossRate = 1;
    submit(1);
    time.runUntil(10);
    let closed = false;
    pipeline.close(() => (closed = true));
    time.runUntil(5_000);
    expect(closed).toBe(true);
    expect(codeOf(1)).toBe("STOPPED");
    submit(2);
    expect(codeOf(2)).toBe("STOPPED");
  });

  it("are refused beyond the limit of open ones", () => {
    const time = new TestTime();
    const server = new Server(time, randomNumbers(1));
    const pipeline = new SessionPipeline({ transport: server, clock: time, random: randomNumbers(2), maxOpen: 3 });
    const codes: string[] = [];
    for (const n of numbers(4)) {
      pipeline.submit(Uint8Array.of(n), Infinity, (outcome) => codes.push(outcome.ok ? "ok" : outcome.code));
    }
    expect(codes).toEqual(["OVERLOADED"]);
    expect(pipeline.openCount).toBe(3);
  });
});
