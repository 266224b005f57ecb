/**
 * A value as a history writes it. Keywords and symbols of EDN are strings, a keyword with its colon; lists, vectors and
 * sets are arrays; whole numbers beyond 2^53 are kept as text, so that none is taken for another.
 */
export type Datum = null | boolean | number | string | readonly Datum[] | ReadonlyMap<Datum, Datum>;

const MAX_SHOWN = 60;

/** A value for an error message, cut to a readable length. */
export function showDatum(value: unknown): string {
  const text = value instanceof Map ? "a map" : (JSON.stringify(value) ?? "nothing");
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
