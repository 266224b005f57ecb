import { RaftClient } from "@balsa/client";

/** A program that is no member: its command takes effect once, whatever fails on the way. */
export async function addFromOutside(servers: readonly string[], add: number): Promise<unknown> {
  await using client = RaftClient.connect({ servers });
  const encoder = new TextEncoder();
  await client.propose(encoder.encode(JSON.stringify({ add })));
  const answer = await client.read(encoder.encode(JSON.stringify("value")));
  return JSON.parse(new TextDecoder().decode(answer.subarray(1))); // behind a byte that says that there is an answer
}
