"""status: what is done, what runs, what is left, at what pace."""

import csv
import json

from evidence.home import Driver
from evidence.say import read_json

LONGEST_OVERHEAD = 4.0  # measuring and loading over training; more is a sign of a machine that did other things


def trial_points(plan):
    """Of a plan with one seed: (arm, point) of each trial, as far as the plan's text says."""
    arms = [{"name": "", "points": plan["points"]}, *plan["arms"]]
    return list(dict.fromkeys((json.dumps(arm.get("train", {}), sort_keys=True), point) for arm in arms for point in arm["points"]))


def last_row(trial):
    """(updates, seconds of training) as the curve has them; it is written with each checkpoint."""
    try:
        with open(trial / "curve.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return int(rows[-1]["step"]), float(rows[-1]["seconds"])
    except (OSError, ValueError, KeyError, IndexError):
        return 0, 0.0


def steps_of(plan):
    return plan.get("train", {}).get("steps", 0)


def where_it_stands(trial):
    """(updates at its last checkpoint, of so many), of a trial that has begun."""
    return last_row(trial)[0], read_json(trial / "settings.json", {}).get("steps", 0)


class Stage:
    """What is there of a plan's seed."""

    def __init__(self, home, name, seed):
        self.name, self.seed = name, seed
        wanted = home.stage_plan(name, seed)
        outcome = read_json(home.stage_file(name, seed, "outcome"))
        self.dataset = wanted.get("dataset", "cifar10") if wanted else None
        self.steps = steps_of(wanted) if wanted else 0
        self.total = len(trial_points(wanted)) if wanted else 0
        if outcome and read_json(home.stage_file(name, seed, "json")) == wanted:
            self.total = sum(trial["status"] != "skipped" for trial in outcome["trials"])
        self.done, self.failed, self.running = [], [], []
        for settings in sorted((home.runs / name).glob(f"*-s{seed}-*/settings.json")):
            record = read_json(settings.parent / "record.json")
            if record is None:
                self.running.append(settings.parent)
            else:
                (self.failed if record["status"] == "failed" else self.done).append(record)

    def left(self):
        return max(0, self.total - len(self.done) - len(self.failed) - len(self.running))

    def seconds_per_update(self):
        return [record["measures"]["train_seconds"] / record["budget"]["steps"] for record in self.done
                if record["measures"].get("train_seconds") and record["budget"]["steps"]]


def mean(values):
    return sum(values) / len(values) if values else None


def seconds_left(stages, overhead, jobs):
    """(seconds, plans they leave out): an update of a plan costs what it did in trials of that plan, else of that data set."""
    total, unknown = 0.0, []
    for stage in stages:
        updates = stage.left() * stage.steps + sum(max(0, of - at) for at, of in map(where_it_stands, stage.running))
        cost = (mean([value for other in stages if other.name == stage.name for value in other.seconds_per_update()]) or
                mean([value for other in stages if other.dataset == stage.dataset for value in other.seconds_per_update()]))
        if updates and cost is None:
            unknown.append(stage.name)
        total += updates * (cost or 0.0)
    return total * overhead / jobs, list(dict.fromkeys(unknown))


def overview(home):
    driver = Driver(home)
    state = read_json(home.folder / "state.json", {})
    runs = driver.runs()
    stages = [Stage(home, name, seed) for name, seed in home.stages]
    imported = {path.rpartition("/")[2] for path in read_json(home.folder / "imported.json", [])}
    trained = sum(record["measures"].get("train_seconds") or 0.0 for stage in stages for record in stage.done
                  if record["trial_id"] not in imported)
    trained += sum(last_row(trial)[1] for stage in stages for trial in stage.running)
    jobs = state.get("jobs", 1)
    overhead = min(LONGEST_OVERHEAD, max(1.0, state.get("busy_seconds", 0.0) * jobs / trained)) if trained else 1.0
    going = [trial for stage in stages for trial in stage.running] if runs else []
    rates = [step / seconds for step, seconds in map(last_row, going) if seconds > 0]
    phase = state.get("phase", "not started")
    if runs:
        phase = "halted" if driver.process_state() == "T" else phase if driver.process_state() else "trials run without their driver"
    elif phase in ("training", "preparing"):
        phase = "cut off"
    seconds, unknown = seconds_left(stages, overhead, jobs)
    return {"commit": home.commit, "phase": phase, "process": driver.pid() if runs else None, "stage": state.get("stage"),
            "since": state.get("since"), "jobs": jobs, "failures": state.get("failures", {}),
            "stages": [{"plan": stage.name, "seed": stage.seed, "trials": stage.total, "done": len(stage.done), "taken_over": sum(
                record["trial_id"] in imported for record in stage.done), "failed": len(stage.failed),
                "begun": len(stage.running), "left": stage.left()} for stage in stages],
            "begun": [dict(zip(("trial", "updates", "of"), (trial.name, *where_it_stands(trial)), strict=True))
                      for stage in stages for trial in stage.running],
            "updates_per_second": sum(rates) if rates else None, "seconds_left": seconds,
            "without": unknown}


def duration(seconds):
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"


def status(home, args):
    found = overview(home)
    if args.json:
        return print(json.dumps(found, indent=2))
    process = f", process {found['process']}" if found["process"] else ""
    print(f"evidence of {(found['commit'] or 'a named program')[:12]}: {found['phase']}"
          f"{' ' + found['stage'] if found['stage'] else ''}{process}, {found['jobs']} trials at once")
    width = max(len(stage["plan"]) for stage in found["stages"])
    print(f"{'plan':{width}}  seed  trials  done  begun  left  failed")
    for stage in found["stages"]:
        note = f"  ({stage['taken_over']} of them published before)" if stage["taken_over"] else ""
        print(f"{stage['plan']:{width}}  {stage['seed']:4}  {stage['trials']:6}  {stage['done']:4}  {stage['begun']:5}  "
              f"{stage['left']:4}  {stage['failed']:6}{note}")
    for trial in found["begun"]:
        print(f"begun: {trial['trial']}, {trial['updates']} of {trial['of']} updates at its last checkpoint")
    for stage, why in found["failures"].items():
        print(f"failed: the sweep of {stage}, {why}; {home.log} says why")
    if found["updates_per_second"]:
        print(f"pace: {found['updates_per_second']:.1f} updates/s")
    if any(stage["left"] or stage["begun"] for stage in found["stages"]):
        known = f"about {duration(found['seconds_left'])} at this pace" if found["seconds_left"] else "no estimate yet"
        without = f"; without {', '.join(found['without'])}, of which no trial has ended" if found["without"] else ""
        print(f"left: {known}{without}")
    return None
