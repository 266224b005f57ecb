import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NodeProcess, VirtualTime } from "../../src/substrate.js";

function world() {
  const time = new VirtualTime();
  const process = new NodeProcess("a", time);
  const seen: string[] = [];
  const enter = (name: string) => process.enter(() => seen.push(`${name}@${time.now}`));
  return { time, process, seen, enter };
}

describe("a process", () => {
  it("runs what comes in at once", () => {
    const { seen, enter } = world();
    enter("x");
    expect(seen).toEqual(["x@0"]);
  });

  it("runs nothing while paused, and all of it in order once resumed, one event each", () => {
    const { time, process, seen, enter } = world();
    process.pause();
    for (const atMs of [1, 2, 3]) time.schedule(atMs, () => enter(`m${atMs}`));
    time.runUntil(10);
    expect(seen).toEqual([]);
    expect(process.backlog).toBe(3);
    process.resume();
    expect(seen).toEqual([]);
    time.runNext();
    expect(seen).toEqual(["m1@10"]);
    time.runUntil(10);
    expect(seen).toEqual(["m1@10", "m2@10", "m3@10"]);
  });

  it("lets nothing overtake what waits, not even what was due at the moment it resumed", () => {
    const { time, process, enter, seen } = world();
    process.pause();
    enter("waiting");
    time.schedule(5, () => process.resume());
    time.schedule(5, () => enter("due"));
    time.runUntil(5);
    expect(seen).toEqual(["waiting@5", "due@5"]);
  });

  it("keeps what a task that is handed over sends to its own process until after that task", () => {
    const { time, process, seen, enter } = world();
    process.pause();
    process.enter(() => {
      enter("inner");
      seen.push("outer");
    });
    process.resume();
    time.runUntil(0);
    expect(seen).toEqual(["outer", "inner@0"]);
  });

  it("can be paused again in the midst of handing over", () => {
    const { time, process, seen, enter } = world();
    process.pause();
    process.enter(() => process.pause());
    enter("later");
    process.resume();
    time.runUntil(1);
    expect(seen).toEqual([]);
    process.resume();
    time.runUntil(2);
    expect(seen).toEqual(["later@1"]);
  });

  it("runs nothing after its death, and tells what waited", () => {
    const { time, process, seen, enter } = world();
    const abandoned: string[] = [];
    process.pause();
    process.enter({ run: () => seen.push("object"), abandon: () => abandoned.push("object") });
    enter("function");
    process.kill();
    process.resume();
    process.enter({ run: () => seen.push("late"), abandon: () => abandoned.push("late") });
    time.runUntil(1);
    expect(seen).toEqual([]);
    expect(abandoned).toEqual(["object", "late"]);
    expect(process.alive).toBe(false);
  });

  it("that a handed-over task kills does not abandon that task", () => {
    const { time, process } = world();
    const abandoned: string[] = [];
    process.pause();
    process.enter({ run: () => process.kill(), abandon: () => abandoned.push("killer") });
    process.enter({ run: () => undefined, abandon: () => abandoned.push("next") });
    process.resume();
    time.runUntil(1);
    expect(abandoned).toEqual(["next"]);
  });

  it("runs everything once and in order, however it is paused and resumed", () => {
    const steps = fc.array(fc.constantFrom("enter", "pause", "resume", "step"), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (plan) => {
        const { time, process } = world();
        const seen: number[] = [];
        let entered = 0;
        for (const step of plan) {
          if (step === "pause") process.pause();
          else if (step === "resume") process.resume();
          else if (step === "step") time.runNext();
          else {
            const number = entered;
            entered += 1;
            process.enter(() => seen.push(number));
          }
        }
        process.resume();
        while (time.runNext());
        expect(seen).toEqual(Array.from({ length: entered }, (_, at) => at));
      }),
    );
  });
});
