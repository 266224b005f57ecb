import type {
  CasRegisterInput,
  CasRegisterOutput,
  CounterInput,
  CounterOutput,
  KeyValueInput,
  KeyValueOutput,
  RegisterInput,
  RegisterOutput,
  RegisterValue,
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
