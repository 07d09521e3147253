"""The report page in a browser: its ranking is the program's, it needs nothing else, nothing in a record can run."""

import json
import os
import random
import shutil

from browser import Browser
from report_records import make_records

PUBLISHED = os.path.join(os.path.dirname(__file__), "..", "..", "results", "published", "cifar10")
PRESETS = ("high-diversity", "high-quality", "quality-and-diversity", "stable-training", "low-compute", "data-augmentation",
           "rare-modes", "generalization", "class-control", "unseen-domain")
TOLERANCE = 1e-12  # the page's sums are the program's, in the program's order
ROWS = """[...document.querySelectorAll("#ranking tbody tr")].map((row) => ({candidate: row.dataset.candidate,
  rank: Number(row.dataset.rank), score: Number(row.dataset.score), pareto: row.dataset.pareto === "true",
  confidence: Number(row.dataset.confidence)}))"""


def write_report(box, results, *more, name="report.html"):
    box.run("report", "--results", results, "--out", name, *more).succeeds()
    return box.path(name)


def made_up(box):
    make_records(box.path("made-up"))
    return "made-up"


def quiet(browser):
    assert not browser.errors(), f"the page complains: {browser.errors()}"
    assert not browser.requests(), f"the page asks for {browser.requests()}"


def choose(browser, preset):
    browser.evaluate(f"(() => {{ const box = document.getElementById('preset'); box.value = {json.dumps(preset)};"
                     "box.dispatchEvent(new Event('change')); })()")


def set_weights(browser, weights):
    for name, share in weights.items():
        browser.evaluate(f"(() => {{ const slider = document.getElementById('weight-{name}'); slider.value = {round(100 * share)};"
                         "slider.dispatchEvent(new Event('input', {bubbles: true})); })()")


def compare(browser, answer, what):
    """The page's rows against the program's; gives the largest difference of the scores."""
    rows, told = browser.evaluate(ROWS), answer["ranking"]
    assert [row["candidate"] for row in rows] == [row["candidate"] for row in told], \
        f"{what}: page {[row['candidate'] for row in rows]}, program {[row['candidate'] for row in told]}"
    for row, theirs in zip(rows, told):
        assert row["rank"] == theirs["rank"] and row["pareto"] == theirs["pareto"], f"{what}: {row} is not {theirs}"
        assert abs(row["confidence"] - theirs["confidence"]) <= TOLERANCE, f"{what}: {row} is not {theirs}"
    for key, column in (("excluded", "by constraints"), ("not_measured", "for lack of evidence")):
        summary = browser.evaluate("document.querySelector('#left-out summary').textContent")
        assert f"{len(answer[key])} {column}" in summary, f"{what}: '{summary}' for {len(answer[key])} {key}"
    return max((abs(row["score"] - theirs["score"]) for row, theirs in zip(rows, told)), default=0.0)


def compare_presets(box, browser, results, presets=PRESETS):
    largest = 0.0
    for preset in presets:
        choose(browser, preset)
        largest = max(largest, compare(browser, box.run("recommend", "--evidence", "own", "--preset", preset, "--results", results, "--json").json(), preset))
    assert largest <= TOLERANCE, f"scores differ by {largest}"
    print(f"{len(presets)} presets of {os.path.basename(results)}: largest difference of a score {largest:.3g}")


def compare_weights(box, browser, results, draws):
    """Random weights by the sliders against `recommend --use-case` with the JSON that the page shows."""
    chance, largest = random.Random(7), 0.0
    names = browser.evaluate("[...document.querySelectorAll('.slider input')].map((slider) => slider.id.slice(7))")
    for draw in range(draws):
        choose(browser, PRESETS[draw % len(PRESETS)])
        set_weights(browser, {name: chance.choice((0, 0, chance.random())) for name in names} | {"diversity": 0.01 + chance.random() / 2})
        use_case = json.loads(browser.evaluate("document.getElementById('use-case').value"))
        assert abs(sum(use_case["weights"].values()) - 1) < 1e-9, use_case
        box.write("use-case.json", use_case)
        answer = box.run("recommend", "--evidence", "own", "--use-case", "use-case.json", "--results", results, "--json").json()
        largest = max(largest, compare(browser, answer, use_case))
    assert largest <= TOLERANCE, f"scores differ by {largest}"
    print(f"{draws} weightings of {os.path.basename(results)}: largest difference of a score {largest:.3g}")


