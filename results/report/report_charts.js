"use strict";
// The plots, by Chart.js where the page carries it. Each has its numbers in a table below it.

const hasCharts = typeof Chart !== "undefined";
const kMostCurves = 8;
const kDashes = [[], [7, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 2], [1, 3], [10, 2, 2, 2]];
const kMarks = ["circle", "rect", "triangle", "rectRot", "crossRot", "star", "rectRounded", "dash"];
const charts = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// The colour with an opacity in percent, for bands.
function faint(name, opacity) {
  return colour(name) + Math.round(2.55 * opacity).toString(16).padStart(2, "0");
}

function axis(title, extra = {}) {
  return {
    title: { display: true, text: title, color: colour("soft") },
    grid: { color: colour("line"), borderColor: colour("line") },
    ticks: { color: colour("soft"), callback: (value) => shortNumber(value) },
    ...extra,
  };
}

// Draws `configure()` into the figure's canvas now and whenever the colours change.
function drawing(figure, configure) {
  const box = figure.querySelector(".canvas"), canvas = figure.querySelector("canvas");
  let chart = null;
  if (!hasCharts) {
    box.classList.add("absent");
    box.replaceChildren(element("p", { class: "missing" }, "No plot: this page was written without Chart.js."));
    [...figure.querySelectorAll("details")].pop().open = true;
  }
  const draw = () => {
    const { label, ...config } = configure();
    canvas.setAttribute("aria-label", label);
    if (!hasCharts) return;
    chart?.destroy();
    chart = new Chart(canvas, config);
  };
  themeListeners.push(draw);
  charts.push(() => chart);
  return draw;
}

const kCommon = { responsive: true, maintainAspectRatio: false, animation: false, locale: "en-US" };

// Paper is white and narrower than the window. Light colours come with the style sheet; the canvas must follow.
let themeBefore;
window.addEventListener("beforeprint", () => {
  themeBefore = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  themeChanged();
  charts.forEach((chart) => chart()?.resize(980, 314));
});
window.addEventListener("afterprint", () => {
  if (themeBefore === undefined) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = themeBefore;
  themeChanged();
  charts.forEach((chart) => chart()?.resize());
});

// ---- saving figures

function download(name, url) {
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

// The canvas on the page's own ground, which the canvas leaves open.
function pictureOf(canvas) {
  const copy = element("canvas", { width: canvas.width, height: canvas.height }), drawing = copy.getContext("2d");
  drawing.fillStyle = colour("card");
  drawing.fillRect(0, 0, copy.width, copy.height);
  drawing.drawImage(canvas, 0, 0);
  return copy.toDataURL("image/png");
}

// A drawing by itself, with the colours that the page's style gives it.
function drawingText(svg) {
  const copy = svg.cloneNode(true), kept = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size"];
  const from = [svg, ...svg.querySelectorAll("*")], to = [copy, ...copy.querySelectorAll("*")];
  from.forEach((part, i) => {
    const style = getComputedStyle(part);
    for (const name of kept) to[i].setAttribute(name, style.getPropertyValue(name));
    to[i].removeAttribute("class");
  });
  const [, , width, height] = svg.getAttribute("viewBox").split(" ");
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ width, height, fill: colour("card") })) ground.setAttribute(name, value);
  copy.prepend(ground);
  for (const [name, value] of Object.entries({ width, height })) copy.setAttribute(name, value);
  return new XMLSerializer().serializeToString(copy);
}

function saveButton(label, save) {
  const button = element("button", { type: "button", class: "save" }, label);
  button.addEventListener("click", save);
  return button;
}

for (const figure of document.querySelectorAll("figure.drawing")) {
  const svg = figure.querySelector("svg");
  figure.querySelector("figcaption").before(saveButton("Save as SVG", () =>
    download("published-and-own.svg", `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawingText(svg))}`)));
}
if (hasCharts) {
  for (const box of document.querySelectorAll("figure .canvas"))
    box.after(saveButton("Save as PNG", () => download(`${box.closest("figure").id}.png`, pictureOf(box.querySelector("canvas")))));
}

// ---- two criteria against each other

