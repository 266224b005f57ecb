import { describe, expect, test } from "vitest";
import { coloured, plain } from "../src/render/style.js";
import { renderTimeline } from "../src/render/timeline.js";
import { sampleReport } from "./support/sampleReport.js";

/** Ten columns of lane, so that a column is a second of the sample. */
const TEN_COLUMNS = 2 + 8 + 10;

describe("the timeline", () => {
  test("has a lane for each node, the terms, and the faults, with a mark for every state", () => {
    expect(renderTimeline(sampleReport(), plain, TEN_COLUMNS).slice(0, 6)).toEqual([
      "          0    5 s10 s",
      "  n1      .Lxx......",
      "  n2      ..cLLLLLLL",
      "  n3      ......~~..",
      "  term     1 2",
      "  faults    1   1",
    ]);
  });

  test("explains its marks within 80 columns", () => {
    const lines = renderTimeline(sampleReport(), plain, 80);
    expect(lines.slice(-2)).toEqual([
      "  . follower   L leader   c candidate   o learner   ~ cut off",
      "  l leader cut off   z paused   x down   1-9 + faults begun",
    ]);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("shows a leader that is cut off, and the smaller side of a partition as the one that is", () => {
    const report = sampleReport({
      injected: [{ kind: "partition", atMs: 6_000, untilMs: 8_000, nodes: ["n1", "n3"], description: "" }],
    });
    expect(renderTimeline(report, plain, TEN_COLUMNS)[2]).toBe("  n2      ..cLLLllLL");
    expect(renderTimeline(report, plain, TEN_COLUMNS)[1]).toBe("  n1      .Lxx......");
  });

  test("does not count nodes that join later when it looks for the smaller side", () => {
    const late = { fromMs: 9_000, untilMs: 10_000, state: "learner", term: 2 } as const;
    const timeline = [
      ...sampleReport().timeline,
      { node: "n4", segments: [{ fromMs: 0, untilMs: 9_000, state: "absent", term: 0 } as const, late] },
    ];
    const partition = { kind: "partition", atMs: 6_000, untilMs: 8_000, nodes: ["n1", "n2"], description: "" } as const;
    const lines = renderTimeline(sampleReport({ timeline, injected: [partition] }), plain, TEN_COLUMNS);
    expect(lines.slice(1, 4)).toEqual(["  n1      .Lxx......", "  n2      ..cLLLLLLL", "  n3      ......~~.."]);
  });

  test("shows in a column what lasted longest in it, and nothing where the node was not there", () => {
    const segments = [
      { fromMs: 0, untilMs: 4_000, state: "absent", term: 0 },
      { fromMs: 4_000, untilMs: 6_400, state: "learner", term: 2 },
      { fromMs: 6_400, untilMs: 6_600, state: "preCandidate", term: 2 },
      { fromMs: 6_600, untilMs: 10_000, state: "paused", term: 2 },
    ] as const;
    const lines = renderTimeline(
      sampleReport({ injected: [], timeline: [{ node: "n4", segments }] }),
      plain,
      TEN_COLUMNS,
    );
    expect(lines[1]).toBe("  n4          ooozzz");
  });

  test("counts the faults of a column, with + for more than nine", () => {
    const fault = { kind: "crash", untilMs: null, nodes: ["n1"], description: "" } as const;
    const injected = [0, 0, 9_999, ...new Array<number>(10).fill(5_000)].map((atMs) => ({ ...fault, atMs }));
    expect(renderTimeline(sampleReport({ injected }), plain, TEN_COLUMNS)[5]).toBe("  faults  2    +   1");
  });

  test("has the same text in colour, and another colour for the next term", () => {
    const lines = renderTimeline(sampleReport(), coloured, TEN_COLUMNS);
    // eslint-disable-next-line no-control-regex -- the escape codes are what is taken out
    const bare = lines.map((line) => line.replace(/\x1b\[[\d;]*m/g, ""));
    expect(bare).toEqual(renderTimeline(sampleReport(), plain, TEN_COLUMNS));
    expect(lines[1]).toContain("\x1b[32;7;1mL\x1b[0m");
    expect(lines[2]).toContain("\x1b[35;7;1mLLLLLLL\x1b[0m");
  });

  test("of a run that has not begun is drawn, too", () => {
    expect(() => renderTimeline(sampleReport({ simulatedMs: 0, timeline: [] }), plain, 80)).not.toThrow();
  });
});
