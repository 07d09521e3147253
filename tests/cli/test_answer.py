"""Answers, tables, claims and reports: pure functions of records."""

import csv
import io
import json
import os
import re

from test_sweep import PLAN

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def records_made(box):
    box.write("plan.json", PLAN)
    box.run("sweep", "plan.json", "--out", "out").succeeds()
    show_modes(box)


def show_modes(box):
    """Twenty updates show next to nothing of the ring, and what shows nothing is not ranked."""
    for path, content in records_of(box).items():
        record = json.loads(content)
        for name, value in {"modes": 6.0, "mode_kl": 0.3, "mode_entropy": 1.7, "high_quality_share": 0.4}.items():
            record["measures"][name] = value
            record["reason"].pop(name, None)
        record["measures"]["collapsed"] = 0.0
        record["reason"].pop("collapsed", None)
        box.write(os.path.join("out", path), record)


def records_of(box):
    return {path: content for path, content in box.files("out").items() if os.path.basename(path) == "record.json"}


def test_answers_come_from_the_records_given(box):
    records_made(box)
    got = box.run("ask", "which GAN for high diversity?", "--results", "out", "--json").json()
    assert {"query", "understood", "unknown_words", "questions", "ranking", "space", "warnings"} <= set(got), sorted(got)
    assert got["query"] == "which GAN for high diversity?" and len(got["questions"]) == 4, got["query"]
    weights = got["understood"]["weights"]
    assert abs(sum(weights.values()) - 1) < 1e-9 and weights["diversity"] == max(weights.values()), weights
    got = box.run("ask", "best quality", "--results", "out", "--json").json()
    trials = {record["trial_id"] for record in map(json.loads, records_of(box).values())}
    assert {row["candidate"] for row in got["ranking"]} == {"dcgan", "lsgan"}, [row["candidate"] for row in got["ranking"]]
    for row in got["ranking"]:
        assert row["evidence"] and set(row["evidence"]) <= trials, f"evidence {row['evidence']} of trials {trials}"
    ranks = [row["rank"] for row in got["ranking"]]
    assert ranks in ([1, 2], [1, 1]), f"expected ranks in their order, got {ranks}"
    box.run("ask", "best quality", "--results", "out").succeeds().says(got["ranking"][0]["candidate"])


def test_the_same_question_gets_the_same_bytes(box):
    records_made(box)
    command = ("ask", "good quality, stable training", "--results", "out", "--json")
    assert box.run(*command).succeeds().out == box.run(*command).succeeds().out


def test_answers_without_libtorch_are_those_of_the_whole_program(box):
    records_made(box)
    whole = box.program + "-torch"
    for command in (("ask", "good quality without labels", "--json"), ("recommend", "--preset", "high-diversity", "--json"),
                    ("tables",), ("claims", "--json")):
        short = box.run(*command, "--results", "out").succeeds().out
        assert short == box.run(*command, "--results", "out", program=whole).succeeds().out, command
    for program, name in ((box.program, "short.html"), (whole, "whole.html")):
        box.run("report", "--results", "out", "--out", name, program=program).succeeds()
    assert box.read("short.html") == box.read("whole.html")


def test_answers_load_no_libtorch(box):
    for arguments, wanted in ((("ask", "--help"), False), (("list", "--help"), True)):
        loaded = box.run(*arguments, environment={"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": "loaded"}).succeeds()
        logs = "".join(content.decode(errors="replace") for name, content in box.files(".").items() if name.startswith("loaded"))
        assert "libstdc++" in logs or "libc.so" in logs, f"the loader said nothing: {loaded}"
        assert ("libtorch" in logs) == wanted, arguments


