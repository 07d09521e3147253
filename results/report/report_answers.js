"use strict";
// The answer for a preset or for weights of one's own: sliders, ranking, trade-offs, questions, what next.

const { criteria, groups, presets } = report.ranking;
const explorer = { preset: null, weights: {}, atPreset: true, ranking: null };

// Evidence of one machine where times or memory count, as the program takes it.
function groupIndex() {
  const limited = explorer.preset.constraints.some(({ key }) => key === "train_seconds" || key === "memory_bytes");
  return explorer.weights.cost > 0 || limited ? 1 : 0;
}

function currentGroup() {
  return groups[groupIndex()];
}

// ---- controls

function constraintText({ key, op, value }) {
  return `${key} ${op} ${Array.isArray(value) ? value.join(", ") : value}`;
}

function makeSliders() {
  byId("sliders").append(...criteria.map(({ name, meaning }) => {
    const id = `weight-${name}`;
    const input = element("input", { type: "range", id, min: 0, max: 100, step: 1, "aria-describedby": `${id}-share` });
    input.addEventListener("input", () => {
      explorer.raw[name] = Number(input.value) / 100;
      explorer.atPreset = false;
      update();
    });
    return element("div", { class: "slider", title: meaning }, element("label", { for: id }, name.replace("_", " ")),
      element("output", { id: `${id}-share`, for: id }), input);
  }));
}

function choosePreset(name) {
  explorer.preset = presets.find((preset) => preset.name === name);
  explorer.raw = { ...explorer.preset.weights };
  explorer.atPreset = true;
  byId("preset").value = name;
  for (const { name: criterion } of criteria) byId(`weight-${criterion}`).value = 100 * explorer.raw[criterion];
  const byWeight = criteria.map(({ name: criterion }) => criterion)
    .filter((criterion) => hasEvidence(criterion)).sort((a, b) => explorer.raw[b] - explorer.raw[a]);
  byId("pareto-x").value = byWeight[0] ?? criteria[0].name;
  byId("pareto-y").value = byWeight[1] ?? criteria[1].name;
  update();
}

function hasEvidence(name) {
  const index = criteria.findIndex((criterion) => criterion.name === name);
  return groups.some((group) => group.candidates.some(({ trials }) => trials.some(({ scores }) => scores[index] !== null)));
}

// ---- what is seen first

const kMostPictures = 4;