// Names beside the points and the range over seeds through them; a name that would cover another is left out.
const pointNames = {
  id: "pointNames",
  afterDatasetsDraw(chart) {
    const { ctx, chartArea, scales } = chart;
    const taken = chart.data.datasets.flatMap((_, k) => chart.getDatasetMeta(k).data.map(({ x, y }) => ({ x: x - 4, y, width: 8, half: 5 })));
    ctx.save();
    ctx.font = "12px system-ui, sans-serif";
    ctx.textBaseline = "middle";
    chart.data.datasets.forEach((set, k) => {
      chart.getDatasetMeta(k).data.forEach((mark, i) => {
        const { name, range } = set.data[i];
        if (!name) return;
        if (range) {
          ctx.strokeStyle = set.borderColor;
          ctx.lineWidth = 1;
          ctx.beginPath();
          ctx.moveTo(scales.x.getPixelForValue(range[0][0]), mark.y);
          ctx.lineTo(scales.x.getPixelForValue(range[0][1]), mark.y);
          ctx.moveTo(mark.x, scales.y.getPixelForValue(range[1][0]));
          ctx.lineTo(mark.x, scales.y.getPixelForValue(range[1][1]));
          ctx.stroke();
        }
        const width = ctx.measureText(name).width;
        const places = [[mark.x - width / 2, mark.y - 13], [mark.x - width / 2, mark.y + 13], [mark.x + 9, mark.y],
          [mark.x - 9 - width, mark.y]];
        const place = places.find(([x, y]) => x > chartArea.left && x + width < chartArea.right && y > chartArea.top - 8 &&
          y + 7 < chartArea.bottom && !taken.some((t) => x < t.x + t.width + 4 && t.x < x + width + 4 && Math.abs(t.y - y) < t.half + 7));
        if (!place) return;
        taken.push({ x: place[0], y: place[1], width, half: 7 });
        ctx.fillStyle = set.nameColor;
        ctx.fillText(name, place[0], place[1]);
      });
    });
    ctx.restore();
  },
};

// points: [{name, x, y, rangeX, rangeY, seeds}]
function paretoChart(figure, state) {
  const draw = drawing(figure, () => {
    const { points, x, y } = state();
    const onFront = paretoFront(points.map((point) => [point.x, point.y]));
    const mark = (point) => ({ x: point.x, y: point.y, name: point.name, seeds: point.seeds,
      range: point.seeds > 1 ? [point.rangeX, point.rangeY] : null });
    const front = points.filter((_, i) => onFront[i]).sort((a, b) => a.x - b.x || b.y - a.y);
    const set = (label, chosen, name, style) => ({ label, data: chosen.map(mark), borderColor: colour(name),
      backgroundColor: colour(name), nameColor: colour(name === "soft" ? "soft" : "ink"), pointRadius: 5, ...style });
    const scale = (name, range) => axis(`${name} (0 to 1, 1 is best)`, points.length === 0 ? { min: 0, max: 1 }
      : { suggestedMin: Math.min(...points.map((point) => point[range][0])), suggestedMax: Math.max(...points.map((point) => point[range][1])) });
    return {
      label: `${x} against ${y} of ${plural(points.length, "candidate")}; not beaten in both: ${front.map((p) => p.name).join(", ")}`,
      type: "scatter",
      data: { datasets: [
        set("not beaten in both", front, "series-0", { showLine: true, borderDash: [4, 4], borderWidth: 1.5 }),
        set("beaten in both", points.filter((_, i) => !onFront[i]), "soft", { pointStyle: "rectRot" }),
      ] },
      options: { ...kCommon,
        scales: { x: scale(x, "rangeX"), y: scale(y, "rangeY") }, layout: { padding: { right: 12 } },
        plugins: {
          legend: { labels: { color: colour("ink"), usePointStyle: true } },
          tooltip: { callbacks: { label: ({ raw }) =>
            `${raw.name}: ${shortNumber(raw.x, 4)}, ${shortNumber(raw.y, 4)} (${plural(raw.seeds, "seed")})` } },
        } },
      plugins: [pointNames],
    };
  });
  return () => {
    const { points, x, y } = state();
    const onFront = paretoFront(points.map((point) => [point.x, point.y]));
    const cell = (value, range, seeds) => shortNumber(value, 4) + (seeds > 1 ? ` (${interval(range)})` : "");
    const rows = points.map((p, i) => [p.name, cell(p.x, p.rangeX, p.seeds), cell(p.y, p.rangeY, p.seeds), String(p.seeds),
      onFront[i] ? "no" : "yes"]);
    figure.querySelector("details > div").replaceChildren(tableOf(["candidate", x, y, "seeds", "beaten in both"], rows));
    figure.querySelector("figcaption").textContent = points.length === 0 ? "No candidate has evidence of both criteria."
      : "Each point is the mean over a candidate's seeds; thin lines span its seeds where there are several. The dashed line joins " +
        "the candidates that no other beats in both. A name that has no room is in the table.";
    draw();
  };
}

// ---- curves over training

const curvesFigure = byId("curves");
const curveState = { curve: report.curves[0], shown: [] };

function shownSeries() {
  return curveState.curve.series.filter((series) => curveState.shown.includes(series.candidate));
}

function curveTitle() {
  const { name, label, unit } = curveState.curve;
  const better = { lower: ", lower is better", higher: ", higher is better" }[report.measures[name]?.direction] ?? "";
  return (unit ? `${label} (${unit})` : label) + better;
}