def test_the_page_ranks_the_published_records_as_the_program_does(box):
    with Browser() as browser:
        browser.open(write_report(box, PUBLISHED))
        compare_presets(box, browser, PUBLISHED)
        quiet(browser)


def test_the_page_ranks_several_seeds_and_lost_trials_as_the_program_does(box):
    results = made_up(box)
    with Browser() as browser:
        browser.open(write_report(box, results))
        compare_presets(box, browser, results)
        compare_weights(box, browser, results, 12)
        quiet(browser)


def test_the_published_page_opens_with_the_answer_and_its_pictures(box):
    with Browser() as browser:
        browser.open(write_report(box, PUBLISHED))
        assert len(browser.evaluate("Object.keys(report.grids)")) >= 20, "published samples are not on the page"
        for preset in ("high-diversity", "high-quality", "low-compute"):
            choose(browser, preset)
            answer = box.run("recommend", "--preset", preset, "--results", PUBLISHED, "--json").json()
            assert browser.evaluate("document.querySelector('#opening .summary').textContent") == answer["summary"]
            assert answer["how_sure"] in browser.evaluate("document.getElementById('opening').textContent")
            names = browser.evaluate("[...document.querySelectorAll('#opening figcaption b')].map((one) => one.textContent)")
            assert names == answer["shortlist"], names
            shown = browser.evaluate("[...document.querySelectorAll('#opening use')].filter((one) => "
                                     "one.getBoundingClientRect().width > 100 && document.querySelector(one.getAttribute('href'))).length")
            assert shown == len(names), f"{preset}: {shown} pictures of {names}"
            left = {row["candidate"] for row in answer["excluded"] if row["reason"].startswith("does not work here")}
            assert left and left == set(browser.evaluate("[...document.querySelectorAll('#broken b')].map((one) => one.textContent)"))
        loaded = browser.evaluate("Promise.all([...document.querySelectorAll('svg.grid image')].map((one) => "
                                  "Object.assign(new Image(), {src: one.getAttribute('href')}).decode())).then((all) => all.length)")
        assert loaded >= 20, "every picture can be decoded"
        quiet(browser)


def test_published_results_stand_beside_own_ones_and_figures_can_be_saved(box):
    with Browser() as browser:
        browser.open(write_report(box, PUBLISHED, "--steps", "800"))  # of one seed there are no intervals of own trials
        rows = browser.evaluate("document.querySelectorAll('svg.forest .name').length")
        assert rows >= 5 and browser.evaluate("document.querySelectorAll('svg.forest line.published').length") >= 5, rows
        assert browser.evaluate("document.querySelectorAll('svg.forest line.own').length") >= 5
        assert rows == browser.evaluate("document.querySelectorAll('figure.drawing tbody tr').length")
        saved = browser.evaluate("drawingText(document.querySelector('svg.forest'))")
        assert saved.startswith("<svg") and "rgb(" in saved and "var(" not in saved and "class=" not in saved, saved[:300]
        for figure in ("pareto", "curves"):
            picture = browser.evaluate(f"pictureOf(document.querySelector('#{figure} canvas'))")
            assert picture.startswith("data:image/png;base64,") and len(picture) > 5000, picture[:100]
        labels = browser.evaluate("[...document.querySelectorAll('button.save')].map((one) => one.textContent)")
        assert sorted(labels) == ["Save as PNG", "Save as PNG", "Save as SVG"], labels
        browser.evaluate("document.querySelector('button.save').click()")
        quiet(browser)


def test_weights_of_ones_own_leave_the_program_s_sentence(box):
    results = made_up(box)
    with Browser() as browser:
        browser.open(write_report(box, results))
        before = browser.evaluate("document.getElementById('opening').textContent")
        set_weights(browser, {"quality": 1})
        own = browser.evaluate("document.getElementById('opening').textContent")
        first = browser.evaluate(ROWS)[0]["candidate"]
        assert f"With your weights {first} comes first" in own and "How sure: " not in own, own
        browser.evaluate("document.getElementById('reset').click()")
        assert browser.evaluate("document.getElementById('opening').textContent") == before


