"""publish: finished trials, small, into results/published; derive: everything that is a function of these records."""

import json
import pathlib
import re
import subprocess

from evidence import picture
from evidence.say import COST_FILE, ROOT, die, read_json, say, write_whole

FILES = ("settings.json", "curve.csv", "record.json")  # the record last: it says that the rest is there
PNG, WEBP = "samples.png", "samples.webp"
QUESTION = "which GAN for high diversity?"


def finished_trials(runs):
    """Folders PLAN/TRIAL with a record of a trial that could run, a plan at a time."""
    found = []
    for path in sorted(runs.glob("*/*/record.json")):
        record = read_json(path)
        if record is None or record.get("status") != "failed":
            found.append(path.parent)
    return found


def faults(trial, schema):
    """Why the trial's record must not be published; empty: it may."""
    record = read_json(trial / "record.json")
    if record is None:
        return "record.json is no JSON"
    error = next(iter(schema.iter_errors(record)), None)
    if error is not None:
        return f"record.json at {'/'.join(map(str, error.absolute_path)) or 'its top'}: {error.message[:120]}"
    if record["provenance"].get("dirty") is not False:
        return "its program had changes that were not committed (dirty)"
    if record["trial_id"] != trial.name:
        return f"its record is of {record['trial_id']}"
    return ""


def record_schema():
    try:
        import jsonschema
    except ImportError:
        die("Python's jsonschema is not there, so records cannot be checked", "run scripts/setup")
    return jsonschema.Draft202012Validator(json.loads((ROOT / "results" / "records" / "record.schema.json").read_text(encoding="utf-8")))


def publish_trials(runs, target):
    """All or nothing: one record that must not be published keeps the others back, so that none goes unnoticed."""
    trials = finished_trials(runs)
    if not trials:
        die(f"no finished trial in {runs}", "scripts/benchmark status says what is under way")
    schema = record_schema()
    bad = [f"{trial.parent.name}/{trial.name}: {why}" for trial in trials if (why := faults(trial, schema))]
    for line in bad:
        say(line)
    if bad:
        die(f"{len(bad)} of {len(trials)} records must not be published; nothing was", "remove their folders and train them with a committed program")
    new, places = 0, set()
    for trial in trials:
        record = read_json(trial / "record.json")
        place = target / record["dataset"]["name"] / trial.parent.name / trial.name
        places.add(place.parent)
        new += not (place / "record.json").exists()
        for name in FILES:
            if (trial / name).exists():
                write_if_new(place / name, (trial / name).read_bytes())
    grids = sum(publish_grids(folder, runs / folder.name) for folder in sorted(places))
    if (runs / COST_FILE).exists():
        for folder in sorted({place.parent for place in places}):
            write_if_new(folder / COST_FILE, (runs / COST_FILE).read_bytes())
    say(f"{len(trials)} trials in {target}, {new} of them new; {grids} sample grids")
    say("scripts/benchmark derive makes tables, claims, answers and reports of them")


def write_if_new(path, content):
    if not path.exists() or path.read_bytes() != content:
        write_whole(path, content)


def publish_grids(folder, runs):
    """Of each candidate the grid of the first seed that has one; how many there are."""
    seeds = {}
    for record in sorted(folder.glob("*/record.json")):
        found = re.fullmatch(r"(.+)-s(\d+)-([0-9a-f]+)", record.parent.name)
        if found:
            seeds.setdefault((found[1], found[3]), []).append((int(found[2]), record.parent))
    count = 0
    for places in seeds.values():
        kept = None
        for _, place in sorted(places):
            if kept is None and publish_grid(place, runs / place.name):
                kept = place
            elif kept is not None:
                (place / PNG).unlink(missing_ok=True)
                (place / WEBP).unlink(missing_ok=True)
        count += kept is not None
    return count


def publish_grid(place, trial):
    """False where the trial has no picture, as one that diverged."""
    source = trial / PNG
    if not source.exists():
        return (place / WEBP).exists() or (place / PNG).exists()
    content = picture.webp_of(source)
    if content is None:
        say("libpng or libwebp is not there: grids stay PNG (scripts/setup installs them)")
        write_if_new(place / PNG, source.read_bytes())
        return True
    write_if_new(place / WEBP, content)
    (place / PNG).unlink(missing_ok=True)
    return True


def publish(home, args):
    publish_trials(home.runs, args.to.resolve())


def derive(args):
    """Tables, claims and an answer of each plan; of a data set also the report, from all its plans."""
    program = args.program or ROOT / "build" / "release" / "ganselect"
    if not pathlib.Path(program).exists():
        die(f"{program} is not there", "run scripts/build")
    results, out = args.results.resolve(), args.out.resolve()
    plans = sorted({path.parent.parent for path in results.glob("*/*/*/record.json")})
    if not plans:
        die(f"no DATA_SET/PLAN/TRIAL/record.json in {results}", "scripts/benchmark publish brings records there")
    failed = []
    for folder in plans + sorted({plan.parent for plan in plans}):
        failed += derive_folder(program, folder, out / folder.relative_to(results), with_report=folder not in plans)
    say(f"written below {out}")
    if failed:
        die(f"{len(failed)} could not be made: {', '.join(failed)}", "the program's messages are above")


def derive_folder(program, folder, out, with_report):
    """What could not be made."""
    out.mkdir(parents=True, exist_ok=True)
    failed = []

    def made(name, *words):
        done = subprocess.run([str(program), "--quiet", *words, "--results", str(folder)], stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            failed.append(f"{out.name}/{name}")
        elif done.stdout:
            write_if_new(out / name, done.stdout)

    for form in ("json", "csv", "md"):
        made("tables", "tables", "--format", form, "--out", str(out / "tables"))
    for name, words in (("claims", ["claims"]), ("answer", ["ask", QUESTION])):
        made(f"{name}.json", *words, "--json")
        made(f"{name}.txt", *words)
    if with_report:
        made("report.html", "report", "--out", str(out / "report.html"))
    return failed
