"""scripts/benchmark: the evidence's driver is started, stopped and killed, and what it finished is published."""

import fcntl
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from sandbox import WAIT_S

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(ROOT, "scripts", "benchmark")
KILLS = 20
PLAN = {"name": "tiny", "title": "two points on the ring", "dataset": "ring", "points": ["dcgan", "lsgan"], "seeds": [0, 1],
        "train": {"steps": 60, "batch": 16, "curve_interval": 20}, "evaluation": {"num_samples": 64, "checkpoint_samples": 32}}
LONG = {**PLAN, "points": ["wgan"], "train": {**PLAN["train"], "steps": 500000}}
STAGES = ("tiny:0", "tiny:1")
# What a clock or the memory's state decides, not the trial.
OF_THE_RUN = {"date", "seconds", "train_seconds", "updates_per_second", "images_per_second", "peak_memory_bytes"}


class Bench:
    """scripts/benchmark with the program under test, plans and a home of the sandbox."""

    def __init__(self, box, plan, home="home", stages=STAGES, script=SCRIPT, frozen=False):
        self.box, self.script = box, script
        self.options = ["--home", box.path(home), "--jobs", "2", "--nice", "0", "--stages", *stages]
        self.folder = box.path(home, "program")
        if not frozen:
            box.write("plans/tiny.json", plan)
            self.options += ["--program", box.program, "--plans", box.path("plans")]

    def __call__(self, command, *more, options=True):
        return self.box.run(command, *(self.options if options else ()), *more, program=self.script)

    def status(self):
        return self("status", "--json").json()

    def wait_for(self, holds, what):
        deadline = time.monotonic() + WAIT_S
        while not holds():
            if time.monotonic() > deadline:
                found = f"not {what} after {WAIT_S} s: {self('status')}\n{self.log()[-3000:]}"
                self("stop", "--wait", "5")
                raise AssertionError(found)
            time.sleep(0.05)

    def ended(self):
        """As scripts/benchmark sees it: nobody holds the lock."""
        with open(os.path.join(self.folder, "driver.lock"), "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def finish(self):
        self("start").succeeds()
        self.wait_for(self.ended, "done")
        found = self.status()
        assert found["phase"] == "ended" and not found["failures"], f"{found}\n{self.log()}"
        return found

    def log(self):
        with open(os.path.join(self.folder, "driver.log"), encoding="utf-8") as file:
            return file.read()

    def group(self):
        with open(os.path.join(self.folder, "driver.pid"), encoding="utf-8") as file:
            return int(file.read())

    def kill(self):
        """The driver and its sweep, at once."""
        try:
            os.killpg(self.group(), signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.wait_for(self.ended, "dead")
        return True

    def checkpoints(self):
        return [name for name in self.box.files(self.runs()) if name.endswith("checkpoint.safetensors")]

    def runs(self):
        return os.path.join(self.folder, "runs")

    def records(self):
        return {name: content for name, content in self.box.files(self.runs()).items() if name.endswith("record.json")}

    def make_publishable(self, **more):
        """As of a committed program, whatever the program under test was built from."""
        for name, content in self.records().items():
            record = {**json.loads(content), **more}
            record["provenance"]["dirty"] = False
            self.box.write(os.path.join(self.runs(), name), record)


def without_times(value):
    if isinstance(value, dict):
        return {key: without_times(one) for key, one in value.items() if key not in OF_THE_RUN}
    return [without_times(one) for one in value] if isinstance(value, list) else value


def outcome_of(content):
    return json.dumps(without_times(json.loads(content)))


def test_the_driver_trains_every_stage_and_says_what_it_did(box):
    bench = Bench(box, PLAN)
    assert bench.status()["phase"] == "not started"
    bench("stop").succeeds()
    found = bench.finish()
    assert [(stage["seed"], stage["done"], stage["left"]) for stage in found["stages"]] == [(0, 2, 0), (1, 2, 0)], found
    assert len(bench.records()) == 4 and not found["begun"]
    before = box.files(bench.runs())
    bench("status").says("ended")
    bench.finish()
    assert box.files(bench.runs()) == before, "a second start changed what was done"
    assert "left:" not in bench("status").succeeds().out
    shutil.rmtree(os.path.join(bench.runs(), os.path.dirname(sorted(bench.records())[0])))
    assert bench.status()["seconds_left"] > 0 and not bench.status()["without"]
    assert len(bench.finish()["stages"]) == 2 and len(bench.records()) == 4, "a lost folder is trained again"


def test_a_driver_that_runs_is_not_started_again_and_stops_with_its_state_saved(box):
    bench = Bench(box, LONG, stages=("tiny:0",))
    bench("start").succeeds()
    try:
        again = bench("start").succeeds()
        assert "runs already" in again.err, again
        bench.wait_for(lambda: any(one["updates"] > 0 for one in bench.status()["begun"]), "a checkpoint with a curve")
        os.killpg(bench.group(), signal.SIGSTOP)
        bench.wait_for(lambda: bench.status()["phase"] == "halted", "the halt to be seen")
        assert "goes on" in bench("start").succeeds().err
        found = bench.status()
        assert found["phase"] == "training" and [one["of"] for one in found["begun"]] == [500000] and found["without"] == ["tiny"], found
    finally:
        stopped = bench("stop").succeeds()
    assert "has stopped" in stopped.err and "SIGKILL" not in stopped.err, stopped
    found = bench.status()
    assert found["phase"] == "stopped" and found["process"] is None and found["begun"][0]["updates"] > 0, found
    assert not bench.records()


def test_trials_that_outlive_their_driver_are_found_and_stopped(box):
    bench = Bench(box, LONG, stages=("tiny:0",))
    bench("start").succeeds()
    try:
        bench.wait_for(bench.checkpoints, "a checkpoint")
        os.kill(bench.group(), signal.SIGKILL)
        bench.wait_for(lambda: "without" in bench.status()["phase"], "without its driver")
        refused = bench("start")
        assert refused.status == 1 and "scripts/benchmark stop" in refused.err, refused
    finally:
        bench("stop").succeeds()
    assert bench.status()["phase"] == "cut off"


def test_finished_trials_are_published_small_and_twice_the_same(box):
    bench = Bench(box, PLAN)
    bench.finish()
    bench.make_publishable()
    bench("publish", "--to", box.path("published")).succeeds()
    first = box.files("published")
    names = sorted({os.path.basename(name) for name in first})
    grid = [name for name in names if name.startswith("samples.")]
    assert names == ["curve.csv", "record.json", *grid, "settings.json"] and len(first) == 4 * 3 + 2, sorted(first)
    for name, content in bench.records().items():
        assert first[os.path.join("ring", name)] == content, name
    grids = [name for name in first if os.path.basename(name) in grid]
    assert all("-s0-" in name for name in grids), f"the first seed's grid is published: {grids}"
    assert grid == ["samples.png"] or all(first[name][:4] == b"RIFF" and first[name][8:12] == b"WEBP" for name in grids)
    box.write(os.path.join("published", os.path.dirname(grids[0]).replace("-s0-", "-s1-"), grid[0]), "as if the second seed had been there first")
    bench("publish", "--to", box.path("published")).succeeds()
    assert box.files("published") == first, "publishing again changed something"
    for out in ("derived", "again"):
        bench("derive", "--results", box.path("published"), "--out", box.path(out), "--program", box.program,
              options=False).succeeds()
    derived = box.files("derived")
    assert {"ring/report.html", "ring/answer.json", "ring/tiny/claims.txt", "ring/tiny/tables/table7.md"} <= set(derived), sorted(derived)
    assert box.files("again") == derived and box.files("published") == first


def test_a_record_that_cannot_be_relied_on_is_refused_by_name(box):
    bench = Bench(box, PLAN, stages=("tiny:0",))
    bench.finish()
    bench.make_publishable()
    name, content = sorted(bench.records().items())[0]
    good = json.loads(content)
    broken = [({**good, "provenance": {**good["provenance"], "dirty": True}}, "dirty"), ({**good, "seed": "none"}, "seed"),
              ({**good, "trial_id": "another"}, "another"), ("{", "JSON")]
    for record, word in broken:
        box.write(os.path.join(bench.runs(), name), record)
        refused = bench("publish", "--to", box.path("published"))
        assert refused.status == 1 and os.path.dirname(name) in refused.err and word in refused.err, refused
        assert not os.path.exists(box.path("published")), "a part was published"


def git(folder, *words):
    author = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
    return subprocess.run(["git", *author, "-C", folder, *words], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def small_checkout(box):
    """A repository with this checkout's scripts, one plan, versions of its own, and a build that takes the program under test."""
    folder = box.path("checkout")
    shutil.copytree(os.path.join(ROOT, "scripts"), os.path.join(folder, "scripts"), ignore=shutil.ignore_patterns("__pycache__"))
    os.makedirs(os.path.join(folder, ".venv"))
    build = f"#!/bin/sh\nmkdir -p build/release\nln -sf '{box.program}' build/release/ganselect\n"
    files = {"scripts/build": build, "harness/plans/tiny.json": json.dumps(PLAN), ".gitignore": "/build/\n.venv\n",
             "harness/train/training_version.h": "inline constexpr int kTrainingVersion = 7;\n",
             "metrics/evaluation_version.h": "inline constexpr int kEvaluationVersion = 8;\n"}
    for name, text in files.items():
        box.write(os.path.join("checkout", name), text)
    os.makedirs(os.path.join(folder, "results", "records"))
    shutil.copy(os.path.join(ROOT, "results", "records", "record.schema.json"), os.path.join(folder, "results", "records"))
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Freeze")
    return folder, git(folder, "rev-parse", "HEAD")


def test_the_frozen_commit_is_cloned_and_what_is_published_is_not_trained_again(box):
    folder, commit = small_checkout(box)
    script = os.path.join(folder, "scripts", "benchmark")
    first = Bench(box, PLAN, script=script, frozen=True)
    first.folder = box.path("home", commit)
    refused = first("start")
    assert refused.status == 1 and "EVIDENCE is not there" in refused.err, refused
    box.write("checkout/results/published/EVIDENCE", f"{commit[:6]}\n# too short\n")
    assert "not with a commit" in first("start").err
    box.write("checkout/results/published/EVIDENCE", f"{'0' * 40}\n")
    assert "is not in this repository" in first("start").err
    box.write("checkout/results/published/EVIDENCE", f"{commit}\n# small\n")
    first.finish()
    assert git(os.path.join(first.folder, "source"), "rev-parse", "HEAD") == commit
    first.make_publishable(training_version=7, evaluation_version=8)
    other = sorted(first.records())[0]  # of another version: trained again
    record = json.loads(first.records()[other])
    box.write(os.path.join(first.runs(), other), {**record, "training_version": 6})
    first("publish").succeeds()
    second = Bench(box, PLAN, home="elsewhere", script=script, frozen=True)
    second.folder = box.path("elsewhere", commit)
    found = second.finish()
    assert sum(stage["taken_over"] for stage in found["stages"]) == 3 and len(second.records()) == 4, found
    assert [os.path.dirname(name) for name in second.checkpoints()] == [os.path.dirname(other)], second.checkpoints()
    published = box.files("checkout/results/published")
    second.make_publishable(training_version=7, evaluation_version=8)
    second("publish").succeeds()
    changed = [name for name, content in box.files("checkout/results/published").items() if published.get(name) != content]
    assert [name for name in changed if not name.endswith((".csv", ".webp"))] == [os.path.join("ring", other)], changed


def test_costs_are_measured_in_rounds_beside_nothing(box):
    bench = Bench(box, LONG, stages=("tiny:0",))
    bench("start").succeeds()
    try:
        bench.wait_for(bench.checkpoints, "a checkpoint")
        measured = bench("cost", "--points", "fcgan", "--rounds", "2", "--seconds", "0.1").succeeds()
        assert "is halted meanwhile" in measured.err and "goes on" in measured.err, measured
        assert bench.status()["phase"] == "training"
    finally:
        bench("stop").succeeds()
    with open(os.path.join(bench.runs(), "cost_alone.json"), encoding="utf-8") as file:
        cost = json.load(file)
    (row,) = cost["benchmarks"]
    rates = row["updates/s of each round"]
    assert len(rates) == 2 and row["updates/s"] == sum(rates) / 2 and re.match("train/fcgan/", row["name"]), row
    assert "host_name" not in cost["context"], cost["context"]


def test_a_driver_killed_twenty_times_loses_no_finished_trial_and_ends_with_the_same_records(box):
    """Slow: a minute or more. Short trials end between the kills, long ones are cut off by many of them."""
    plan = {**PLAN, "train": {**PLAN["train"], "steps": 100},
            "arms": [{"name": "long", "points": ["geometric-gan", "rsgan"], "train": {"steps": 600}}]}
    calm = Bench(box, plan, home="calm")
    calm.finish()
    undisturbed = calm.records()
    draw = random.Random(16)
    kills, kept = 0, 0
    for number in range(KILLS):
        bench, finished = Bench(box, plan, home=f"killed-{number}"), {}
        while kills < KILLS:
            bench("start").succeeds()
            time.sleep(draw.uniform(0.2, 3.0))
            if not bench.kill():
                break  # a fast machine was done with the plan: again from its beginning
            kills += 1
            now = bench.records()
            assert all(now.get(name) == content for name, content in finished.items()), "a finished trial was lost or changed"
            kept, finished = kept + len(now) - len(finished), now
        bench.finish()
        ended = bench.records()
        assert set(ended) == set(undisturbed) and all(ended[name] == content for name, content in finished.items())
        unlike = [name for name in ended if outcome_of(ended[name]) != outcome_of(undisturbed[name])]
        assert not unlike, f"other outcomes than undisturbed: {unlike}"
        if kills == KILLS:
            break
    print(f"{kills} kills, {number + 1} times through the plan, {kept} trials ended between kills")
