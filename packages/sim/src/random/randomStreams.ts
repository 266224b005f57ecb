import { Digest } from "../digest/digest.js";
import { RandomStream } from "./randomStream.js";

/**
 * One random stream for each purpose, such as `network/a→b/loss`: a function of the seed and the purpose alone. So what is
 * drawn for one purpose never moves what is drawn for another.
 */
export class RandomStreams {
  readonly #seed: number;
  readonly #streams = new Map<string, RandomStream>();

  /** @param seed any finite number */
  constructor(seed: number) {
    if (!Number.isFinite(seed)) throw new RangeError(`the seed must be a finite number, not ${seed}`);
    this.#seed = seed;
  }

  /** The stream of this purpose, the same object at every call. */
  stream(purpose: string): RandomStream {
    let stream = this.#streams.get(purpose);
    if (stream === undefined) {
      stream = this.open(purpose);
      this.#streams.set(purpose, stream);
    }
    return stream;
  }

  /** The stream of this purpose from its beginning, for the one who keeps it: nothing of it stays here. */
  open(purpose: string): RandomStream {
    const digest = new Digest();
    digest.add(this.#seed);
    digest.addText(purpose);
    const [a, b, c, d] = digest.lanes();
    return new RandomStream(a, b, c, d);
  }
}
