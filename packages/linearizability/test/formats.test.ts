import type { ModelName, Operation, ParsedHistory } from "@balsa/linearizability";
import { checkHistory, HistoryFormatError, HistoryRecorder, parseHistory } from "@balsa/linearizability";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const verdictOf = ({ model, operations }: ParsedHistory): string => checkHistory(model, operations).verdict;

function errorOf(text: string, options = {}): HistoryFormatError {
  try {
    parseHistory(text, options);
  } catch (error) {
    if (error instanceof HistoryFormatError) return error;
    throw error;
  }
  throw new Error("it was taken for a history");
}

describe("a log of Jepsen", () => {
  const line = (rest: string) => `INFO  jepsen.util - ${rest}`;

  it("has operations of numbered processes; the nemesis, other loggers and blank lines are passed over", () => {
    const parsed = parseHistory(
      [
        line("0\t:invoke\t:write\t1"),
        "INFO  jepsen.core - Setting up database",
        line(":nemesis\t:info\t:start\tnil"),
        "",
        line("1\t:invoke\t:read\tnil"),
        line("0\t:ok\t:write\t1"),
        line("1\t:ok\t:read\t1"),
      ].join("\r\n"),
    );
    expect(parsed).toMatchObject({ format: "jepsen-log", modelName: "cas-register", invoked: 2 });
    expect(parsed.operations).toEqual([
      { clientId: 0, input: { type: "write", value: 1 }, output: { type: "written" }, invokedAt: 0, returnedAt: 2 },
      { clientId: 1, input: { type: "read" }, output: { type: "read", value: 1 }, invokedAt: 1, returnedAt: 3 },
    ]);
  });

  it("leaves out what failed, and keeps open what ended in info or not at all", () => {
    const events = [
      "0 :invoke :write 1",
      "0 :fail :write :timed-out",
      "1 :invoke :cas [1 2]",
      "1 :info :cas :timed-out",
      "2 :invoke :write 3",
    ];
    const { operations, invoked } = parseHistory(events.map(line).join("\n"));
    expect(invoked).toBe(3);
    expect(operations.map(({ input, output, returnedAt }) => [input, output, returnedAt])).toEqual([
      [{ type: "cas", expected: 1, value: 2 }, undefined, null],
      [{ type: "write", value: 3 }, undefined, null],
    ]);
  });

  it("may have times and threads before its lines, as newer versions do", () => {
    const text = [
      "2016-05-08 16:06:55 INFO  [jepsen worker 0] jepsen.util: 0  :invoke :read nil",
      "2016-05-08 16:06:55 INFO  [jepsen worker 0] jepsen.util: 0  :ok :read 4",
    ].join("\n");
    expect(verdictOf(parseHistory(text, { format: "jepsen-log" }))).toBe("illegal");
  });

  it.each([
    ["0 :invoke", 1, "PROCESS"],
    ["0 :begin :read nil", 1, ":invoke, :ok, :fail or :info"],
    ["0 :ok :read nil", 1, "its invoke before"],
    ["0 :invoke :read nil\nINFO  jepsen.util - 0 :invoke :read nil", 2, "first"],
    ["0 :invoke :read nil\nINFO  jepsen.util - 0 :ok :write 1", 2, "the read of line 1"],
    ["0 :invoke :write [1 2 3]", 1, "a string, a number or null"],
    ["0 :invoke :cas 7", 1, "a pair"],
    ["0 :invoke :read nil\nINFO  jepsen.util - 0 :ok :read nil\nINFO  jepsen.util - 0 :ok :read nil", 3, "its invoke"],
  ])("is refused with line and what was expected: %s", (text, at, expected) => {
    const error = errorOf(line(text));
    expect(error.line).toBe(at);
    expect(error.message).toContain(expected);
  });
});

