import { RaftHost, type RaftHostOptions, type RaftNode, type TypedStateMachine } from "@balsa/node";

/** Money on its way to an account that another group may keep. */
export interface Transfer {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

export type AccountCommand =
  | { readonly type: "open"; readonly account: string; readonly amount: number }
  | { readonly type: "send"; readonly transfer: Transfer }
  | { readonly type: "receive"; readonly transfer: Transfer }
  | { readonly type: "arrived"; readonly id: string };

export interface AccountsState {
  readonly balances: Readonly<Record<string, number>>;
  /** Sent from here, and not known to have arrived. */
  readonly leaving: readonly Transfer[];
  /** The ids of what has left and of what has come in, so that nothing does so twice. */
  readonly sent: readonly string[];
  readonly received: readonly string[];
}

/** The accounts of one group. */
export class Accounts implements TypedStateMachine<AccountCommand, boolean> {
  #balances = new Map<string, number>();
  #leaving = new Map<string, Transfer>();
  #sent = new Set<string>();
  #received = new Set<string>();

  /** Whether it was done. */
  apply(command: AccountCommand): boolean {
    switch (command.type) {
      case "open":
        if (this.#balances.has(command.account)) return false;
        this.#balances.set(command.account, command.amount);
        return true;
      case "send": {
        const { id, from, amount } = command.transfer;
        if (this.#sent.has(id)) return true;
        if (this.balance(from) < amount) return false;
        this.#balances.set(from, this.balance(from) - amount);
        this.#sent.add(id);
        this.#leaving.set(id, command.transfer);
        return true;
      }
      case "receive": {
        const { id, to, amount } = command.transfer;
        if (this.#received.has(id)) return true;
        this.#received.add(id);
        this.#balances.set(to, this.balance(to) + amount);
        return true;
      }
      case "arrived":
        return this.#leaving.delete(command.id);
    }
  }

  balance(account: string): number {
    return this.#balances.get(account) ?? 0;
  }

  get leaving(): readonly Transfer[] {
    return [...this.#leaving.values()];
  }

  snapshot(): AccountsState {
    const [balances, leaving] = [Object.fromEntries(this.#balances), this.leaving];
    return { balances, leaving, sent: [...this.#sent], received: [...this.#received] };
  }

  restore({ balances, leaving, sent, received }: AccountsState): void {
    this.#balances = new Map(Object.entries(balances));
    this.#leaving = new Map(leaving.map((transfer) => [transfer.id, transfer]));
    this.#sent = new Set(sent);
    this.#received = new Set(received);
  }
}

const SHARDS = 16;

/** The group that keeps an account: the same on every host, and for ever. */
export function groupOf(account: string): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (const byte of new TextEncoder().encode(account)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return 1 + (hash % SHARDS);
}

type Shard = RaftNode<AccountCommand, boolean, Accounts>;

/** One of the instances of the service: a member of every group. */
export class Bank {
  readonly #host: RaftHost;
  readonly #shards: readonly Shard[];

  private constructor(host: RaftHost, shards: readonly Shard[]) {
    this.#host = host;
    this.#shards = shards;
  }

  static async open(options: RaftHostOptions): Promise<Bank> {
    const host = await RaftHost.open(options);
    const groups = Array.from({ length: SHARDS }, (_, i) => i + 1);
    const shards = await Promise.all(groups.map((group) => host.openGroup({ group, stateMachine: new Accounts() })));
    return new Bank(host, shards);
  }

  get host(): RaftHost {
    return this.#host;
  }

  async openAccount(account: string, amount: number): Promise<boolean> {
    return this.#shardOf(account).propose({ type: "open", account, amount });
  }

  async balance(account: string): Promise<number> {
    return this.#shardOf(account).read((accounts) => accounts.balance(account));
  }

  /** In three steps, none of which can be done twice. Between them the money is on its way, and in neither account. */
  async transfer(transfer: Transfer): Promise<boolean> {
    if (!(await this.send(transfer))) return false;
    await this.#finish(transfer);
    return true;
  }

  /** The first of them: whether the account had so much. */
  async send(transfer: Transfer): Promise<boolean> {
    return this.#shardOf(transfer.from).propose({ type: "send", transfer });
  }

  /** What an instance has begun that is gone, any other finishes: in each group that this one leads. */
  async finishTransfers(): Promise<number> {
    let finished = 0;
    for (const shard of this.#shards.filter((each) => each.metrics().isLeader)) {
      for (const transfer of await shard.read((accounts) => accounts.leaving)) {
        await this.#finish(transfer);
        finished += 1;
      }
    }
    return finished;
  }

  async #finish(transfer: Transfer): Promise<void> {
    await this.#shardOf(transfer.to).propose({ type: "receive", transfer });
    await this.#shardOf(transfer.from).propose({ type: "arrived", id: transfer.id });
  }

  #shardOf(account: string): Shard {
    return this.#shards[groupOf(account) - 1] as Shard;
  }
}
