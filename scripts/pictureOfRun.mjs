// Runs the demonstration and draws what it prints as docs/images/run.svg. What is repeated is summed up, and the sections
// of figures are left out; all else is as a terminal shows it. Run `npm run build` first.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const LEFT_OUT = new Set(["Latency in simulated milliseconds", "Traffic", "Injected", "Checked"]);
const COLUMNS = 80;
const COLUMN_PX = 8.4;
const LINE_PX = 19;
const MARGIN_PX = 20;
const TITLE_BAR_PX = 34;

const FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";
const FOREGROUND = "#d1d7e0";
const BACKGROUND = "#0d1117";
/** @type {Readonly<Record<number, string>>} By the code that sets the colour. */
const COLOURS = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79b8ff", 35: "#d2a8ff", 36: "#56d4dd" };

const ESCAPE = "\x1b";
const CODES = new RegExp(`${ESCAPE}\\[([0-9;]*)m`, "g");

const root = new URL("../", import.meta.url);
const printed = execFileSync(process.execPath, [fileURLToPath(new URL("packages/cli/bin/balsa.js", root)), "demo"], {
  encoding: "utf8",
  env: { ...process.env, FORCE_COLOR: "1", NO_COLOR: "" },
});
const lines = [
  `${ESCAPE}[2m$${ESCAPE}[0m ${ESCAPE}[1mnpm start${ESCAPE}[0m`,
  "",
  ...sumUp(leaveOut(printed.trimEnd().split("\n"))),
];
const picture = draw(lines);
const target = new URL("docs/images/run.svg", root);
mkdirSync(new URL("./", target), { recursive: true });
writeFileSync(target, picture);
process.stdout.write(`docs/images/run.svg: ${lines.length} lines, ${picture.length} bytes\n`);

/** @param {string} line */
function plain(line) {
  return line.replaceAll(CODES, "");
}

/**
 * Sections begin with a heading at the margin and end with an empty line.
 * @param {string[]} all
 */
function leaveOut(all) {
  let leaving = false;
  return all.filter((line) => {
    if (/^\S/.test(plain(line))) leaving = LEFT_OUT.has(plain(line));
    return !leaving;
  });
}

/**
 * Where several nodes do the same thing one after the other, the first one's line stands for all.
 * @param {string[]} all
 */
function sumUp(all) {
  /** @type {{ line: string, deed: string, others: string[] }[]} */
  const groups = [];
  for (const line of all) {
    const [, node = "", deed = ""] = /^ +[\d.]+ {2}(n\d+) +(\D+)/.exec(plain(line)) ?? [];
    const last = groups.at(-1);
    if (last !== undefined && deed !== "" && last.deed === deed) last.others.push(node);
    else groups.push({ line, deed, others: [] });
  }
  return groups.flatMap(({ line, others }) =>
    others.length === 0 ? [line] : [line, `${" ".repeat(17)}${ESCAPE}[2m… then ${others.join(", ")}${ESCAPE}[0m`],
  );
}

/**
 * Draws the stretches of one look, apart from what is blank.
 * @param {string} line
 * @param {number} y of its base
 */
function drawLine(line, y) {
  let elements = "";
  let codes = [0];
  let column = 0;
  for (const [i, part] of line.split(CODES).entries()) {
    if (i % 2 === 1) {
      codes = part.split(";").map(Number);
      continue;
    }
    const text = part.trim();
    const x = MARGIN_PX + (column + part.length - part.trimStart().length) * COLUMN_PX;
    column += part.length;
    if (text === "") continue;
    const colour = COLOURS[codes.find((code) => code in COLOURS) ?? 0] ?? (codes.includes(2) ? "#8b949e" : FOREGROUND);
    const width = (text.length * COLUMN_PX).toFixed(1);
    const box = `<rect x="${x.toFixed(1)}" y="${y - LINE_PX + 5}" width="${width}" height="${LINE_PX}" fill="${colour}"/>`;
    const fill = codes.includes(7) ? BACKGROUND : colour;
    const weight = codes.includes(1) ? ' font-weight="bold"' : "";
    const escaped = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    // The length holds the columns together, whatever font there is.
    elements += `${codes.includes(7) ? box : ""}<text x="${x.toFixed(1)}" y="${y}" textLength="${width}" fill="${fill}"${weight}>${escaped}</text>`;
  }
  return elements;
}

/** @param {string[]} shown */
function draw(shown) {
  const width = 2 * MARGIN_PX + COLUMNS * COLUMN_PX;
  const height = TITLE_BAR_PX + shown.length * LINE_PX + MARGIN_PX;
  const buttons = ["#ff5f57", "#febc2e", "#28c840"].map(
    (fill, i) => `<circle cx="${MARGIN_PX + 2 + 20 * i}" cy="${TITLE_BAR_PX / 2 + 2}" r="6" fill="${fill}"/>`,
  );
  const texts = shown.map((line, i) => drawLine(line, TITLE_BAR_PX + (i + 1) * LINE_PX));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" xml:space="preserve" font-family="${FONTS}" font-size="14">
<title>What npm start prints: a cluster loses its leader, its network and its power, and no data</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${BACKGROUND}" stroke="#30363d"/>
${[...buttons, ...texts.filter((elements) => elements !== "")].join("\n")}
</svg>
`;
}
