import { NODE_CHOICE_SHAPE } from "./nodeChoiceShape.js";
import { number, record, wholeNumber, type Fields, type Shape } from "./shape.js";

const MAX_TIME_MS = 1e12;
export const MAX_CLIENTS = 1_000;
export const MAX_TIMED_REQUESTS = 1_000_000;

const text: Shape = { is: "text", pattern: null, expected: "text" };

function request(type: string, required: Fields, optional: Fields = {}): [string, Shape] {
  const common = { atMs: number(0, MAX_TIME_MS), client: wholeNumber(1, MAX_CLIENTS) };
  return [type, record({ type: { is: "choice", values: [type] }, ...common, ...required }, optional)];
}

export const TIMED_REQUEST_SHAPE: Shape = {
  is: "variant",
  field: "type",
  cases: Object.fromEntries([
    request("add", { amount: wholeNumber(-1e9, 1e9) }),
    request("put", { key: text, value: text }),
    request("append", { key: text, value: text }),
    request("get", { key: text }),
    request("delete", { key: text }),
    request("compareAndSet", { key: text, value: text }, { expected: text }),
    request("read", { from: NODE_CHOICE_SHAPE }, { key: text, lease: { is: "flag" } }),
  ]),
};
