#include "results/report_style.h"

namespace ganselect {

std::string_view report_style() {
  return R"css(
:root { color-scheme: light dark; --ink: #1d232b; --soft: #5b6673; --paper: #fbfbf9; --card: #fff; --line: #dfe3e8;
  --accent: #0b62a8; --second: #c2571a; --good: #1c7c45; --bad: #b3261e; --doubt: #8a6100; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ed; --soft: #9aa6b3; --paper: #14181d; --card: #1c2229;
  --line: #323b46; --accent: #6cb6f5; --second: #f0a067; --good: #67c98f; --bad: #ff8f86; --doubt: #e0b95a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .75rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.25rem 0 .5rem; }
p, ul { margin: .5rem 0; }
nav a { margin-right: 1rem; white-space: nowrap; }
a { color: var(--accent); }
.lead, .missing, .note, caption { color: var(--soft); }
.note, .missing { font-size: .9rem; }
.warning { border-left: 4px solid var(--doubt); padding: .25rem .75rem; background: var(--card); margin: .35rem 0; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--card); margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .65rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody tr:last-child td, tbody tr:last-child th { border-bottom: 0; }
thead th { white-space: nowrap; font-weight: 600; }
td { min-width: 4.5rem; } td.said { min-width: 20rem; } td.outcome { white-space: nowrap; } td details { margin: 0; } td summary { padding: 0; }
caption { text-align: left; padding: .4rem .65rem; }
tbody th { position: sticky; left: 0; background: var(--card); font-weight: 600; white-space: nowrap; }
th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 0; cursor: pointer;
  text-align: left; }
th button:hover, th button:focus-visible { color: var(--accent); text-decoration: underline; }
th[aria-sort=ascending] button::after { content: " \25B2"; }
th[aria-sort=descending] button::after { content: " \25BC"; }
.number { white-space: nowrap; }
.none { color: var(--soft); }
.supported, .finished { color: var(--good); } .contradicted, .diverged, .failed { color: var(--bad); }
.undecided, .collapsed { color: var(--doubt); }
.answer { font-weight: 600; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; break-inside: avoid; }
.card ul { list-style: none; padding: 0; }
.card h3 { margin: 0 0 .25rem; }
.card img { width: 100%; image-rendering: pixelated; border-radius: 4px; display: block; margin: .5rem 0; }
.chart { width: 100%; height: auto; display: block; margin: .35rem 0; }
.chart text { fill: var(--soft); font: 10px system-ui, sans-serif; }
.chart .chart-title { fill: var(--ink); font-size: 11px; font-weight: 600; }
.chart .rule { stroke: var(--line); stroke-width: 1; }
.chart .series-a, .chart .series-b { fill: none; stroke-width: 1.5; stroke-linejoin: round; stroke: var(--accent); }
.chart .series-b { stroke: var(--second); stroke-dasharray: 5 2; }
.chart circle.series-a { fill: var(--accent); } .chart circle.series-b { fill: var(--second); }
details { margin: .5rem 0; } summary { cursor: pointer; font-weight: 600; padding: .25rem 0; }
pre { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; }
code, pre { font-size: .85rem; } code { overflow-wrap: anywhere; }
@media print { nav { display: none; } .scroll { overflow: visible; } body { background: #fff; } }
)css";
}

std::string_view report_script() {
  return R"js(
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = (row) => {
        const cell = row.cells[column];
        return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
      };
      const text = (row) => row.cells[column].textContent;
      const order = (a, b) => {
        const x = key(a), y = key(b);
        if (x === null && y === null) return (up ? 1 : -1) * text(a).localeCompare(text(b));
        if (x === null || y === null) return x === null ? 1 : -1;
        return up ? x - y : y - x;
      };
      const body = table.tBodies[0];
      [...body.rows].sort(order).forEach((row) => body.append(row));
    });
  });
}
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => (d.open = true)));
)js";
}

}  // namespace ganselect