// Mean as a line, the range over seeds as a band; the place among those shown gives colour, dash and mark.
function curveDatasets(series) {
  const place = curveState.shown.indexOf(series.candidate) % kMostCurves;
  const name = `series-${place}`;
  const points = (key) => series.step.map((step, i) => ({ x: step, y: series[key][i], n: series.n[i] }));
  const line = { label: series.candidate + lossNote(series.candidate), data: points("mean"), borderColor: colour(name), backgroundColor: colour(name),
    borderDash: kDashes[place], borderWidth: 2, pointStyle: kMarks[place], pointRadius: series.step.length > 30 ? 0 : 4 };
  if (series.seeds < 2) return [line];
  const edge = { label: "", pointRadius: 0, pointHitRadius: 0, borderWidth: 0, backgroundColor: faint(name, 16) };
  return [line, { ...edge, data: points("low") }, { ...edge, data: points("high"), fill: "-1" }];
}

function curvesConfig() {
  const series = shownSeries();
  const log = byId("curve-log").checked;
  return {
    label: `${curveTitle()} over generator updates of ${series.map((one) => one.candidate).join(", ")}`,
    type: "line",
    data: { datasets: series.flatMap(curveDatasets) },
    options: { ...kCommon, parsing: false, interaction: { mode: "nearest", axis: "xy", intersect: false },
      scales: { x: axis("generator updates", { type: "linear" }),
        y: axis(curveTitle(), { type: log ? "logarithmic" : "linear" }) },
      plugins: {
        legend: { labels: { color: colour("ink"), usePointStyle: true, filter: (item) => item.text !== "" } },
        tooltip: { filter: (item) => item.dataset.label !== "", callbacks: {
          title: (items) => items.map((item) => `update ${item.raw.x}`).join(),
          label: ({ dataset, raw }) => `${dataset.label}: ${shortNumber(raw.y, 4)} (${plural(raw.n, "seed")})` } },
      } },
  };
}

function curvesTable() {
  const rows = shownSeries().flatMap((series) => series.step.map((step, i) => [series.candidate, String(step),
    shortNumber(series.mean[i], 6), series.n[i] > 1 ? `${shortNumber(series.low[i], 6)} to ${shortNumber(series.high[i], 6)}` : kDash,
    String(series.n[i])]));
  return tableOf(["candidate", "update", `mean ${curveTitle()}`, "range over seeds", "seeds"], rows);
}

const drawCurves = drawing(curvesFigure, curvesConfig);

function updateCurves() {
  const { curve, shown } = curveState;
  const details = byId("curve-candidates");
  details.querySelector("summary").textContent = `Candidates: ${shown.length} of ${curve.series.length} (at most ${kMostCurves})`;
  details.querySelector("div").replaceChildren(...curve.series.map(({ candidate }) => {
    const box = element("input", { type: "checkbox", checked: shown.includes(candidate),
      disabled: !shown.includes(candidate) && shown.length >= kMostCurves });
    box.addEventListener("change", () => {
      curveState.shown = box.checked ? [...shown, candidate] : shown.filter((name) => name !== candidate);
      updateCurves();
      [...byId("curve-candidates").querySelectorAll("label")].find((label) => label.dataset.candidate === candidate)
        ?.querySelector("input").focus();
    });
    return element("label", { "data-candidate": candidate }, box, ` ${candidate}${lossNote(candidate)}`);
  }));
  const most = Math.max(0, ...shownSeries().map((series) => series.seeds));
  curvesFigure.querySelector("figcaption").textContent = [
    most > 1 ? "Line: mean over the seeds that have a value there; band: from the lowest to the highest seed."
      : "One seed each: no band.",
    curve.note && `${curve.note}.`, "Curves of more than 150 points are thinned evenly."].filter((part) => part).join(" ");
  curvesFigure.querySelector("details:last-of-type > div").replaceChildren(curvesTable());
  drawCurves();
}

// Shows the first five of a ranking that have the curve.
function showCurvesOf(names) {
  if (!curveState.curve) return;
  curveState.shown = names.filter((name) => curveState.curve.series.some((one) => one.candidate === name)).slice(0, 5);
  if (curveState.shown.length === 0) curveState.shown = curveState.curve.series.slice(0, 5).map((one) => one.candidate);
  updateCurves();
}

if (report.curves.length === 0) {
  curvesFigure.after(element("p", { class: "missing" }, "No curve is on disk."));
} else {
  curvesFigure.hidden = false;
  byId("curve").append(...report.curves.map((curve, i) => element("option", { value: i }, curve.label)));
  byId("curve").addEventListener("change", () => {
    curveState.curve = report.curves[Number(byId("curve").value)];
    const known = curveState.shown.filter((name) => curveState.curve.series.some((one) => one.candidate === name));
    showCurvesOf(known.length > 0 ? known : curveState.curve.series.map((one) => one.candidate));
  });
  byId("curve-log").addEventListener("change", updateCurves);
}
