"use strict";
// The program's ranking (selection/ranking/ranking.cpp, selection/ranking/decision.cpp) for a page: the same formula on the same
// numbers in the same order of operations, so that the scores are the same. No document, no drawing.

// SPOTIS with the reference range 0 to 1, higher is better: 1 minus the weighted distance to 1.
function spotis(row, weights) {
  let distance = 0;
  for (let j = 0; j < row.length; ++j) distance += weights[j] * Math.abs(row[j] - 1);
  return 1 - distance;
}

function columnMeans(rows) {
  const means = rows[0].map(() => 0);
  for (const row of rows) row.forEach((x, j) => { means[j] += x; });
  return means.map((sum) => sum / rows.length);
}

// True for each row that no other equals or betters in every column while bettering it in one.
function paretoFront(rows) {
  const dominates = (a, b) => a.every((x, j) => x >= b[j]) && a.some((x, j) => x > b[j]);
  return rows.map((row) => !rows.some((other) => dominates(other, row)));
}

// By code point, as the program orders bytes of UTF-8.
function compareText(a, b) {
  const x = Array.from(a), y = Array.from(b);
  for (let i = 0; i < Math.min(x.length, y.length); ++i) {
    if (x[i] !== y[i]) return x[i].codePointAt(0) - y[i].codePointAt(0);
  }
  return x.length - y.length;
}

function uniqueSorted(texts) {
  return [...new Set(texts)].sort(compareText);
}

// Weighted criteria that at least one trial has a score of; the weights of the others count nowhere.
function countedCriteria(group, criteria, weights) {
  const names = [], indices = [], warnings = [];
  criteria.forEach((criterion, i) => {
    if (!(weights[criterion.name] > 0)) return;
    const trials = group.candidates.flatMap((candidate) => candidate.trials);
    if (trials.some((trial) => trial.scores[i] !== null)) {
      names.push(criterion.name);
      indices.push(i);
    } else {
      const reasons = trials.map((trial) => trial.missing[i]).filter((text) => text !== "");
      warnings.push(`no evidence on ${criterion.name} (${reasons.pop() ?? "no trial"}): its weight ` +
        `${weights[criterion.name].toFixed(2)} counts nowhere`);
    }
  });
  let sum = 0;
  for (const name of [...names].sort(compareText)) sum += weights[name];
  return { names, indices, warnings, shares: names.map((name) => weights[name] / sum) };
}

// One row a seed (a whole number as text: it may need 64 bits): trials of one seed are averaged. Trials that lack a criterion are left out, never filled in.
function seedRows(candidate, counted) {
  const bySeed = new Map(), missing = [];
  for (const trial of candidate.trials) {
    counted.indices.forEach((i, j) => {
      if (trial.missing[i] !== "") missing.push(`${counted.names[j]} ${trial.missing[i]}`);
    });
    const row = counted.indices.map((i) => trial.scores[i]);
    if (row.includes(null)) continue;
    if (!bySeed.has(trial.seed)) bySeed.set(trial.seed, []);
    bySeed.get(trial.seed).push(row);
  }
  const seeds = [...bySeed.keys()].sort((a, b) => a.length - b.length || compareText(a, b));
  return { seeds, rows: seeds.map((seed) => columnMeans(bySeed.get(seed))), missing: uniqueSorted(missing) };
}

// Share of the wished-for evidence that was measured.
function evidenceShare(candidate, criteria, weights) {
  if (candidate.trials.length === 0) return 0;
  let sum = 0;
  for (const trial of candidate.trials) {
    criteria.forEach((criterion, i) => {
      if (trial.scores[i] !== null) sum += (weights[criterion.name] ?? 0) * trial.available[i];
    });
  }
  return sum / candidate.trials.length;
}

// Candidates of `group` in order for `weights` (by criterion, summing to 1). `unmet` gives the reason for each
// candidate that fails a constraint.
function rankCandidates(group, criteria, weights, unmet) {
  const counted = countedCriteria(group, criteria, weights);
  const ranked = [], excluded = [], unmeasured = [];
  for (const candidate of group.candidates) {
    if (Object.hasOwn(unmet, candidate.name)) {
      excluded.push({ name: candidate.name, reason: unmet[candidate.name] });
      continue;
    }
    const { seeds, rows, missing } = seedRows(candidate, counted);
    if (rows.length === 0 || counted.names.length === 0) {
      const why = candidate.trials.length === 0 ? "all its trials failed"
        : missing.length === 0 ? "no evidence on what was asked" : missing.join("; ");
      unmeasured.push({ name: candidate.name, reason: why });
      continue;
    }
    const means = columnMeans(rows);
    ranked.push({
      name: candidate.name, candidate, seeds, missing, means,
      score: spotis(means, counted.shares),
      seedScores: rows.map((row) => spotis(row, counted.shares)),
      confidence: evidenceShare(candidate, criteria, weights),
    });
  }
  paretoFront(ranked.map((one) => one.means)).forEach((on, i) => { ranked[i].pareto = on; });
  ranked.sort((a, b) => b.score - a.score || b.pareto - a.pareto || compareText(a.name, b.name));
  ranked.forEach((one, i) => {
    one.rank = i > 0 && one.score === ranked[i - 1].score ? ranked[i - 1].rank : i + 1;
  });
  return { ranked, excluded, unmeasured, names: counted.names, shares: counted.shares, warnings: counted.warnings };
}

// Weights as shares of their sum; nothing when all are 0.
function normalizedWeights(raw) {
  let sum = 0;
  for (const name of Object.keys(raw).sort(compareText)) sum += raw[name];
  if (!(sum > 0)) return null;
  return Object.fromEntries(Object.entries(raw).map(([name, weight]) => [name, weight / sum]));
}