def test_the_page_of_one_record_works(box):
    plan = os.path.join(PUBLISHED, "paper-cpu")
    trial = sorted(name for name in os.listdir(plan) if name.startswith("dcgan-"))[0]
    shutil.copytree(os.path.join(plan, trial), box.path("one", trial))
    with Browser() as browser:
        browser.open(write_report(box, "one"))
        compare_presets(box, browser, "one", ("high-diversity", "class-control", "low-compute"))
        quiet(browser)


def test_the_page_counts_alike_in_every_locale(box):
    results = made_up(box)
    page = write_report(box, results)
    texts = set()
    for locale in ("en-US", "de-DE", "tr-TR", "ar-EG"):
        with Browser(locale) as browser:
            browser.open(page)
            choose(browser, "high-quality")
            set_weights(browser, {"stability": 0.37})
            texts.add(browser.evaluate("document.getElementById('explorer').innerText"))
            quiet(browser)
    assert len(texts) == 1, "the page reads differently in another locale"


def test_a_slider_moves_by_key_and_reset_brings_the_preset_back(box):
    results = made_up(box)
    with Browser() as browser:
        browser.open(write_report(box, results))
        choose(browser, "high-quality")
        before = browser.evaluate(ROWS)
        browser.evaluate("document.getElementById('weight-cost').focus()")
        for _ in range(5):
            browser.press("ArrowRight", 39)
        assert browser.evaluate("document.getElementById('weight-cost-share').textContent") == "4.76%", "5 of 105"
        use_case = json.loads(browser.evaluate("document.getElementById('use-case').value"))
        assert abs(use_case["weights"]["cost"] - 0.05 / 1.05) < 1e-12, use_case
        assert {row["candidate"] for row in before} - {row["candidate"] for row in browser.evaluate(ROWS)} == {"sngan"}, \
            "where cost counts, trials of another machine do not"
        browser.evaluate("document.getElementById('reset').click()")
        assert browser.evaluate(ROWS) == before
        for name in browser.evaluate("[...document.querySelectorAll('.slider input')].map((slider) => slider.id.slice(7))"):
            set_weights(browser, {name: 0})
        assert "at least one" in browser.evaluate("document.getElementById('verdict').textContent")
        quiet(browser)


def test_every_figure_opens_its_trials_protocol_and_digests(box):
    results = made_up(box)
    with Browser() as browser:
        browser.open(write_report(box, results))
        for button, wanted in (("button[data-measure=fid][data-candidate=dcgan]", ("fid[judge-cifar10]", "dcgan-cifar10-s4", "a" * 64)),
                               ("#ranking .figure", ("SPOTIS", "d" * 64, "-cifar10-s0")),
                               ("#questions .figure", ("-cifar10-s", "a" * 64))):
            browser.evaluate(f"document.querySelector('{button}').click()")
            text = browser.evaluate("document.querySelector('dialog[open]').innerText")
            assert all(part in text for part in wanted), f"{button}: {text}"
            browser.press("Escape", 27)
            assert browser.evaluate("document.querySelector('dialog[open]') === null"), "Escape closes"
        value = json.loads(box.read("made-up", "dcgan-cifar10-s4", "record.json"))["measures"]["fid"]
        browser.evaluate("document.querySelector('button[data-measure=fid][data-candidate=dcgan]').click()")
        assert str(value) in browser.evaluate("document.querySelector('dialog[open]').innerText"), f"no {value} to the last digit"
        quiet(browser)


