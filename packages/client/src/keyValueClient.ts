import {
  decodeKeyValueResult,
  encodeKeyValueCommand,
  encodeKeyValueQuestion,
  refusal,
  RefusedError,
  type KeyValueCommand,
  type KeyValueResult,
} from "@balsa/replica";
import type { CallOptions, ClientReadOptions, RaftClientOptions } from "./clientOptions.js";
import { RaftClient } from "./raftClient.js";

/** A client of a cluster whose state machine is `KeyValueMachine`: a map from texts to texts. */
export class KeyValueClient implements AsyncDisposable {
  readonly client: RaftClient;

  constructor(client: RaftClient) {
    this.client = client;
  }

  /** @throws BadAddressError, TlsFilesError */
  static connect(options: RaftClientOptions): KeyValueClient {
    return new KeyValueClient(RaftClient.connect(options));
  }

  /** The value of a key; null when it has none. @throws RefusedError */
  async get(key: string, options: ClientReadOptions = {}): Promise<string | null> {
    const answer = await this.client.read(encodeKeyValueQuestion({ type: "get", key }), options);
    return expectType(decodeKeyValueResult(answer), "value").value;
  }

  /** @throws RefusedError, InvalidCommandError */
  async put(key: string, value: string, options: CallOptions = {}): Promise<void> {
    expectType(await this.#perform({ type: "put", key, value }, options), "done");
  }

  /** Returns whether there was a value. @throws RefusedError, InvalidCommandError */
  async delete(key: string, options: CallOptions = {}): Promise<boolean> {
    return expectType(await this.#perform({ type: "delete", key }, options), "deleted").existed;
  }

  /** Puts `value` where `expected` is (null: nothing). Returns whether it did. @throws RefusedError, InvalidCommandError */
  async compareAndSet(
    key: string,
    expected: string | null,
    value: string,
    options: CallOptions = {},
  ): Promise<boolean> {
    return expectType(await this.#perform({ type: "compareAndSet", key, expected, value }, options), "compared")
      .swapped;
  }

  /** Adds to the end of the value. @throws RefusedError, InvalidCommandError */
  async append(key: string, value: string, options: CallOptions = {}): Promise<void> {
    expectType(await this.#perform({ type: "append", key, value }, options), "done");
  }

  close(): Promise<void> {
    return this.client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #perform(command: KeyValueCommand, options: CallOptions): Promise<KeyValueResult> {
    return decodeKeyValueResult(await this.client.propose(encodeKeyValueCommand(command), options));
  }
}

function expectType<Type extends KeyValueResult["type"]>(
  result: KeyValueResult,
  type: Type,
): Extract<KeyValueResult, { type: Type }> {
  if (result.type === type) return result as Extract<KeyValueResult, { type: Type }>;
  const isTooLarge = result.type === "tooLarge";
  throw new RefusedError(
    refusal(isTooLarge ? "TOO_LARGE" : "MALFORMED", null, `the state machine answered ${result.type}`),
  );
}