def test_tables_in_every_format(box):
    records_made(box)
    for number in range(1, 8):
        table = box.run("tables", "--table", number, "--format", "json", "--results", "out").json()
        assert table, f"table {number} is empty"
        rows = list(csv.reader(io.StringIO(box.run("tables", "--table", number, "--format", "csv", "--results", "out").succeeds().out)))
        assert rows and len({len(row) for row in rows if row}) >= 1, f"table {number} has no rows"
        box.run("tables", "--table", number, "--format", "md", "--results", "out").succeeds().says("|")
    for form in ("json", "csv", "md"):
        box.run("tables", "--format", form, "--results", "out", "--out", "tables").succeeds()
    names = sorted(box.files("tables"))
    assert all(len([name for name in names if name.endswith(f".{form}")]) >= 7 for form in ("json", "csv", "md")), names


def test_seven_csv_tables_do_not_go_into_one_text(box):
    records_made(box)
    box.run("tables", "--format", "csv", "--results", "out").fails(2, "--table 3", "--out DIR")
    header = box.run("tables", "--table", "3", "--format", "csv", "--results", "out").succeeds().out.split("\n")[0]
    assert header.rstrip("\r").endswith(",trials"), header


def test_two_protocols_in_one_table_are_refused_with_the_field(box):
    records_made(box)
    path, content = sorted(records_of(box).items())[0]
    record = json.loads(content)
    record["protocols"][record["protocol"]]["n_fake"] = 48
    box.write(os.path.join("out", path), record)
    outcome = box.run("tables", "--table", "3", "--format", "json", "--results", "out")
    outcome.fails(4, "n_fake")


