import type {
  CasRegisterInput,
  CasRegisterOutput,
  CounterInput,
  CounterOutput,
  KeyValueInput,
  KeyValueOutput,
  LockInput,
  LockOutput,
  LockOwner,
  QueueInput,
  QueueOutput,
  QueueValue,
  RegisterInput,
  RegisterOutput,
  RegisterValue,
  SetElement,
  SetInput,
  SetOutput,
} from "@balsa/linearizability";
import type { Specification } from "./bruteForce.js";

export const registerSpecification: Specification<RegisterInput, RegisterOutput> = () => {
  let held: RegisterValue = null;
  return (input) => {
    if (input.type === "read") return { type: "read", value: held };
    held = input.value;
    return { type: "written" };
  };
};

export const casRegisterSpecification: Specification<CasRegisterInput, CasRegisterOutput> = () => {
  let held: RegisterValue = null;
  return (input) => {
    if (input.type === "read") return { type: "read", value: held };
    if (input.type === "write") {
      held = input.value;
      return { type: "written" };
    }
    const swapped = held === input.expected;
    if (swapped) held = input.value;
    return { type: "cas", swapped };
  };
};

export const counterSpecification: Specification<CounterInput, CounterOutput> = () => {
  let total = 0;
  return (input) => {
    if (input.type === "add") total += input.amount;
    return { total };
  };
};

export const keyValueSpecification: Specification<KeyValueInput, KeyValueOutput> = () => {
  const values = new Map<string, string>();
  return (input) => {
    const value = values.get(input.key) ?? null;
    switch (input.type) {
      case "get":
        return { type: "value", value };
      case "put":
        values.set(input.key, input.value);
        return { type: "done" };
      case "delete":
        values.delete(input.key);
        return { type: "done" };
      case "append":
        values.set(input.key, `${value ?? ""}${input.value}`);
        return { type: "done" };
      case "compareAndSet":
        if (value !== input.expected) return { type: "compared", swapped: false };
        values.set(input.key, input.value);
        return { type: "compared", swapped: true };
    }
  };
};

export const lockSpecification: Specification<LockInput, LockOutput> = () => {
  let holder: LockOwner | null = null;
  return ({ type, owner }) => {
    if (type === "acquire" ? holder !== null : holder !== owner) return { done: false };
    holder = type === "acquire" ? owner : null;
    return { done: true };
  };
};

export const queueSpecification: Specification<QueueInput, QueueOutput> = () => {
  const held: QueueValue[] = [];
  return (input) => {
    if (input.type === "dequeue") return { type: "dequeued", value: held.shift() ?? null };
    held.push(input.value);
    return { type: "enqueued" };
  };
};

export const setSpecification: Specification<SetInput, SetOutput> = () => {
  const held = new Set<SetElement>();
  return (input) => {
    switch (input.type) {
      case "add": {
        const changed = !held.has(input.element);
        held.add(input.element);
        return { type: "done", changed };
      }
      case "remove":
        return { type: "done", changed: held.delete(input.element) };
      case "contains":
        return { type: "contains", found: held.has(input.element) };
      case "read":
        // In a fixed order, so that equal answers are written alike.
        return { type: "read", elements: [...held].sort((a, b) => Number(a) - Number(b)) };
    }
  };
};
