import type { Datum } from "./datum.js";
import { HistoryFormatError } from "./historyFormatError.js";

/** Deeper nesting is no history, and would cost the stack. */
const MAX_DEPTH = 64;
/** One string, number or name is at most this long. */
const MAX_TOKEN_CHARACTERS = 1_048_576;

const BLANK = /[\s,]*/y;
const TOKEN = /[^\s,()[\]{}";]*/y;
const STRING_CHARACTERS = /[^"\\]*/y;

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const NAMED_CHARACTERS: Readonly<Record<string, string>> = { newline: "\n", return: "\r", space: " ", tab: "\t" };
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", '"': '"', "\\": "\\" };

/**
 * Reads EDN (the extensible data notation of Clojure) form by form. Of tagged elements only the element counts, so that
 * `#jepsen.history.Op{…}` is a map.
 */
export class EdnReader {
  private readonly text: string;
  private position = 0;
  private lineNumber: number;
  private nextLineFeed: number;

  /** `firstLine` is the number of the line that the text begins with. */
  constructor(text: string, firstLine = 1) {
    this.text = text;
    this.lineNumber = firstLine;
    this.nextLineFeed = lineFeedFrom(text, 0);
  }

  /** The line that reading has come to. */
  get line(): number {
    while (this.nextLineFeed < this.position) {
      this.lineNumber++;
      this.nextLineFeed = lineFeedFrom(this.text, this.nextLineFeed + 1);
    }
    return this.lineNumber;
  }

  /** Skips what means nothing; true where the text is at its end after that. */
  isAtEnd(): boolean {
    this.skipBlank(0);
    return this.position >= this.text.length;
  }

  /** If a vector or list begins here, goes into it and returns what will close it; null otherwise. */
  enterSequence(): string | null {
    this.skipBlank(0);
    const character = this.text[this.position] ?? "";
    if (character !== "[" && character !== "(") return null;
    this.position++;
    return CLOSING[character] ?? null;
  }

  /** Whether `closing` comes next; goes past it. */
  leaveSequence(closing: string): boolean {
    this.skipBlank(0);
    if (this.text[this.position] !== closing) return false;
    this.position++;
    return true;
  }

  /** @throws HistoryFormatError where no form begins, or one that is not EDN. */
  read(depth = 0): Datum {
    if (depth > MAX_DEPTH) throw this.wrong("it is nested too deeply", `at most ${MAX_DEPTH} levels`);
    this.skipBlank(depth);
    const character = this.text[this.position];
    switch (character) {
      case undefined:
        throw this.wrong("the text ends in the middle", "a value");
      case '"':
        return this.readString();
      case "[":
      case "(":
        this.position++;
        return this.readSequence(CLOSING[character] ?? "", depth);
      case "{":
        this.position++;
        return this.readMap(depth);
      case "#":
        return this.readDispatch(depth);
      case "\\":
        return this.readCharacter();
      case "]":
      case ")":
      case "}":
        throw this.wrong(`there is a ${character} that closes nothing`, "a value");
      default:
        return atom(this.readToken());
    }
  }

  private readSequence(closing: string, depth: number): Datum[] {
    const items: Datum[] = [];
    for (;;) {
      this.skipBlank(depth);
      if (this.text[this.position] === closing) {
        this.position++;
        return items;
      }
      if (this.position >= this.text.length) throw this.wrong("the text ends in the middle", `a ${closing}`);
      items.push(this.read(depth + 1));
    }
  }

  private readMap(depth: number): ReadonlyMap<Datum, Datum> {
    const line = this.line;
    const items = this.readSequence("}", depth);
    if (items.length % 2 === 1) throw new HistoryFormatError(line, "a map has a key without a value", "pairs");
    const map = new Map<Datum, Datum>();
    for (let index = 0; index < items.length; index += 2) map.set(items[index] ?? null, items[index + 1] ?? null);
    return map;
  }

  /** `#{…}` is a set, `#tag form` a tagged element; `##Inf` and the like are numbers. */
  private readDispatch(depth: number): Datum {
    this.position++;
    const next = this.text[this.position];
    if (next === "{") {
      this.position++;
      return this.readSequence("}", depth);
    }
    if (next === "#") {
      this.position++;
      return `##${this.readToken()}`;
    }
    this.readToken();
    return this.read(depth + 1);
  }

  private readString(): string {
    this.position++;
    let text = "";
    for (;;) {
      text += this.take(STRING_CHARACTERS);
      if (text.length > MAX_TOKEN_CHARACTERS) throw this.tooLong();
      const character = this.text[this.position++];
      if (character === undefined) throw this.wrong("a string does not end", 'a closing "');
      if (character === '"') return text;
      text += this.readEscape();
    }
  }

  private readEscape(): string {
    const letter = this.text[this.position++] ?? "";
    if (letter === "u") {
      const code = this.text.slice(this.position, this.position + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(code)) {
        throw this.wrong("a \\u in a string has no four hexadecimal digits", "such as \\u00e9");
      }
      this.position += 4;
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    const escaped = ESCAPES[letter];
    if (escaped === undefined)
      throw this.wrong(`a string has the unknown escape \\${letter}`, 'one of \\n \\t \\" \\\\');
    return escaped;
  }

  private readCharacter(): string {
    this.position++;
    const first = this.text[this.position];
    if (first === undefined) throw this.wrong("the text ends in the middle", "a character after the backslash");
    this.position++;
    const name = first + (/[A-Za-z]/.test(first) ? this.readTokenOrNothing() : "");
    return (
      NAMED_CHARACTERS[name] ??
      (/^u[0-9a-fA-F]{4}$/.test(name) ? String.fromCharCode(Number.parseInt(name.slice(1), 16)) : name)
    );
  }

  private readToken(): string {
    const token = this.readTokenOrNothing();
    if (token === "") throw this.wrong(`there is ${JSON.stringify(this.text[this.position] ?? "nothing")}`, "a value");
    return token;
  }

  private readTokenOrNothing(): string {
    const token = this.take(TOKEN);
    if (token.length > MAX_TOKEN_CHARACTERS) throw this.tooLong();
    return token;
  }

  /**
   * What a sticky expression, which always matches something, matches here; goes past it. Beyond the text's end it would
   * match nothing, and reading begin again at the start, for ever.
   */
  private take(expression: RegExp): string {
    const begin = this.position;
    if (begin > this.text.length) throw this.wrong("the text ends in the middle", "a value");
    expression.lastIndex = begin;
    expression.test(this.text);
    this.position = expression.lastIndex;
    return this.text.slice(begin, this.position);
  }

  /** White space, commas, comments, and forms after `#_`. */
  private skipBlank(depth: number): void {
    for (;;) {
      this.take(BLANK);
      const code = this.text.charCodeAt(this.position);
      if (code === 59) {
        const end = this.text.indexOf("\n", this.position);
        this.position = end === -1 ? this.text.length : end + 1;
      } else if (code === 35 && this.text[this.position + 1] === "_") {
        this.position += 2;
        this.read(depth + 1);
      } else return;
    }
  }

  private wrong(problem: string, expected: string): HistoryFormatError {
    return new HistoryFormatError(this.line, problem, expected);
  }

  private tooLong(): HistoryFormatError {
    return this.wrong("a value is too long", `at most ${MAX_TOKEN_CHARACTERS} characters`);
  }
}

function lineFeedFrom(text: string, position: number): number {
  const found = text.indexOf("\n", position);
  return found === -1 ? Infinity : found;
}

function atom(token: string): Datum {
  switch (token) {
    case "nil":
      return null;
    case "true":
      return true;
    case "false":
      return false;
  }
  if (!/^[-+]?\d/.test(token)) return token;
  const number = Number(token.replace(/[NM]$/, ""));
  return Number.isNaN(number) || (Number.isInteger(number) && !Number.isSafeInteger(number)) ? token : number;
}
