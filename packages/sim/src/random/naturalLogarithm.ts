const LN_2 = 0.6931471805599453;

/**
 * ln(numerator / 2^32), for an integer numerator from 1 to 2^32, to within 1e-9. `Math.log` may differ between versions of
 * an engine; the four operations used here are exact by IEEE 754, so that a seed means the same everywhere.
 */
export function logarithmOfFraction(numerator: number): number {
  const exponent = numerator === 4_294_967_296 ? 32 : 31 - Math.clz32(numerator);
  const power = exponent === 32 ? 4_294_967_296 : (1 << exponent) >>> 0;
  // With m = numerator / power in [1, 2): ln m = 2 atanh((m - 1) / (m + 1)), a series in a ratio below 1/3.
  const ratio = (numerator - power) / (numerator + power);
  const square = ratio * ratio;
  let sum = 1 / 17;
  sum = sum * square + 1 / 15;
  sum = sum * square + 1 / 13;
  sum = sum * square + 1 / 11;
  sum = sum * square + 1 / 9;
  sum = sum * square + 1 / 7;
  sum = sum * square + 1 / 5;
  sum = sum * square + 1 / 3;
  sum = sum * square + 1;
  return 2 * ratio * sum - (32 - exponent) * LN_2;
}
