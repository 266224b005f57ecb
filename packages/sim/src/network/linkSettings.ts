/** How the way from one node to another behaves, in this one direction. Without faults it is quick and keeps the order. */
export interface LinkSettings {
  /** Of each message; default 0. */
  readonly lossProbability: number;
  /** That a message arrives a second time, some while after; default 0. */
  readonly duplicateProbability: number;
  /** The least delay; default 0.2. */
  readonly delayMinMs: number;
  /** The mean delay, which has an exponential tail; default 1. Where it is below `delayMinMs`, all delays are that. */
  readonly delayMeanMs: number;
  /** That a message is held back, and overtaken by those behind it; default 0. */
  readonly reorderProbability: number;
  /** The mean time for which it is held back, with an exponential tail; default 10. */
  readonly reorderMeanMs: number;
  /** What the link carries; default Infinity. */
  readonly bandwidthBytesPerMs: number;
  /** How many messages may be on their way at once, or wait for a paused receiver; more are dropped. Default 1,024. */
  readonly queueLimit: number;
}

export const DEFAULT_LINK_SETTINGS: LinkSettings = {
  lossProbability: 0,
  duplicateProbability: 0,
  delayMinMs: 0.2,
  delayMeanMs: 1,
  reorderProbability: 0,
  reorderMeanMs: 10,
  bandwidthBytesPerMs: Infinity,
  queueLimit: 1_024,
};

/** @throws RangeError for a setting that means nothing */
export function checkLinkSettings(settings: Partial<LinkSettings>): void {
  for (const name of ["lossProbability", "duplicateProbability", "reorderProbability"] as const) {
    const probability = settings[name] ?? 0;
    if (!(probability >= 0 && probability <= 1))
      throw new RangeError(`${name} must be from 0 to 1, not ${probability}`);
  }
  for (const name of ["delayMinMs", "delayMeanMs", "reorderMeanMs"] as const) {
    const delayMs = settings[name] ?? 0;
    if (!(delayMs >= 0 && delayMs < Infinity)) {
      throw new RangeError(`${name} must be finite and not negative, not ${delayMs}`);
    }
  }
  for (const name of ["bandwidthBytesPerMs", "queueLimit"] as const) {
    const limit = settings[name] ?? Infinity;
    if (!(limit > 0)) throw new RangeError(`${name} must be above 0, not ${limit}`);
  }
}
