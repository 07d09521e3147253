"""A disk that is full at one write or from one on: an error that says so, nothing lost, and the same command goes on.

`scripts/campaign faults` does this at every act on a file, one after the other; here are some of them.
"""

import json
import pathlib
import shutil
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "faults" / "fail_writes.c"
PLAN = {"name": "tiny", "title": "two points on the ring", "dataset": "ring", "points": ["dcgan", "lsgan"], "seeds": [0],
        "train": {"steps": 20, "batch": 16}, "evaluation": {"num_samples": 64, "checkpoint_samples": 32}}
SWEEP = ("sweep", "plan.json", "--out", "out", "--device", "cpu")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    if shutil.which("cc") is None:
        pytest.skip("no C compiler to make writes fail with")
    built = tmp_path_factory.mktemp("faults") / "fail_writes.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(built), str(SOURCE), "-ldl"], check=True)
    return built


def faulty(box, library, at, stays):
    usual = dict(box.environment)
    below = str(pathlib.Path(box.path("out")).resolve())
    box.environment.update(LD_PRELOAD=str(library), FAULT_BELOW=below, FAULT_AT=str(at), **({"FAULT_STAYS": "1"} if stays else {}))
    try:
        return box.run(*SWEEP)
    finally:
        box.environment = usual


def finished(box):
    return {json.loads(content)["trial_id"]: json.loads(content)["status"]
            for path, content in box.files("out").items() if path.endswith("record.json")}


@pytest.mark.parametrize("at, stays", [(5, False), (19, True), (40, False), (60, True)])
def test_a_full_disk_is_said_and_loses_nothing(box, library, at, stays):
    box.write("plan.json", PLAN)
    got = faulty(box, library, at, stays)
    if got.status == 0:  # a sync of a folder, which nothing waits for, when two trials run at once
        assert not stays and set(finished(box).values()) == {"finished"}, got
    else:
        assert got.status in (1, 5), got
        assert "No space left on device" in got.out + got.err and "internal" not in got.err, got
    before = [trial for trial, status in finished(box).items() if status == "finished"]
    box.run(*SWEEP).succeeds()
    after = finished(box)
    assert len(after) == 2 and set(after.values()) == {"finished"}, after
    assert set(before) <= set(after)
    assert not [path for path in box.files("out") if ".tmp" in path]
