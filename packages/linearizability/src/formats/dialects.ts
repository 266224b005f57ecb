import type { Defined } from "../defined.js";
import type { Model } from "../model.js";
import { casRegister } from "../models/casRegister.js";
import { counter } from "../models/counter.js";
import { keyValue } from "../models/keyValue.js";
import { lock } from "../models/lock.js";
import { queue } from "../models/queue.js";
import { register } from "../models/register.js";
import { set } from "../models/set.js";
import type { OperationKind } from "./operationKind.js";

/** A model whose states, inputs and outputs are not known to the compiler: those of a file are checked when it is read. */
export type AnyModel = Model<Defined, unknown, Defined>;

/** How the operations of one model are written in a history. */
export interface Dialect {
  readonly model: AnyModel;
  readonly kinds: readonly OperationKind[];
  /** Each operation has a key of the model's own; without this a key makes many objects of one. */
  readonly hasKeys?: true;
  /** An input names who asks: the process of an event. */
  readonly hasOwner?: true;
}

const READ: OperationKind = {
  names: ["read"],
  input: {},
  answerType: "read",
  answer: { value: "value" },
  answered: "value",
};
const WRITE: OperationKind = {
  names: ["write"],
  input: { value: "value" },
  answerType: "written",
  answer: {},
  asked: "value",
};
const CAS: OperationKind = {
  names: ["cas", "compareAndSet"],
  input: { expected: "value", value: "value" },
  answerType: "cas",
  answer: { swapped: "flag" },
  asked: ["expected", "value"],
  ok: { swapped: true },
};

const KEY_VALUE: readonly OperationKind[] = [
  {
    names: ["get", "read"],
    input: { key: "text" },
    answerType: "value",
    answer: { value: "textOrAbsent" },
    answered: "value",
  },
  { names: ["put", "write"], input: { key: "text", value: "text" }, answerType: "done", answer: {}, asked: "value" },
  { names: ["append"], input: { key: "text", value: "text" }, answerType: "done", answer: {}, asked: "value" },
  { names: ["delete"], input: { key: "text" }, answerType: "done", answer: {} },
  {
    names: ["compareAndSet", "cas"],
    input: { key: "text", expected: "textOrAbsent", value: "text" },
    answerType: "compared",
    answer: { swapped: "flag" },
    asked: ["expected", "value"],
    ok: { swapped: true },
  },
];

const COUNTER: readonly OperationKind[] = [
  {
    names: ["add"],
    input: { amount: "number" },
    answerType: null,
    answer: { total: "total" },
    asked: "amount",
    ok: { total: null },
  },
  { names: ["read"], input: {}, answerType: null, answer: { total: "total" }, answered: "total" },
];

const QUEUE: readonly OperationKind[] = [
  { names: ["enqueue"], input: { value: "scalar" }, answerType: "enqueued", answer: {}, asked: "value" },
  { names: ["dequeue"], input: {}, answerType: "dequeued", answer: { value: "value" }, answered: "value" },
];

const LOCK: readonly OperationKind[] = ["acquire", "release"].map((name) => ({
  names: [name],
  input: { owner: "scalar" },
  answerType: null,
  answer: { done: "flag" },
  ok: { done: true },
}));

const SET: readonly OperationKind[] = [
  ...["add", "remove"].map((name): OperationKind => ({
    names: [name],
    input: { element: "scalar" },
    answerType: "done",
    answer: { changed: "flagOrUnknown" },
    asked: "element",
    ok: { changed: null },
  })),
  {
    names: ["contains"],
    input: { element: "scalar" },
    answerType: "contains",
    answer: { found: "flag" },
    asked: "element",
    answered: "found",
  },
  { names: ["read"], input: {}, answerType: "read", answer: { elements: "scalars" }, answered: "elements" },
];

export const MODEL_NAMES = ["register", "cas-register", "key-value", "counter", "queue", "lock", "set"] as const;
export type ModelName = (typeof MODEL_NAMES)[number];

export const DIALECTS: Readonly<Record<ModelName, Dialect>> = {
  register: { model: register, kinds: [READ, WRITE] },
  "cas-register": { model: casRegister, kinds: [READ, WRITE, CAS] },
  "key-value": { model: keyValue, kinds: KEY_VALUE, hasKeys: true },
  counter: { model: counter, kinds: COUNTER },
  queue: { model: queue, kinds: QUEUE },
  lock: { model: lock, kinds: LOCK, hasOwner: true },
  set: { model: set, kinds: SET },
};