describe("a history in EDN", () => {
  const stale = [
    "{:index 0, :time 1, :process 0, :type :invoke, :f :write, :value 1}",
    "{:index 1, :time 2, :process :nemesis, :type :info, :f :start-partition, :value {:n1 #{:n2}}}",
    "{:index 2, :time 3, :process 0, :type :ok, :f :write, :value 1}",
    "{:index 3, :time 4, :process 1, :type :invoke, :f :read, :value nil}",
    '{:index 4, :time 9223372036854775807, :process 1, :type :ok, :f :read, :value nil, :node "n1"}',
  ];

  it.each([
    ["a map a line", stale.join("\n")],
    ["a vector", `[${stale.join("\n ")}]`],
    ["a list", `(${stale.join(" ")})`],
    ["records", stale.map((text) => `#jepsen.history.Op${text}`).join("\n")],
    [
      "a tagged vector's elements",
      `; a comment\n[${stale.map((text) => `#knossos.op.Op ${text}`).join(",")} #_ignored]`,
    ],
  ])("may be %s", (_, text) => {
    const parsed = parseHistory(text);
    expect(parsed).toMatchObject({ format: "edn", modelName: "cas-register", invoked: 2 });
    expect(verdictOf(parsed)).toBe("illegal");
  });

  it("may be of independent registers, with values that are pairs of key and value", () => {
    const text = [
      "{:process 0, :type :invoke, :f :write, :value [7 1]}",
      "{:process 0, :type :ok, :f :write, :value [7 1]}",
      "{:process 1, :type :invoke, :f :cas, :value [8 [nil 2]]}",
      "{:process 1, :type :ok, :f :cas, :value [8 [nil 2]]}",
      "{:process 0, :type :invoke, :f :read, :value [8 nil]}",
      "{:process 0, :type :ok, :f :read, :value [8 2]}",
    ];
    expect(verdictOf(parseHistory(text.join("\n")))).toBe("linearizable");
    expect(verdictOf(parseHistory(text.join("\n").replace("[8 2]}", "[8 1]}")))).toBe("illegal");
  });

  it("reads an empty text as an absent key where none is ever stored", () => {
    const get = '{:process 0, :type :invoke, :f :get, :key "k"} {:process 0, :type :ok, :f :get, :key "k", :value ""}';
    const put = '{:process 1, :type :invoke, :f :put, :key "j", :value ""}';
    expect(verdictOf(parseHistory(get))).toBe("linearizable");
    expect(verdictOf(parseHistory(get + put))).toBe("illegal");
  });

  it.each<[ModelName, string, string]>([
    ["queue", "0 enqueue 1 1, 0 dequeue nil 1, 0 dequeue nil nil", "0 enqueue 1 1, 0 enqueue 2 2, 0 dequeue nil 2"],
    ["lock", "0 acquire nil nil, 0 release nil nil, 1 acquire nil nil", "0 acquire nil nil, 1 acquire nil nil"],
    ["set", "0 add 1 1, 0 add 2 2, 0 read nil #{2 1}", "0 add 1 1, 0 add 2 2, 0 read nil #{2}"],
    ["set", "0 add 1 1, 0 contains 1 true, 0 remove 1 1", "0 add 1 1, 0 contains 1 false"],
    ["counter", "0 add 1 1, 0 add -3 -3, 0 read nil -2", "0 add 1 1, 0 read nil 2"],
    ["register", "0 write 1 1, 0 read nil 1", "0 write 1 1, 0 read nil nil"],
  ])("may be of a %s", (modelName, right, wrong) => {
    const textOf = (calls: string) =>
      calls
        .split(", ")
        .map((call) => {
          const [process = "", f = "", asked = "", answered = ""] = call.split(/ (?![^{]*\})/);
          const event = (type: string, value: string) => `{:process ${process} :type ${type} :f :${f} :value ${value}}`;
          return event(":invoke", asked) + event(":ok", answered);
        })
        .join("\n");
    const options = modelName === "register" ? { model: modelName } : {};
    expect(parseHistory(textOf(right), options).modelName).toBe(modelName);
    expect(verdictOf(parseHistory(textOf(right), options))).toBe("linearizable");
    expect(verdictOf(parseHistory(textOf(wrong), options))).toBe("illegal");
  });

  it.each([
    ["{:process 0\n:type :invoke", 2, "a }"],
    ["[{:process 0 :type :invoke :f :read}\n", 2, "a ]"],
    ["\n]", 2, "a value"],
    ["{:process 0 :type}", 1, "pairs"],
    ["\n\n7", 3, "a map"],
    ["{:type :invoke :f :read}", 1, "a number"],
    ["{:process 0 :type :began :f :read}", 1, ":invoke, :ok, :fail or :info"],
    ["{:process 0 :type :invoke :f 7}", 1, "a keyword"],
    ['{:process 0 :type :invoke :f :get :key "k" :value "\\q"}', 1, "one of"],
    ["{:process 0 :type :invoke :f :launch}", 1, "a model to be named"],
    ["{:process 0 :type :invoke :f :get}", 1, "a key"],
    [`{:process 0 :value ${"[".repeat(1_000_000)}`, 1, "at most 64 levels"],
    ["#_".repeat(1_000_000), 1, "at most 64 levels"],
    ["#a ".repeat(1_000_000), 1, "at most 64 levels"],
    [`{:process 0 :value "${"x".repeat(1_100_000)}"}`, 1, "at most 1048576 characters"],
  ])("is refused with line and what was expected: case %#", (text, at, expected) => {
    const error = errorOf(text, { format: "edn" });
    expect(error.line).toBe(at);
    expect(error.message).toContain(expected);
  });
});

