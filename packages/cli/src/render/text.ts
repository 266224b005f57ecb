/** A whole number with thousands marked. */
export function formatCount(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 crash`, `2 crashes`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

/** `camelCase` as words. */
export function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Fits items into lines of `width`, with ", " between them and `indent` before each line. */
export function wrapList(items: readonly string[], width: number, indent: string): string[] {
  return wrapPieces(
    items.map((item, index) => (index < items.length - 1 ? `${item},` : item)),
    width,
    indent,
    indent,
  );
}

/** Breaks text at its spaces into lines of `width`. A word that is longer has a line of its own. */
export function wrapText(text: string, width: number, firstIndent: string, indent: string): string[] {
  return wrapPieces(text.split(" "), width, firstIndent, indent);
}

/** Fills lines of `width` with pieces, a space between them. */
export function wrapPieces(pieces: readonly string[], width: number, firstIndent: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces) {
    const start = lines.length === 0 ? firstIndent : indent;
    if (line !== "" && start.length + line.length + 1 + piece.length > width) {
      lines.push(start + line);
      line = piece;
    } else {
      line = line === "" ? piece : `${line} ${piece}`;
    }
  }
  if (line !== "") lines.push((lines.length === 0 ? firstIndent : indent) + line);
  return lines;
}

/** Control characters, which could drive the reader's terminal, are shown by their codes. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what this is about
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
