"""cost: updates a second of each candidate with nothing beside it. Figures of trials that share a machine are no cost of their own."""

import json
import os
import signal
import statistics
import subprocess
import sys

from evidence.home import Driver
from evidence.say import COST_FILE, die, read_json, say, write_json

ROUNDS = 5
PLAN = "paper-cpu"
# Of claim C6: spectral norm against a gradient penalty, all else alike.
ARMS = tuple(f"dcgan/{loss}/{way}" for loss in ("non-saturating", "hinge")
             for way in ("spectral-norm+no-batch-norm-d", "gradient-penalty", "no-batch-norm-d"))
OF_THIS_MACHINE = ("host_name", "executable", "load_avg", "date", "ganselect_date")


def cost(home, args):
    """Interleaved rounds, medians. Goes on where it was cut off."""
    if not os.access(home.program, os.X_OK):
        die(f"{home.program} is not there", "scripts/benchmark start builds it")
    plan = home.plan(PLAN) if not args.points else {"points": args.points}
    points = list(dict.fromkeys([*plan["points"], *([] if args.points else ARMS)]))
    train = {"width": 0.25, **plan.get("train", {})}
    batches = {} if "batch" in train else own_batches(home)
    driver = Driver(home)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))  # the driver must go on whatever ends this
    halted = driver.process_state() not in (None, "T") and driver.halt()
    if halted:
        say(f"the driver (process {driver.pid()}) is halted meanwhile")
    try:
        done = measure(home, points, lambda point: {"batch": batches.get(point, 64), **train}, args)
    finally:
        if halted:
            driver.go_on()
            say("the driver goes on")
    write_json(home.runs / COST_FILE, summary(points, done, args.rounds))
    (home.folder / "cost_rounds.json").unlink()
    say(f"{len(points)} candidates, {args.rounds} rounds each, in {home.runs / COST_FILE}")


def own_batches(home):
    """{candidate: samples of a critic update}; points without a name of their own are dcgan's: 64."""
    listed = subprocess.run([str(home.program), "--quiet", "list", "--json"], stdout=subprocess.PIPE, check=False)
    if listed.returncode != 0:
        die("the candidates cannot be listed", "its message is above")
    return {candidate["name"]: candidate["batch"] for candidate in json.loads(listed.stdout)}


def measure(home, points, train_of, args):
    """[{"round", "point", "context", "row"}]; kept after each, so that a cut costs one of them."""
    path = home.folder / "cost_rounds.json"
    done = read_json(path, [])
    known = {(one["round"], one["point"]) for one in done}
    load = os.getloadavg()[0]
    if load > 1.0:
        say(f"{load:.1f} processes want this machine's time; the figures are as good as it is idle")
    for number in range(args.rounds):
        for point in points:
            if (number, point) in known:
                continue
            done.append({"round": number, "point": point, **bench(home, point, train_of(point), args.seconds)})
            write_json(path, done)
        say(f"round {number + 1} of {args.rounds}")
    return done


def bench(home, point, train, seconds):
    command = [home.program, "--quiet", "bench", "--kind", "training", "--json", "--device", "cpu", "--candidate", point,
               "--width", train["width"], "--batch", train["batch"], "--seconds", seconds]
    result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=False)
    if result.returncode != 0:
        die(f"measuring {point} ended with status {result.returncode}", "its message is above; the same command goes on")
    measured = json.loads(result.stdout)
    rows = [row for row in measured["benchmarks"] if row["name"].startswith("train/")]
    if len(rows) != 1:
        die(f"bench gave {len(rows)} rows for {point}, not one", "the program and this script are of different versions")
    return {"context": measured["context"], "row": {**rows[0], "batch": train["batch"]}}


def summary(points, done, rounds):
    """One row a candidate: medians of every figure, and the rates they come from."""
    rows = []
    for point in points:
        measured = [one["row"] for one in done if one["point"] == point]
        row = {key: statistics.median(one[key] for one in measured) if isinstance(value, float) else value
               for key, value in measured[0].items()}
        row["rounds"] = len(measured)
        row["updates/s of each round"] = [one["updates/s"] for one in measured]
        rows.append(row)
    of_each = (*OF_THIS_MACHINE, "setting_batch")  # the batch stands in each row
    context = {key: value for key, value in done[0]["context"].items() if key not in of_each}
    return {"context": {**context, "rounds": rounds, "statistic": "median of interleaved rounds"}, "benchmarks": rows}
