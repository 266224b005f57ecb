import type { CheckResult } from "../checkHistory.js";
import type { Defined } from "../defined.js";
import { describeOperation } from "../explain.js";
import type { Model } from "../model.js";
import type { Operation } from "../operation.js";
import { chooseDrawn, type DrawnHistory, type Role } from "./drawnHistory.js";
import { escapeHtml } from "./escapeHtml.js";
import { HISTORY_STYLE } from "./historyStyle.js";
import { createLanes, type Bar, type Lane } from "./lanes.js";
import { createTimeAxis, type TimeAxis } from "./timeAxis.js";

export interface HistoryHtmlOptions {
  /** Stands at the head of the page; default "History". */
  readonly title?: string;
}

const ROW_PX = 50;
const BADGE_TOP_PX = 24;
const BADGE_PX = 18;
const TICK_EVERY_PX = 140;
const MAX_LISTED = 12;
const MAX_TEXT_CHARACTERS = 300;

const ROLES: Readonly<Record<Role, string>> = {
  placed: "in the order found",
  stuck: "its answer fits nowhere after that order",
  alsoOpen: "open at that moment, and not in the order",
  unneeded: "never known to have happened, and not needed",
  later: "not looked at: after the point where it breaks",
  unjudged: "not judged",
};

/**
 * A picture of a history and of what a check found in it, as an HTML page that needs nothing else: a lane for each
 * client, time from left to right, the order found in numbers, and the point where no order goes on.
 *
 * Of an illegal history the part that is illegal is drawn, and of more than 2,000 operations those around that point.
 */
