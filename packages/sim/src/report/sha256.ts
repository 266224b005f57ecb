// The constants of FIPS 180-4, §4.2.2 and §5.3.3: parts of the roots of the first primes, computed with whole numbers.
const PRIMES = firstPrimes(64);
const ROUND_WORDS = PRIMES.map((prime) => fractionOfRoot(BigInt(prime), 3n));
const START_WORDS = PRIMES.slice(0, 8).map((prime) => fractionOfRoot(BigInt(prime), 2n));

const BLOCK_BYTES = 64;

/** SHA-256 (FIPS 180-4), hexadecimal: for reports only, where no platform's own is to be had. */
export function sha256(bytes: Uint8Array): string {
  const state = Int32Array.from(START_WORDS);
  const padded = pad(bytes);
  const schedule = new Int32Array(64);
  for (let offset = 0; offset < padded.length; offset += BLOCK_BYTES) {
    fillSchedule(schedule, padded, offset);
    compress(state, schedule);
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function pad(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil((bytes.length + 9) / BLOCK_BYTES);
  const padded = new Uint8Array(blocks * BLOCK_BYTES);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  return padded;
}

function fillSchedule(schedule: Int32Array, padded: Uint8Array, offset: number): void {
  const view = new DataView(padded.buffer, offset, BLOCK_BYTES);
  for (let t = 0; t < 16; t += 1) schedule[t] = view.getInt32(t * 4);
  for (let t = 16; t < 64; t += 1) {
    const early = schedule[t - 15] as number;
    const late = schedule[t - 2] as number;
    const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    schedule[t] = ((schedule[t - 16] as number) + sigma0 + (schedule[t - 7] as number) + sigma1) | 0;
  }
}

function compress(state: Int32Array, schedule: Int32Array): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t += 1) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + sum1 + choice + (ROUND_WORDS[t] as number) + (schedule[t] as number)) | 0;
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + sum0 + majority) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = ((state[i] as number) + word) | 0;
  });
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate += 1) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}

/** The first 32 bits behind the point of the square or cube root. */
function fractionOfRoot(n: bigint, degree: bigint): number {
  const scaled = n << (32n * degree);
  let low = 0n;
  let high = scaled;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** degree <= scaled) low = middle;
    else high = middle - 1n;
  }
  return Number(BigInt.asIntN(32, low));
}