def test_every_plot_has_its_numbers_in_a_table(box):
    results = made_up(box)
    with Browser() as browser:
        browser.open(write_report(box, results))
        points = browser.evaluate("""[...document.querySelectorAll("#pareto details tbody th")].map((cell) => cell.textContent).sort()""")
        assert points == sorted(name for name in browser.evaluate("paretoPoints().points.map((point) => point.name)")) and len(points) >= 6
        curves = browser.evaluate("report.curves.length")
        assert curves >= 6, curves
        for number in range(curves):
            browser.evaluate(f"(() => {{ const box = document.getElementById('curve'); box.value = {number};"
                             "box.dispatchEvent(new Event('change')); })()")
            rows = browser.evaluate("document.querySelectorAll('#curves details:last-of-type tbody tr').length")
            shown = browser.evaluate("shownSeries().reduce((sum, series) => sum + series.step.length, 0)")
            assert rows == shown > 0, f"curve {number}: {rows} rows of {shown} points"
        labels = browser.evaluate("[...document.querySelectorAll('canvas')].map((one) => one.getAttribute('aria-label'))")
        assert len(labels) == 2 and all(labels), labels
        quiet(browser)


def test_nothing_in_a_record_runs_on_the_page(box):
    results = made_up(box)
    evil = "</script><script>window.hacked = 1</script><img src=x onerror=\"window.hacked = 2\">"
    for name in ("dcgan-cifar10-s0", "geometric-gan-cifar10-s0", "fgan-kl-cifar10-s1"):
        made = json.loads(box.read(results, name, "record.json"))
        made["status_detail"]["reason"], made["provenance"]["commit"] = evil, made["provenance"]["commit"]
        made["plan"] = made["provenance"]["date"] = evil
        if name.startswith("geometric"):
            made["candidate"]["name"] = made["candidate"]["loss"] = evil
        box.write(os.path.join(results, name, "record.json"), made)
    with Browser() as browser:
        browser.open(write_report(box, results))
        for preset in PRESETS:
            choose(browser, preset)
        browser.evaluate("document.querySelectorAll('.figure').forEach((one) => { one.click(); document.querySelector('dialog').close(); })")
        assert browser.evaluate("typeof window.hacked") == "undefined" and browser.evaluate("document.images.length") < 40
        assert evil in browser.evaluate("document.body.innerText"), "the text itself is shown"
        # The policy holds where escaping would not.
        browser.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\" onerror=\"window.hacked = 3\">')")
        browser.evaluate("new Promise((done) => setTimeout(done, 200))")
        assert browser.evaluate("typeof window.hacked") == "undefined", "an inline handler ran"
        assert any("Content Security Policy" in text for text in browser.errors()), "no policy refused it"


def test_the_page_fits_a_phone_and_reads_without_scripts(box):
    results = made_up(box)
    page = write_report(box, results)
    with Browser() as browser:
        browser.open(page, width=390, height=844)
        width = browser.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"the page is {width} pixels wide on a phone of 390"
        small = browser.evaluate("""[...document.querySelectorAll(".slider input, select, main p > button")]
            .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().height < 24).map((one) => one.id)""")
        assert not small, f"too small to touch: {small}"
        quiet(browser)
        browser.open(page, scripts=False)
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
        text = browser.evaluate("document.body.innerText")
        assert "need JavaScript" in text and "All presets at a glance" in text and "high-diversity" in text


def test_dark_colours_follow_the_system_and_the_button(box):
    results = made_up(box)
    page = write_report(box, results)
    ground = "getComputedStyle(document.body).backgroundColor"
    with Browser() as browser:
        browser.open(page)
        light = browser.evaluate(ground)
        browser.evaluate("document.getElementById('theme').click()")
        dark = browser.evaluate(ground)
        assert light != dark and browser.evaluate("colour('ink')") == "#e4e8ed", (light, dark)
        browser.open(page, dark=True)
        assert browser.evaluate(ground) == dark
        browser.evaluate("document.getElementById('theme').click()")
        assert browser.evaluate(ground) == light
        quiet(browser)


def test_the_same_records_give_the_same_page_wherever_they_lie(box):
    results = made_up(box)
    shutil.copytree(box.path(results), box.path("elsewhere", "deep", results))
    first, second = write_report(box, results, name="a.html"), write_report(box, os.path.join("elsewhere", "deep", results), name="b.html")
    with open(first, "rb") as a, open(second, "rb") as b:
        assert a.read() == b.read(), "the place of the records changed the page"