describe("JSON lines", () => {
  it("may be events, with a first line that names the model", () => {
    const text = [
      '{"model":"register"}',
      '{"process":"a","type":"invoke","f":"write","value":1}',
      '{"process":"nemesis","type":"info","f":"kill"}',
      '{"process":"a","type":"ok","f":"write"}',
      '{"process":"b","type":"invoke","f":"read","key":null}',
    ];
    expect(errorOf(text.join("\n"))).toMatchObject({ line: 2 });
    text[4] = '{"process":"b","type":"invoke","f":"read"}';
    const parsed = parseHistory(text.join("\n"));
    expect(parsed).toMatchObject({ format: "jsonl", modelName: "register", invoked: 2 });
    expect(verdictOf(parsed)).toBe("linearizable");
  });

  it("may be what a recorder has, each operation written by JSON.stringify", () => {
    const recorder = new HistoryRecorder<unknown, object>();
    const lost = recorder.invoke("a", { type: "append", key: "k", value: "x" });
    recorder.complete(recorder.invoke("b", { type: "get", key: "k" }), { type: "value", value: "x" });
    recorder.close(lost);
    recorder.invoke("c", { type: "compareAndSet", key: "k", expected: null, value: "z" });
    const text = recorder.operations().map((operation) => JSON.stringify(operation));
    const parsed = parseHistory(text.join("\n"));
    expect(parsed).toMatchObject({ format: "jsonl", modelName: "key-value", invoked: 3 });
    expect(parsed.operations).toEqual(recorder.operations());
  });

  const operation = (changes: Partial<Record<keyof Operation<unknown, unknown>, unknown>>) =>
    JSON.stringify({ clientId: 1, input: { type: "read" }, output: null, invokedAt: 0, returnedAt: null, ...changes });

  it.each([
    ["{", "one JSON object a line"],
    ["7", "one JSON object a line"],
    ["{}", "an event"],
    ['{"process":{},"type":"invoke","f":"read"}', "a string or a number"],
    ['{"process":1,"type":"invoke","f":null}', "a name"],
    ['{"process":1,"type":"launched","f":"read"}', '"invoke"'],
    ['{"process":1,"type":"invoke","f":"write","value":{}}', "a string, a number or null"],
    ['{"model":"regsiter"}', "one of register"],
    [operation({ invokedAt: "now" }), "a number"],
    [operation({ invokedAt: 5, returnedAt: 4 }), "no less than"],
    [operation({ output: { type: "read", value: 1 } }), "none where returnedAt is null"],
    [operation({ returnedAt: 1, output: { type: "read" } }), "a string, a number or null"],
    [operation({ returnedAt: 1, output: { type: "written" } }), '"read"'],
    [operation({ input: { type: "write", value: [] } }), "a string, a number or null"],
    [operation({ input: 7 }), "an object"],
    [`${operation({})}\n{"process":1,"type":"invoke","f":"read"}`, "one or the other"],
    [`${operation({})}\n{"model":"register"}`, "in the first line only"],
    ["x".repeat(1_100_000), "at most 1048576 characters"],
  ])("are refused with line and what was expected: case %#", (text, expected) => {
    const error = errorOf(text, { format: "jsonl" });
    expect(error.line).toBe(text.includes("\n") ? 2 : 1);
    expect(error.message).toContain(expected);
  });
});

describe("whatever a file holds", () => {
  const piece = fc.constantFrom(
    ...[
      "{",
      "}",
      "[",
      "]",
      "(",
      ")",
      '"',
      "\\",
      "#",
      "#_",
      "#{",
      ";",
      "\n",
      " ",
      ",",
      ":process ",
      ":type :invoke ",
      "0 ",
    ],
    ...[
      ":f :read ",
      ":f :cas ",
      ":value ",
      "nil ",
      "[1 2] ",
      ":key ",
      ":ok ",
      '{"process":',
      '"type":"invoke",',
      "1e999 ",
    ],
    ...[
      "INFO  jepsen.util - ",
      "0\t:invoke\t:write\t1\n",
      "0 :ok :write 1\n",
      '{"clientId":1,"invokedAt":0,"input":',
      "\u0000",
      "\ud800",
    ],
  );

  it("it is a history or an error with a line, nothing else", () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.constantFrom(undefined, "jepsen-log", "edn", "jsonl"),
        (pieces, format) => {
          const text = pieces.join("");
          try {
            verdictOf(parseHistory(text, format === undefined ? {} : { format }));
          } catch (error) {
            expect(error).toBeInstanceOf(HistoryFormatError);
            expect((error as HistoryFormatError).line).toBeLessThanOrEqual(text.split("\n").length);
          }
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it.each(["\\", "#_\\", '"\\', "#", "#_", "[#_\\", "{:process #_\\"])(
    "reading ends where the text does: %s",
    (text) => {
      expect(errorOf(text, { format: "edn" }).message).toContain("expected");
    },
  );

  it("it is an empty history where nothing is in it", () => {
    expect(parseHistory("\n")).toMatchObject({ operations: [], invoked: 0 });
  });
});
