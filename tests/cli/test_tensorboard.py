"""Event files of trials, read back by a reader of a page and, where it is installed, by TensorBoard's own."""

import csv
import io
import json
import os
import signal
import struct
import subprocess

from event_reader import scalars
from sandbox import python_with

EVENTS = "events.out.tfevents.ganselect"
RING = ("train", "dcgan", "--dataset", "ring", "--seed", "3", "--batch", "16", "--num-samples", "64", "--curve-interval", "5",
        "--evaluate-every", "20", "--checkpoint-samples", "32")


def expected(curve):
    """{tag: [(step, value as float32)]} of a curve.csv."""
    told = {}
    for row in csv.DictReader(io.StringIO(curve.decode())):
        for name, cell in row.items():
            if cell and name not in ("step", "seconds", "non_finite_step"):
                fixed = name.startswith(("loss", "grad", "vanishing", "critic", "sample"))
                tag = ("training/" if fixed else "measures/") + name
                told.setdefault(tag, []).append((int(row["step"]), struct.unpack("<f", struct.pack("<f", float(cell)))[0]))
    return told


def check_told(box, folder):
    found, version = scalars(box.read(folder, EVENTS))
    assert version == b"brain.Event:2", version
    steps_and_values = {tag: [(step, value) for step, value, _ in rows] for tag, rows in found.items()}
    assert steps_and_values == expected(box.read(folder, "curve.csv"))
    assert {"training/loss_d", "measures/fid"} <= set(found), sorted(found)
    for rows in found.values():
        times = [time for _, _, time in rows]
        assert times == sorted(times) and times[0] > 1.6e9, times
    return steps_and_values


def tensorboard_python():
    return python_with("tensorboard", "GANSELECT_TENSORBOARD_PYTHON", "scripts/setup --tensorboard")


READ = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0}, purge_orphaned_data=False)
events.Reload()
print(json.dumps({tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))
"""


def test_events_say_what_the_curve_says(box):
    box.run(*RING, "--steps", 60, "--out", "run", "--tensorboard").succeeds()
    check_told(box, "run")
    box.run(*RING, "--steps", 60, "--out", "plain").succeeds()
    assert EVENTS not in box.files("plain"), "only where they are asked for"
    box.run(*RING, "--steps", 60, "--out", "plain", "--tensorboard").succeeds()
    told = check_told(box, "plain")
    box.run(*RING, "--steps", 60, "--out", "plain", "--tensorboard").succeeds()
    assert check_told(box, "plain") == told, "a trial that has ended is told once"


def test_a_killed_and_resumed_trial_tells_no_step_twice(box):
    command = (*RING, "--steps", 400, "--out", "run", "--tensorboard", "--checkpoint-seconds", "0.2")
    for least in (60, 160):  # killed somewhere after so many updates, wherever that is
        def far_enough():
            path = box.path("run", EVENTS)
            if not os.path.exists(path) or not os.path.exists(box.path("run", "checkpoint.safetensors")):
                return False
            return os.path.getsize(path) > least * 40
        outcome = box.run_and_stop(signal.SIGKILL, far_enough, *command)
        assert outcome.status == -signal.SIGKILL, outcome
    box.run(*command).succeeds()
    check_told(box, "run")


def test_tensorboard_reads_them(box):
    python = tensorboard_python()
    box.run(*RING, "--steps", 60, "--out", "run", "--tensorboard").succeeds()
    read = subprocess.run([python, "-c", READ, box.path("run")], capture_output=True, text=True, timeout=120)
    assert read.returncode == 0, read.stderr[-2000:]
    found = {tag: [tuple(pair) for pair in rows] for tag, rows in json.loads(read.stdout).items()}
    assert found == expected(box.read("run", "curve.csv"))


def test_a_sweep_tells_of_every_trial(box):
    plan = box.write("plan.json", {"name": "two", "dataset": "ring", "points": ["dcgan"], "seeds": [0, 1],
                                   "train": {"steps": 20, "batch": 16, "curve_interval": 5, "evaluation_interval": 10},
                                   "evaluation": {"num_samples": 64, "checkpoint_samples": 32}})
    box.run("sweep", plan, "--out", "sweep", "--jobs", 1).succeeds()
    assert not [name for name in box.files("sweep") if "tfevents" in name]
    box.run("sweep", plan, "--out", "sweep", "--jobs", 1, "--tensorboard").succeeds()
    trials = [name for name in os.listdir(box.path("sweep")) if os.path.exists(box.path("sweep", name, "record.json"))]
    assert len(trials) == 2, trials
    for trial in trials:
        check_told(box, os.path.join("sweep", trial))
