import type { Configuration, Entry, Message } from "@balsa/core";

/** A message in full, so that two which differ read differently. */
export function describeMessage(message: Message): string {
  const { type, from, to, term, ...rest } = message;
  const fields = Object.entries(rest as Readonly<Record<string, unknown>>).map(
    ([name, value]) => `${name} ${describeValue(name, value)}`,
  );
  return [`${type} ${from}→${to} term ${term}`, ...fields].join(", ");
}

function describeValue(name: string, value: unknown): string {
  if (name === "entries") return `[${(value as readonly Entry[]).map(describeEntry).join(" ")}]`;
  if (value instanceof Uint8Array) return `${value.length} B`;
  if (typeof value !== "object" || value === null) return String(value);
  const { index, term, configuration } = value as { index: number; term: number; configuration: Configuration };
  return `${index}:${term} {${describeConfiguration(configuration)}}`;
}

/** `index:term` and what it holds. */
export function describeEntry({ index, term, kind, data, configuration }: Entry): string {
  const place = `${index}:${term}`;
  if (kind === "command") return `${place} command ${data.join(",")}`;
  return configuration === null ? `${place} no-op` : `${place} {${describeConfiguration(configuration)}}`;
}

export function describeConfiguration(configuration: Configuration): string {
  const { voters, votersOutgoing, learners, learnersNext } = configuration;
  const parts = [voters.join(" ")];
  if (votersOutgoing.length > 0) parts.push(`outgoing ${votersOutgoing.join(" ")}`);
  if (learners.length > 0) parts.push(`learners ${learners.join(" ")}`);
  if (learnersNext.length > 0) parts.push(`learners next ${learnersNext.join(" ")}`);
  return parts.join("; ");
}
