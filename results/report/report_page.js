"use strict";
// Tables, theme and the provenance of figures. Everything from the data block enters the document as text, never as markup.

const report = JSON.parse(document.getElementById("report-data").textContent);
const byId = (id) => document.getElementById(id);
const isNone = (value) => value === null || value === undefined;
const kDash = "–";

// An element with attributes and children; texts become text nodes, null is left out.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (!isNone(value) && value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => !isNone(child)));
  return made;
}


// About `digits` significant digits, without zeros at the end; the same in every locale.
function shortNumber(value, digits = 3) {
  if (isNone(value)) return kDash;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-3) return value.toExponential(digits - 1).replace(/\.?0+e/, "e");
  if (size >= 10 ** digits) return String(Math.round(value));
  return String(Number(value.toPrecision(digits)));
}

const percent = (share) => (isNone(share) ? kDash : `${shortNumber(100 * share)}%`);
const interval = (pair) => (pair ? `${shortNumber(pair[0])} to ${shortNumber(pair[1])}` : kDash);
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function headRow(names) {
  return element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
}

// Rows of texts or elements; the first cell heads its row.
function tableOf(heads, rows) {
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell, i) =>
    i === 0 ? element("th", { scope: "row" }, cell) : cell instanceof HTMLTableCellElement ? cell : element("td", {}, cell))));
  const table = element("table", {}, element("thead", {}, headRow(heads)), element("tbody", {}, ...body));
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": heads.join(", ") }, table);
}

function warningLines(texts) {
  return texts.map((text) => element("p", { class: "warning" }, text));
}

// ---- sorting

function sortBy(table, column, up) {
  const key = (row) => {
    const value = row.cells[column].dataset.value;
    return value === undefined ? null : Number(value);
  };
  const text = (row) => row.cells[column].textContent;
  const order = (a, b) => {
    const x = key(a), y = key(b);
    if (x === null && y === null) return (up ? 1 : -1) * compareText(text(a), text(b));
    if (x === null || y === null) return x === null ? 1 : -1;
    return up ? x - y : y - x;
  };
  const body = table.tBodies[0];
  body.append(...[...body.rows].sort(order));
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.querySelector("button")?.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sortBy(table, column, up);
    });
  });
}

// ---- theme

const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
const themeListeners = [];  // called when the colours change

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === undefined ? systemDark.matches : chosen === "dark";
}

function themeChanged() {
  byId("theme").textContent = isDark() ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", isDark() ? "Switch to light colours" : "Switch to dark colours");
  themeListeners.forEach((call) => call());
}

byId("theme").hidden = false;
byId("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  themeChanged();
});
systemDark.addEventListener("change", themeChanged);

// ---- provenance

const trialsByCandidate = new Map();
const trialsById = new Map();
for (const trial of report.trials) {
  if (!trialsByCandidate.has(trial.candidate)) trialsByCandidate.set(trial.candidate, []);
  trialsByCandidate.get(trial.candidate).push(trial);
  trialsById.set(trial.id, trial);
}

// " (collapsed in 2 of 3)"; nothing where all trials of the candidate finished.
function lossNote(candidate) {
  const trials = trialsByCandidate.get(candidate) ?? [];
  const lost = trials.filter(({ status }) => status !== "finished");
  return lost.length === 0 ? "" : ` (${uniqueSorted(lost.map(({ status }) => status)).join(" or ")} in ${lost.length} of ${trials.length})`;
}

const dialog = element("dialog", { "aria-labelledby": "dialog-title" });
document.body.append(dialog);
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

function showDialog(title, ...content) {
  const close = element("button", { type: "button" }, "Close");
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(element("header", {}, element("h3", { id: "dialog-title" }, title), close), ...content.filter((part) => part !== null));
  dialog.showModal();
}

function textOf(value) {
  if (isNone(value)) return kDash;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

// Object as rows "key: value"; objects inside by dotted keys.
function plainRows(object, prefix = "") {
  return Object.entries(object ?? {}).flatMap(([key, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? plainRows(value, `${prefix}${key}.`) : [[`${prefix}${key}`, textOf(value)]]);
}

// What the trials' measurement rests on; `measure` picks its own settings from the protocol.
function contextTables(trials, measure) {
  const places = [...new Set(trials.map((trial) => trial.context))];
  return places.flatMap((place) => {
    const { protocol, dataset, budget, versions, provenance } = report.contexts[place];
    const { measures, ...shared } = protocol ?? {};
    const own = measure === null ? {} : (measures ?? {})[measure] ?? {};
    const of = trials.filter((trial) => trial.context === place).map((trial) => trial.id);
    const heading = places.length === 1 ? "Protocol and digests" : `Protocol and digests of ${of.join(", ")}`;
    return [element("h4", {}, heading), tableOf(["field", "value"],
      [...plainRows(own, `${measure}.`), ...plainRows(shared), ...plainRows(dataset, "training data."),
        ...plainRows(budget, "budget."), ...plainRows(versions, "version."), ...plainRows(provenance, "program.")])];
  });
}

function trialTable(trials, heads = [], cells = () => []) {
  return tableOf(["trial", "seed", "outcome", ...heads, "batch", "images seen", "plan", "date"], trials.map((trial) => [trial.id, trial.seed,
    element("td", { class: trial.status }, [trial.status, trial.step === null ? null : `at step ${trial.step}`, trial.reason].filter((part) => part !== null).join(", ")),
    ...cells(trial), textOf(trial.batch), textOf(trial.images_seen), textOf(trial.plan), textOf(trial.date)]));
}

function showMeasure(candidate, measure) {
  const trials = trialsByCandidate.get(candidate) ?? [];
  const spec = report.measures[measure] ?? { label: measure };
  const about = [spec.explanation, spec.formula, spec.range && `range ${spec.range}`, spec.unit && `in ${spec.unit}`, spec.source]
    .filter((part) => part).join("; ");
  showDialog(`${spec.label} of ${candidate}`, element("p", { class: "note" }, about),
    trialTable(trials, ["value"], (trial) => [textOf(trial.values[measure] ?? trial.reasons[measure] ?? "not measured")]),
    ...contextTables(trials, measure));
}

function showTrials(title, ids, ...before) {
  const known = ids.map((id) => trialsById.get(id)).filter((trial) => trial !== undefined);
  const others = ids.filter((id) => !trialsById.has(id));
  showDialog(title, ...before, known.length > 0 ? trialTable(known) : null,
    others.length > 0 ? element("p", {}, `Further trials: ${others.join(", ")}`) : null,
    ...(known.length > 0 ? contextTables(known, null) : []));
}

// A number that opens its provenance.
function figureButton(text, open) {
  const button = element("button", { type: "button", class: "figure" }, text);
  button.addEventListener("click", open);
  return button;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button.figure");
  if (button?.dataset.measure !== undefined) showMeasure(button.dataset.candidate, button.dataset.measure);
  if (button?.dataset.claim !== undefined) {
    const claim = report.claims.find(({ id }) => id === button.dataset.claim);
    showTrials(`${claim.id}: ${claim.claim}`, claim.trials, element("p", { class: "note" }, claim.test ?? ""));
  }
});
