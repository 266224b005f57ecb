/** A span of time for a person, in the unit that suits it. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${trim(milliseconds, 0)} ms`;
  if (milliseconds < 120_000) return `${trim(milliseconds / 1_000, 1)} s`;
  if (milliseconds < 7_200_000) return `${trim(milliseconds / 60_000, 1)} min`;
  return `${trim(milliseconds / 3_600_000, 1)} h`;
}

function trim(value: number, places: number): string {
  return value.toFixed(places).replace(/\.0+$/, "");
}
