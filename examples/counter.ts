import { RaftNode, type MemberOptions, type TypedStateMachine } from "@balsa/node";

interface Add {
  readonly add: number;
}

export class Counter implements TypedStateMachine<Add, number> {
  value = 0;

  apply({ add }: Add): number {
    this.value += add;
    return this.value;
  }

  snapshot(): number {
    return this.value;
  }

  restore(value: number): void {
    this.value = value;
  }

  query(question: "value"): number | null {
    return question === "value" ? this.value : null;
  }
}

export function openCounter(options: MemberOptions) {
  return RaftNode.open({ ...options, stateMachine: new Counter() });
}

export async function addThree(options: MemberOptions): Promise<number> {
  await using node = await openCounter(options);
  const total = await node.propose({ add: 3 }, { timeoutMs: 10_000 });
  const value = await node.read((counter) => counter.value); // linearizable
  if (value < total) throw new Error("A linearizable read sees every write that was acknowledged before it.");
  return total;
}