function openingFigure(name) {
  const grid = report.grids[name];
  if (!grid) return element("figure", {}, element("figcaption", {}, element("b", {}, name), element("p", { class: "missing" }, "no sample grid on disk")));
  const drawn = (tag, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  return element("figure", {}, drawn("svg", { class: grid.outcome === "finished" ? "grid" : "grid lost", role: "img", "aria-label": `samples of ${name}`, viewBox: `0 0 ${grid.width} ${grid.height}` },
    drawn("use", { href: `#${grid.id}` })), element("figcaption", {}, element("b", {}, name),
    grid.outcome === "finished" ? null : element("span", { class: grid.outcome }, ` ${grid.outcome}`), " ", element("span", { class: "note" }, grid.told)));
}

// The program's sentence for a preset; for weights of one's own the page's order, which has no uncertainty.
function showOpening() {
  const { answer, name } = explorer.preset;
  const line = (kind, text) => (text ? element("p", { class: kind }, text) : null);
  const ranked = explorer.ranking?.ranked ?? [];
  const lines = explorer.atPreset
    ? [line("summary", answer.summary), line("missing", answer.error), line("sure", answer.how_sure && `How sure: ${answer.how_sure}`), line("sure", answer.published_says)]
    : [line("summary", ranked.length > 0 ? `With your weights ${ranked[0].name} comes first.` : "No candidate is left to rank."),
      line("sure", `How sure that is, the program says: ganselect recommend --use-case FILE, with the use case below. The limits are those of ${name}. Pictures: the first of the ranking.`)];
  const shown = explorer.atPreset ? answer.shortlist ?? [] : ranked.slice(0, kMostPictures).map((one) => one.name);
  byId("opening").replaceChildren(...lines.filter((one) => one), element("div", { class: "pictures" }, ...shown.map(openingFigure)));
}

// Where published studies settled what own trials leave open, the program's order is not that of the scores.
function inProgramOrder(ranked) {
  const told = explorer.atPreset ? (explorer.preset.answer.ranking ?? []).map((row) => row.candidate) : [];
  if (ranked.some(({ name }) => !told.includes(name))) return ranked;
  return [...ranked].sort((a, b) => told.indexOf(a.name) - told.indexOf(b.name));
}

// ---- ranking

function criterionAbout(name) {
  const { meaning, components } = criteria.find((criterion) => criterion.name === name);
  return `${name}: ${meaning}. ${components.map(({ share, formula, kind }) =>
    `${share} of ${formula}${kind === "any" ? "" : ` (${kind})`}`).join(" + ")}`;
}

function showScore(one) {
  const { names, shares } = explorer.ranking;
  const sum = names.map((name, j) => `${shortNumber(shares[j])} × (1 − ${shortNumber(one.means[j], 6)} ${name})`).join(" + ");
  const rows = one.candidate.trials.map((trial) => [trial.id, trial.seed,
    ...names.map((name) => textOf(trial.scores[criteria.findIndex((criterion) => criterion.name === name)]))]);
  showTrials(`Score of ${one.name}`, [...one.candidate.trials.map(({ id }) => id), ...one.candidate.failed],
    element("p", {}, `SPOTIS, reference range 0 to 1: 1 − (${sum}) = ${one.score}`),
    ...names.map((name) => element("p", { class: "note" }, criterionAbout(name))),
    tableOf(["trial", "seed", ...names], rows),
    one.missing.length > 0 ? element("p", { class: "note" }, `Lacks: ${one.missing.join("; ")}`) : null);
}

function scoreCell(one) {
  const fill = element("span");
  fill.style.width = `${100 * Math.max(0, Math.min(1, one.score))}%`;
  return element("td", { class: "number" }, figureButton(shortNumber(one.score, 4), () => showScore(one)),
    element("span", { class: "bar" }, fill));
}

// The program's uncertainty of a preset's ranking holds for the preset's weights alone.
function programRow(name) {
  if (!explorer.atPreset) return null;
  return explorer.preset.answer.ranking?.find((row) => row.candidate === name) ?? null;
}

// The columns of the ranking: heading, cell of a ranked candidate. Those that nobody has are left out.
function rankingColumns() {
  const { names, ranked } = explorer.ranking;
  const several = ranked.some((one) => one.seedScores.length > 1);
  const range = (one) => (one.seedScores.length > 1 ? interval([Math.min(...one.seedScores), Math.max(...one.seedScores)]) : kDash);
  const told = (text) => (one) => text(programRow(one.name) ?? {});
  const uncertain = [["rank, 95%", told((row) => interval(row.rank_interval))], ["P(best)", told((row) => percent(row.p_best))],
    ["P(top 3)", told((row) => percent(row.p_top3))], ["expected regret", told((row) => shortNumber(row.expected_regret))]];
  return [["score", scoreCell], ...(several ? [["over seeds", range]] : []), ...(several && explorer.atPreset ? uncertain : []),
    ...names.map((name, j) => [name.replace("_", " "), (one) => figureButton(shortNumber(one.means[j]), () => showScore(one))]),
    ["on the front", (one) => (one.pareto ? "yes" : "no")], ["evidence at hand", (one) => percent(one.confidence)],
    ["trials", (one) => figureButton(String(one.candidate.trials.length + one.candidate.failed.length), () => showScore(one))]];
}

function rankingRow(one, columns) {
  return element("tr", { "data-candidate": one.name, "data-rank": one.rank, "data-score": one.score, "data-pareto": String(one.pareto),
    "data-confidence": one.confidence }, element("th", { scope: "row" }, `${one.rank}. ${one.name}`),
    ...columns.map(([, cell]) => cell(one)).map((cell) =>
      (cell instanceof HTMLTableCellElement ? cell : element("td", { class: "number" }, cell))));
}

// At most four names, and how many more there are.
function someOf(names) {
  const kNamed = 4;
  return names.slice(0, kNamed).join(", ") + (names.length > kNamed ? ` and ${names.length - kNamed} more` : "");
}

function verdictText() {
  const { ranked } = explorer.ranking;
  const [first] = ranked;
  if (!first) return "No candidate is left to rank.";
  const told = programRow(first.name);
  const ahead = ranked.filter((one) => one.score > first.score).map(({ name }) => name);
  const level = ranked.filter((one) => one !== first && one.score === first.score).map(({ name }) => name);
  const next = ranked.find((one) => one.score < first.score);
  const lead = (ahead.length > 0 ? `, by own trials behind ${someOf(ahead)}` : "") + (level.length > 0 ? `, level with ${someOf(level)}` : "") +
    (next ? `, ${shortNumber(first.score - next.score)} ahead of ${next.name}` : "");
  const tied = told?.tied_with?.length > 0 ? ` Tied with ${someOf(told.tied_with)}: the seeds cannot tell them apart.` : "";
  const one = first.seeds.length === 1 ? " One seed: there is no interval." : "";
  return `${first.name}: score ${shortNumber(first.score, 4)}${lead}.${tied}${one}`;
}

// Who does not work is named in the open, whoever else is left out is folded away.
function showLeftOut() {
  const { excluded, unmeasured } = explorer.ranking;
  const sign = "does not work here: ";
  const broken = excluded.filter(({ reason }) => reason.startsWith(sign));
  byId("broken").replaceChildren(...(broken.length === 0 ? [] : [element("h3", {}, "Does not work here"),
    element("ul", { class: "broken" }, ...broken.map(({ name, reason }) =>
      element("li", {}, element("b", {}, name), `: ${reason.slice(sign.length)}`)))]));
  byId("left-out").hidden = excluded.length + unmeasured.length === 0;
  byId("left-out").querySelector("summary").textContent =
    `Outside the ranking: ${excluded.length} by constraints or because they do not work, ${unmeasured.length} for lack of evidence`;
  byId("left-out").querySelector("div").replaceChildren(tableOf(["candidate", "why"],
    [...excluded, ...unmeasured].map(({ name, reason }) => [name, reason])));
}

function showWarnings(group) {
  const lines = rankingWarnings(group);
  byId("ranking-warnings").hidden = lines.length === 0;
  byId("ranking-warnings").querySelector("summary").textContent = `Notes on this answer (${lines.length})`;
  byId("ranking-warnings").querySelector("div").replaceChildren(...warningLines(lines));
}

function rankingWarnings(group) {
  if (group.error) return [group.error];
  const told = explorer.preset.answer;
  if (explorer.atPreset && told.warnings) return told.warnings;
  return [...new Set([...group.warnings, ...explorer.ranking.warnings])];
}

function uncertaintyNote() {
  if (!explorer.ranking.ranked.some((one) => one.seedScores.length > 1)) return "One seed a candidate: there is no rank interval and no chance of being best.";
  return explorer.atPreset ? "Rank interval, chances and regret are the program's, over training seeds; a dash: one seed has none."
    : "Ranked by this page with your weights. For rank intervals and chances, give the use case below to the program.";
}

function showRanking(group) {
  const { ranked } = explorer.ranking;
  byId("verdict").textContent = verdictText();
  const columns = rankingColumns();
  byId("ranking").tHead.replaceChildren(headRow(["candidate", ...columns.map(([head]) => head)]));
  byId("ranking").tBodies[0].replaceChildren(...ranked.map((one) => rankingRow(one, columns)));
  const settled = ranked.some((one, i) => i > 0 && one.score > ranked[i - 1].score)
    ? "Published studies settled the order of the first and those tied with it; the number before a name is the rank by own trials." : "";
  byId("ranking-note").textContent = `${settled} ${uncertaintyNote()} Scores run from 0 to 1, 1 is ideal. Evidence: ${group.description ?? "none"}. ` +
    "A figure opens its trials, protocol and digests.";
  showWarnings(group);
  showLeftOut();
}

// ---- trade-offs

function paretoPoints() {
  const x = byId("pareto-x").value, y = byId("pareto-y").value;
  const indices = [x, y].map((name) => criteria.findIndex((criterion) => criterion.name === name));
  const unmet = explorer.preset.unmet[groupIndex()];
  const points = currentGroup().candidates.filter(({ name }) => !Object.hasOwn(unmet, name)).flatMap((candidate) => {
    const { rows } = seedRows(candidate, { indices, names: [x, y] });
    if (rows.length === 0) return [];
    const [mx, my] = columnMeans(rows), range = (j) => [Math.min(...rows.map((row) => row[j])), Math.max(...rows.map((row) => row[j]))];
    return [{ name: candidate.name, x: mx, y: my, rangeX: range(0), rangeY: range(1), seeds: rows.length }];
  });
  return { points, x: x.replace("_", " "), y: y.replace("_", " ") };
}

const updatePareto = paretoChart(byId("pareto"), paretoPoints);

// ---- questions and what next: the program's answer for the preset

function questionCard(one) {
  const fact = (name, ...content) => element("p", {}, element("span", { class: "note" }, `${name} `), ...content);
  const trials = one.trials?.length > 0 ? figureButton(plural(one.trials.length, "trial"), () => showTrials(one.question, one.trials)) : "no trial";
  const effect = isNone(one.effect) ? "no effect measured"
    : `${shortNumber(one.effect)} score points over the others${one.interval ? `, 95% interval ${interval(one.interval)}` : ", no interval"}`;
  const values = (one.values ?? []).map((value) => [value.value || "none", shortNumber(value.effect), interval(value.interval),
    String(value.seeds), value.eliminated ? "struck" : "remains"]);
  return element("article", { class: "card" }, element("h4", {}, one.question),
    fact("Measured:", element("span", { class: "answer" }, one.answer ?? kDash), `, ${effect}, `, trials),
    fact("The survey, in our words:", one.survey_answer ?? kDash),
    fact("Verdict on the survey:", element("span", { class: one.verdict }, one.verdict), one.reason ? `; ${one.reason}` : ""),
    fact("Published studies on it:", one.literature ? element("span", { class: one.literature.direction }, one.literature.direction)
      : one.literature_reason ?? kDash, one.literature ? `; ${shortNumber(one.literature.estimate)} ${one.literature.unit} ` +
      `(${interval(one.literature.interval)}), ${plural(one.literature.sources, "source")}` : ""),
    values.length === 0 ? null : element("details", {}, element("summary", {}, `All ${plural(values.length, "value")}`),
      tableOf(["value", "effect", "95% interval", "seeds", "search space"], values)));
}

function showQuestions(answer) {
  const note = explorer.atPreset ? [] : [element("p", { class: "note" }, `Answered for the preset ${explorer.preset.name}, not for your weights.`)];
  const cards = (answer.questions ?? []).map(questionCard);
  const space = answer.space
    ? [element("p", {}, `${answer.space.remaining} of ${answer.space.total} valid points of the search space remain.`)] : [];
  byId("questions").replaceChildren(...note, cards.length === 0 ? element("p", { class: "missing" }, answer.error ?? "Not answered.")
    : element("div", { class: "cards wide" }, ...cards), ...space);
}

function sensitivityLines(answer) {
  return (answer.sensitivity ?? []).flatMap(({ criterion, weight, above, below }) => [
    above && `${above.candidate} takes the lead when ${criterion} weighs more than ${shortNumber(above.weight)} (now ${shortNumber(weight)}).`,
    below && `${below.candidate} takes the lead when ${criterion} weighs less than ${shortNumber(below.weight)} (now ${shortNumber(weight)}).`,
  ].filter((line) => line));
}

function nextLines(answer) {
  const lines = [], call = answer.closest_call, next = answer.next;
  if (call) {
    lines.push(`${call.first} leads ${call.second} by ${shortNumber(call.gap)} score points` +
      (isNone(call.detectable_gap) ? "" : `; these seeds can find a gap of ${shortNumber(call.detectable_gap)}`) +
      (isNone(call.seeds_needed) ? "" : `; ${call.seeds_needed} seeds each would decide it`) + (call.note ? ` (${call.note})` : "") + ".");
  }
  if (next) {
    lines.push(`Next: ${plural(next.trials, "trial")}` + (isNone(next.estimated_seconds) ? "" :
      `, about ${shortNumber(next.estimated_seconds)} s of training as measured`) + `. ${next.why}`);
  }
  return lines;
}

function showNext(answer) {
  const lines = [...sensitivityLines(answer), ...nextLines(answer)];
  const plan = answer.next?.plan ? element("details", {}, element("summary", {}, "The next trials as a plan, for ganselect sweep"),
    element("textarea", { rows: 12, readonly: true, "aria-label": "plan as JSON" }, JSON.stringify(answer.next.plan, null, 2))) : "";
  const note = explorer.atPreset ? "" : element("p", { class: "note" }, `For the preset ${explorer.preset.name}, not for your weights.`);
  byId("next").replaceChildren(note, lines.length === 0 ? element("p", { class: "missing" }, "Nothing to add.")
    : element("ul", {}, ...lines.map((line) => element("li", {}, line))), plan);
}

// ---- all of it

function update() {
  const weights = explorer.atPreset ? explorer.preset.weights : normalizedWeights(explorer.raw);
  for (const { name } of criteria) {
    const share = weights?.[name] ?? 0;
    byId(`weight-${name}-share`).textContent = percent(share) + (hasEvidence(name) ? "" : ", no evidence");
    byId(`weight-${name}`).parentElement.classList.toggle("off", !(share > 0));
  }
  byId("preset-meaning").textContent = explorer.preset.meaning + (explorer.atPreset ? "" : ", with your weights");
  const limits = explorer.preset.constraints.map(constraintText);
  byId("constraints").textContent = limits.length > 0 ? `Constraints: ${limits.join("; ")}` : "No constraint.";
  byId("reset").disabled = explorer.atPreset;
  if (!weights) {
    byId("verdict").textContent = "Give at least one criterion a weight.";
    byId("ranking").tBodies[0].replaceChildren();
    return;
  }
  explorer.weights = weights;
  explorer.ranking = rankCandidates(currentGroup(), criteria, weights, explorer.preset.unmet[groupIndex()]);
  explorer.ranking.ranked = inProgramOrder(explorer.ranking.ranked);
  byId("use-case").value = JSON.stringify({ weights, constraints: explorer.preset.constraints }, null, 2);
  showOpening();
  showRanking(currentGroup());
  updatePareto();
  showQuestions(explorer.preset.answer);
  showNext(explorer.preset.answer);
}

function startExplorer() {
  byId("explorer").hidden = false;
  byId("preset").hidden = false;
  byId("preset-name").hidden = true;
  byId("preset").append(...presets.map(({ name }) => element("option", { value: name }, name)));
  for (const id of ["pareto-x", "pareto-y"]) {
    byId(id).append(...criteria.filter(({ name }) => hasEvidence(name)).map(({ name }) => element("option", { value: name }, name.replace("_", " "))));
    byId(id).addEventListener("change", updatePareto);
  }
  makeSliders();
  byId("preset").addEventListener("change", () => choosePreset(byId("preset").value));
  byId("reset").addEventListener("click", () => { choosePreset(explorer.preset.name); byId("preset").focus(); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-preset]");
    if (!button) return;
    choosePreset(button.dataset.preset);
    byId("answers").scrollIntoView();
    byId("preset").focus();
  });
  choosePreset(presets[0].name);
}

const leaders = () => (explorer.ranking?.ranked ?? []).map(({ name }) => name);
if (presets) startExplorer();
if (report.curves.length > 0) {
  byId("curve-leaders").addEventListener("click", () => showCurvesOf(leaders()));
  showCurvesOf(leaders());
}
themeChanged();