export function renderHistoryHtml<State extends Defined, Input, Output extends Defined>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  result: CheckResult<Input, Output>,
  options: HistoryHtmlOptions = {},
): string {
  const title = escapeHtml(options.title ?? "History");
  const history = chooseDrawn(model, operations, result);
  const describe = (operation: Operation<Input, Output>): string =>
    escapeHtml(cut(describeOperation(model, operation)));
  const axis = createTimeAxis(history.drawn, history.breakAt);
  const lanes = createLanes(history.drawn, axis);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title>
<style>${HISTORY_STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${head(history, result)}
${legend(history)}
<div class="frame" tabindex="0"><div class="picture">
<div class="row axis"><div class="name corner">client</div><div class="times" style="width:${axis.widthPx}px">${ticks(axis)}${breakLine(history, axis, ' id="break"')}</div></div>
${lanes.map((lane) => drawLane(lane, model, history, axis)).join("\n")}
${path(lanes, axis)}
</div></div>
${lists(result, describe)}
<script>document.getElementById("break")?.scrollIntoView({ inline: "center", block: "nearest" });</script>
</body>
</html>
`;
}

function head({ drawn, total }: DrawnHistory<unknown, unknown>, result: CheckResult<unknown, unknown>): string {
  const count = drawn.length < total ? `Drawn are ${drawn.length} of ${total} operations. ` : `Operations: ${total}. `;
  const note = `<p class="dim">${count}Time is not to scale: each call and each return takes a step to the right.</p>`;
  switch (result.verdict) {
    case "linearizable":
      return `<p><b>Linearizable:</b> the numbers are an order that explains every answer.</p>${note}`;
    case "unknown":
      return `<p><b>Unknown:</b> the budget of ${result.spent} was spent before an order was found or ruled out.</p>${note}`;
    case "illegal": {
      const part = result.partition === null ? "" : ` in <b>${escapeHtml(cut(result.partition))}</b>`;
      return `<p><b class="bad">Not linearizable</b>${part}: the numbers are an order that goes as far as any does;
no order explains the return at the <a href="#break">dashed red line</a>, too.</p>${note}`;
    }
  }
}

function legend({ drawn }: DrawnHistory<unknown, unknown>): string {
  const roles = [...new Set(drawn.map(({ role }) => role))];
  const items = roles.map((role) => `<li><span class="op ${role}"></span>${ROLES[role]}</li>`);
  if (drawn.some(({ operation }) => operation.output === undefined)) {
    items.push('<li><span class="op lost"></span>dashed: the client never heard what became of it</li>');
  }
  if (roles.includes("placed")) items.push('<li><span class="badge">1</span>place in the order</li>');
  return `<ul class="legend">${items.join("")}</ul>`;
}

function ticks(axis: TimeAxis): string {
  let next = 0;
  let html = "";
  for (const time of axis.times) {
    const left = axis.xOf(time);
    if (left < next) continue;
    html += `<span class="tick" style="left:${left}px">${time}</span>`;
    next = left + TICK_EVERY_PX;
  }
  return html;
}

function breakLine({ breakAt }: DrawnHistory<unknown, unknown>, axis: TimeAxis, attributes = ""): string {
  return breakAt === null ? "" : `<span class="break"${attributes} style="left:${axis.xOf(breakAt)}px"></span>`;
}

function drawLane<State extends Defined, Input, Output extends Defined>(
  { clientId, bars, rows }: Lane<Input, Output>,
  model: Model<State, Input, Output>,
  history: DrawnHistory<Input, Output>,
  axis: TimeAxis,
): string {
  const name = escapeHtml(cut(String(clientId)));
  const badges = bars.map((bar) => badge(bar, axis)).join("");
  const content = bars.map((bar) => drawBar(bar, model)).join("") + badges + breakLine(history, axis);
  const style = `width:${axis.widthPx}px;height:${rows * ROW_PX}px`;
  return `<div class="row"><div class="name" title="${name}">${name}</div><div class="lane" style="${style}">${content}</div></div>`;
}

function drawBar<State extends Defined, Input, Output extends Defined>(
  { drawn, left, right, row }: Bar<Input, Output>,
  model: Model<State, Input, Output>,
): string {
  const { operation, role, place } = drawn;
  const lost = operation.output === undefined ? " lost" : "";
  const endless = operation.returnedAt === null ? " endless" : "";
  const whole = describeOperation(model, operation);
  const short = whole.slice(whole.indexOf(": ") + 2);
  const note = place === null ? ROLES[role] : `${place} in the order`;
  const style = `left:${left}px;width:${right - left}px;top:${row * ROW_PX + 4}px`;
  const title = escapeHtml(`${cut(whole)}\n${note}`);
  return `<div class="op ${role}${lost}${endless}" style="${style}" title="${title}">${escapeHtml(cut(short))}</div>`;
}

/** A line from each operation in the order to the next. */
function path(lanes: readonly Lane<unknown, unknown>[], axis: TimeAxis): string {
  const points: { readonly place: number; readonly text: string }[] = [];
  let top = 0;
  for (const { bars, rows } of lanes) {
    for (const { drawn, row } of bars) {
      const x = axis.effectOf(drawn);
      if (x === null) continue;
      points.push({ place: Number(drawn.place), text: `${x},${top + row * ROW_PX + BADGE_TOP_PX + BADGE_PX / 2}` });
    }
    top += rows * ROW_PX;
  }
  const line = points.sort((a, b) => a.place - b.place).map(({ text }) => text);
  return `<svg class="path" width="${axis.widthPx}" height="${top}"><polyline points="${line.join(" ")}"/></svg>`;
}

function badge({ drawn, row }: Bar<unknown, unknown>, axis: TimeAxis): string {
  const left = axis.effectOf(drawn);
  if (left === null) return "";
  return `<span class="badge" style="left:${left}px;top:${row * ROW_PX + BADGE_TOP_PX}px">${Number(drawn.place)}</span>`;
}

function lists<Input, Output>(
  result: CheckResult<Input, Output>,
  describe: (operation: Operation<Input, Output>) => string,
): string {
  if (result.verdict !== "illegal") return "";
  const { stuckOn, longestPrefix } = result;
  const first = Math.max(longestPrefix.length - MAX_LISTED, 0);
  const list = (items: readonly Operation<Input, Output>[]): string =>
    items.map((operation) => `<li>${describe(operation)}</li>`).join("");
  const more = stuckOn.length > MAX_LISTED ? `<p class="dim">and ${stuckOn.length - MAX_LISTED} more</p>` : "";
  return `<h2>The order ends with</h2><ol start="${first + 1}">${list(longestPrefix.slice(first))}</ol>
<h2>After it, these were open, and the first could not have got its answer</h2>
<ul>${list(stuckOn.slice(0, MAX_LISTED))}</ul>${more}`;
}

function cut(text: string): string {
  return text.length > MAX_TEXT_CHARACTERS ? `${text.slice(0, MAX_TEXT_CHARACTERS)}…` : text;
}