def test_a_damaged_record_is_left_out_by_name(box):
    records_made(box)
    path, content = sorted(records_of(box).items())[0]
    box.write(os.path.join("out", path), content[:len(content) // 2])
    outcome = box.run("ask", "best quality", "--results", "out", "--json")
    assert len(outcome.json()["ranking"]) == 1, "a damaged record was used"
    assert path in outcome.err, f"expected a warning that names {path} of {outcome}"


def test_a_record_of_a_later_version_is_refused_by_name(box):
    records_made(box)
    path, content = sorted(records_of(box).items())[0]
    later = content.replace(b'"schema_version": 1', b'"schema_version": 99')
    assert later != content
    box.write(os.path.join("out", path), later)
    box.run("ask", "best quality", "--results", "out").fails(3, "record.json", "schema_version", "99")


def test_what_people_ask_is_understood(box):
    records_made(box)
    understood = box.run("ask", "80 images, mode collapse, low diversity", "--results", "out", "--json").json()["understood"]
    assert understood["train_images"] == 80, understood
    assert understood["weights"]["diversity"] == understood["weights"]["mode_coverage"] == 0.5, understood
    got = box.run("ask", "is dcgan better than lsgan?", "--results", "out", "--json").json()
    assert got["understood"]["comparison"] == {"kind": "candidate", "a": "dcgan", "b": "lsgan"}, got["understood"]
    assert got["understood"]["weights"]["quality"] == 0.3, got["understood"]
    assert any("balanced" in warning for warning in got["warnings"]), got["warnings"]
    box.run("ask", "GAN for time series", "--results", "out").fails(2, "time series", "out of scope")
    box.run("ask", "diverse in an hour or two", "--results", "out").fails(2, "an hour or two")


def test_a_budget_is_answered_from_the_checkpoint_at_it(box):
    """The published trials of 6,400 updates were measured after 1,600."""
    got = box.run("ask", "diverse in 2,000 updates", "--json").json()
    used = got["evidence"]["budget"]
    assert used["updates"] == 2000 and set(used["checkpoints"].values()) == {1600}, used
    assert "at its checkpoint of 1600 updates" in got["evidence"]["description"], got["evidence"]
    assert got["no_evidence_of"] == [], got["no_evidence_of"]
    out = box.run("ask", "faces, 64x64").succeeds().out
    assert out.startswith("Not measured here: 64 x 64 pixels (nearest: 32 x 32), faces.\nTake "), out


def test_one_training_is_named_once(box):
    """The point fc/non-saturating made fcgan's samples to the last digit."""
    got = box.run("ask", "fast", "--steps", "800", "--json").json()
    named = {row["candidate"] for key in ("ranking", "excluded", "not_measured") for row in got[key]}
    assert "fcgan" in named and "fc/non-saturating" not in named, sorted(named)


def test_an_index_is_kept_beside_many_records_and_changes_nothing(box):
    records_made(box)
    record = json.loads(sorted(records_of(box).items())[0][1])
    for i in range(1100):
        record.update({"trial_id": f"many-{i}", "seed": i})
        record["settings"]["seed"] = i
        box.write(f"many/t{i}/record.json", record)
    ask = ("ask", "best quality", "--results", "many", "--json")
    first = box.run(*ask).succeeds().out
    index = box.path("many", ".ganselect", "records.index")
    assert os.path.exists(index)
    assert box.run(*ask).succeeds().out == first
    record["measures"]["fid"] = 1e5
    box.write("many/t7/record.json", {**record, "trial_id": "many-7", "seed": 7})
    changed = box.run(*ask).json()["ranking"][0]["measures"]["fid"]
    assert changed["mean"] > json.loads(first)["ranking"][0]["measures"]["fid"]["mean"] + 50, changed


def test_published_studies_stand_beside_claims_and_questions(box):
    claims = box.run("claims", "--json").json()
    assert any(claim["literature"] for claim in claims), claims
    for claim in claims:
        assert (claim["literature"] is None) == bool(claim["literature_reason"]), claim["id"]
    asked = box.run("ask", "should I use spectral norm?", "--json").json()["questions"]
    regularization = next(one for one in asked if one["id"] == "regularization")
    assert regularization["literature"]["sources"] >= 2, regularization["literature"]


def test_a_bound_on_a_measure_is_applied(box):
    records_made(box)
    fids = {"dcgan": 30.0, "lsgan": 40.0}
    for path, content in records_of(box).items():
        record = json.loads(content)
        record["measures"]["fid"] = fids[record["candidate"]["name"]]
        record["reason"].pop("fid", None)
        box.write(os.path.join("out", path), record)
    got = box.run("ask", "diverse, FID at most 35", "--results", "out", "--json").json()
    assert [row["candidate"] for row in got["ranking"]] == ["dcgan"], got["ranking"]
    assert [(row["candidate"], row["reason"]) for row in got["excluded"]] == [("lsgan", "constraint fid <= 35: seed 0 has 40")], got["excluded"]


def test_thin_evidence_is_said_so(box):
    records_made(box)
    got = box.run("ask", "best quality", "--results", "out", "--json").json()
    assert any("seed" in warning for warning in got["warnings"]), got["warnings"]


def test_claims_have_verdicts_without_evidence_too(box):
    records_made(box)
    for claim in box.run("claims", "--results", "out", "--json").json():
        assert {"id", "claim", "verdict", "effect", "interval", "p_value", "trials"} <= set(claim), claim


def test_the_report_is_one_page_that_needs_nothing_else(box):
    records_made(box)
    box.run("report", "--results", "out", "--out", "report.html").succeeds()
    page = box.read("report.html").decode()
    assert "dcgan" in page and "lsgan" in page, "the report lacks a candidate"
    loaded = re.findall(r"""(?:\bsrc|<link[^>]*\bhref)\s*=\s*["'](?!data:)([^"']*)""", page)
    loaded += re.findall(r"@import|url\((?!data:|#)[^)]*\)", page)
    assert not loaded, f"the report loads {loaded}"


def test_a_report_that_cannot_be_written_is_named(box):
    records_made(box)
    box.run("report", "--results", "out", "--out", "/proc/report.html").fails(1, "/proc/report.html")


def test_presets_are_answered(box):
    records_made(box)
    help_text = box.run("recommend", "--help").succeeds()
    assert "--preset" in help_text.out and "--use-case" in help_text.out, help_text


def test_the_plans_of_an_answer_can_be_swept(box):
    records_made(box)
    ask = ("ask", "diverse, only dcgan and lsgan", "--results", "out", "--json")
    answer = box.run(*ask, "--plan", "next.json", "--plan-space", "space.json").json()
    assert answer["next"]["trials"] == 4 and answer["next"]["estimated_seconds"] > 0, answer["next"]
    assert answer["space"]["remaining"] == 2 and answer["space"]["total"] > 1000, answer["space"]
    with open(box.path("next.json"), encoding="utf-8") as file:
        assert json.load(file) == answer["next"]["plan"]
    with open(box.path("space.json"), encoding="utf-8") as file:
        assert json.load(file)["points"] == answer["space"]["points"]
    box.run("sweep", "space.json", "--out", "out").succeeds()
    box.run("sweep", "next.json", "--out", "out").succeeds()
    made = [json.loads(content) for content in records_of(box).values()]
    assert len(made) == 2 + 2 + 4, sorted(record["trial_id"] for record in made)
    again = box.run(*ask).json()
    assert [row["seeds"] for row in again["ranking"]] == [3, 3], again["ranking"]
    assert not [text for text in again["warnings"] if "left out" in text], again["warnings"]


def test_the_largest_comparable_group_is_taken_and_another_can_be(box):
    records_made(box)
    box.write("plan.json", {**PLAN, "points": ["wgan"], "train": {"steps": 24, "batch": 16}})
    box.run("sweep", "plan.json", "--out", "out").succeeds()
    show_modes(box)
    for command in (("tables", "--format", "json"), ("claims", "--json"), ("ask", "diverse", "--json")):
        outcome = box.run(*command, "--results", "out").succeeds()
        assert "1 of 3 trials left out: budget.steps is '24', not '20' (--group 2 takes them)" in outcome.err + outcome.out, outcome
    rows = box.run("ask", "diverse", "--results", "out", "--group", "2", "--json").json()["ranking"]
    assert [row["candidate"] for row in rows] == ["wgan"], rows
    box.run("report", "--results", "out", "--group", "2", "--out", "page.html").succeeds()
    box.run("ask", "diverse", "--results", "out", "--group", "3").fails(2, "--group", "1 to 2")


def test_the_readme_shows_the_real_answer(box):
    """All of its example is what the command prints from the published records, on a screen of 80 x 24."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        example = re.search(r'^\$ ganselect ask "(.+)"\n(.+?)\n```$', file.read(), re.MULTILINE | re.DOTALL)
    assert example, "README.md has no example of an answer"
    shown = example[2].split("\n")
    real = box.run("ask", example[1], environment={"LC_ALL": "C.UTF-8", "COLUMNS": "80"}).succeeds().out.rstrip("\n").split("\n")
    assert shown == real, "\n".join(["README.md shows", *shown, "the program prints", *real])
    assert len(real) <= 24 and max(map(len, real)) <= 80, real


def test_the_answer_fits_the_screen_it_is_shown_on(box):
    records_made(box)
    for columns, words in (("80", "best quality"), ("60", "diverse and cheap"), ("200", "stable")):
        out = box.run("ask", words, "--results", "out", environment={"COLUMNS": columns}).succeeds().out
        lines = out.rstrip("\n").split("\n")
        assert len(lines) <= 24 and max(map(len, lines)) <= int(columns), out
        assert lines[0].startswith("Take ") and out.isascii(), out
    full = box.run("ask", "best quality", "--results", "out", "--full").succeeds().says("Answer: ", "The four questions").out
    assert len(full) > 3 * len(out), full


def test_what_follows_from_the_published_records_is_the_same_each_time(box):
    """And none of it is kept beside them."""
    published = os.path.join(ROOT, "results", "published")
    os.makedirs(box.path("results"))
    os.symlink(os.path.join(published, "cifar10"), box.path("results", "cifar10"))
    for out in ("once", "twice"):
        box.run("derive", "--results", "results", "--out", out, "--program", box.program,
                program=os.path.join(ROOT, "scripts", "benchmark")).succeeds()
    once = box.files("once")
    assert once == box.files("twice")
    assert {"cifar10/report.html", "cifar10/claims.txt", "cifar10/paper-cpu/answer.json", "cifar10/paper-cpu/tables/table1.md"} <= set(once), sorted(once)
    kept = [name for name in once if os.path.exists(os.path.join(published, name))]
    assert not kept, f"what derive writes does not belong into results/published: {kept}"
