/** The look of the page, in light and dark. */
export const HISTORY_STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1c2024; --dim: #667; --line: #d8dce2; --lane: #f6f7f9;
  --placed: #d5e8fb; --placed-edge: #3b82c4; --badge: #1f5f9e; --stuck: #ffd4d2; --stuck-edge: #c9252d;
  --open: #ffe7b8; --open-edge: #b07a00; --plain: #eceef1; --plain-edge: #9aa1ab; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --text: #e6e9ee; --dim: #9aa4b2; --line: #343b45;
  --lane: #1a1e24; --placed: #1d3a57; --placed-edge: #5aa2e6; --badge: #7cbcf5; --stuck: #5a1f22; --stuck-edge: #ff6b70;
  --open: #4d3a10; --open-edge: #e0aa3c; --plain: #262b33; --plain-edge: #69727f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 20px 24px; background: var(--ground); color: var(--text);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 18px; margin: 0 0 4px; overflow-wrap: anywhere; } h2 { font-size: 14px; margin: 16px 0 4px; }
p { margin: 4px 0; max-width: 75em; } .dim { color: var(--dim); } ol, ul { margin: 4px 0; padding-left: 2.2em; }
li { overflow-wrap: anywhere; }
.bad { color: var(--stuck-edge); } a { color: var(--badge); }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; margin: 12px 0; padding: 0; list-style: none; }
.legend .op { position: static; display: inline-block; width: 30px; height: 15px; min-width: 0; vertical-align: -2px; margin-right: 6px; }
.legend .badge { position: static; display: inline-block; transform: none; margin-right: 6px; }
.frame { overflow: auto; max-height: 80vh; border: 1px solid var(--line); border-radius: 6px; }
.picture { position: relative; width: max-content; min-width: 100%; }
.row { display: flex; }
.name { position: sticky; left: 0; z-index: 3; padding: 4px 12px; background: var(--ground); flex: none; width: 120px;
  border-right: 1px solid var(--line); border-bottom: 1px solid var(--line); white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.row.axis { position: sticky; top: 0; z-index: 5; height: 24px; background: var(--ground); }
.times { position: relative; flex: none; border-bottom: 1px solid var(--line); }
.name.corner { padding: 2px 12px; color: var(--dim); font-size: 12px; }
.tick { position: absolute; top: 4px; font-size: 11px; color: var(--dim); padding-left: 3px; border-left: 1px solid var(--line); white-space: nowrap; }
.lane { position: relative; flex: none; border-bottom: 1px solid var(--line); background: var(--lane); }
.op { position: absolute; height: 42px; min-width: 8px; border: 1px solid var(--plain-edge); border-radius: 4px;
  background: var(--plain); font-size: 12px; line-height: 16px; padding: 1px 5px; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.op:hover { z-index: 2; outline: 2px solid var(--badge); }
.op.placed { background: var(--placed); border-color: var(--placed-edge); }
.op.stuck { background: var(--stuck); border: 2px solid var(--stuck-edge); font-weight: 600; }
.op.alsoOpen { background: var(--open); border-color: var(--open-edge); }
.op.unneeded { color: var(--dim); } .op.later { color: var(--dim); background: transparent; }
.op.lost { border-style: dashed; } .op.endless { border-right: none; border-radius: 4px 0 0 4px; }
.badge { position: absolute; z-index: 1; transform: translateX(-50%); min-width: 18px; height: 18px; padding: 0 3px;
  border-radius: 9px; background: var(--badge); color: var(--ground); font: 600 11px/18px system-ui, sans-serif;
  text-align: center; pointer-events: none; }
.path { position: absolute; left: 120px; top: 24px; z-index: 1; pointer-events: none; }
.path polyline { fill: none; stroke: var(--badge); stroke-opacity: 0.4; stroke-width: 1.5; stroke-linejoin: round; }
.break { position: absolute; top: 0; bottom: 0; width: 0; border-left: 2px dashed var(--stuck-edge); z-index: 1; pointer-events: none; }
.times .break::after { content: "no order beyond here"; position: absolute; left: 4px; top: 3px; font-size: 11px;
  font-weight: 600; color: var(--stuck-edge); white-space: nowrap; background: var(--ground); padding: 0 3px; z-index: 2; }
`;
