import { at } from "../at.js";

/** Looking for texts inside of others ends after so many characters; what was not looked for counts as found. */
const MAX_CHARACTERS_SEARCHED = 64_000_000;

/** Texts that an answer speaks of, each until some time, and questions about what they begin with or hold. */
export class Beginnings {
  /** In ascending order of code units, each once, so that those with one beginning stand side by side. */
  private readonly texts: readonly string[];
  private readonly until: readonly number[];
  private charactersSearched = 0;

  constructor(untilByText: ReadonlyMap<string, number>) {
    this.texts = [...untilByText.keys()].sort();
    this.until = this.texts.map((text) => untilByText.get(text) ?? -Infinity);
  }

  /** Whether a text that is spoken of at `now` or later begins so. */
  has(beginning: string, now: number): boolean {
    for (let place = this.placeOf(beginning); this.texts[place]?.startsWith(beginning) === true; place++) {
      if (at(this.until, place) >= now) return true;
    }
    return false;
  }

  /** Whether a text holds this one anywhere. */
  holds(part: string): boolean {
    return this.texts.some((text, place) => {
      // What begins the next text is found there.
      if (this.texts[place + 1]?.startsWith(text) === true) return false;
      this.charactersSearched += text.length;
      return this.charactersSearched > MAX_CHARACTERS_SEARCHED || text.includes(part);
    });
  }

  private placeOf(beginning: string): number {
    let low = 0;
    let high = this.texts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at(this.texts, middle) < beginning) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Notes that something is spoken of until a time, null standing for ever. */
export function noteUntil<Thing>(untilByThing: Map<Thing, number>, thing: Thing, returnedAt: number | null): void {
  const until = returnedAt ?? Infinity;
  untilByThing.set(thing, Math.max(untilByThing.get(thing) ?? -Infinity, until));
}
