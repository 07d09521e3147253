"""Plans and sweeps: what a plan may say, and what a sweep that is cut off, or meets a failing trial, leaves."""

import os
import shutil
import signal

PLAN = {"name": "tiny", "title": "two points on the ring", "dataset": "ring", "points": ["dcgan", "lsgan"], "seeds": [0],
        "train": {"steps": 20, "batch": 16}, "evaluation": {"num_samples": 64, "checkpoint_samples": 32}}

# change to the plan, what the error names
BAD_PLANS = [
    ({"seedz": [0]}, ["'seedz'", "did you mean 'seeds'?"]),
    ({"train": {"stepz": 20}}, ["'stepz'", "did you mean 'steps'?"]),
    ({"train": {"steps": "many"}}, ["steps", "many"]),
    ({"train": {"steps": -1}}, ["steps", "-1"]),
    ({"train": {"steps": 1.5}}, ["steps", "1.5"]),
    ({"evaluation": {"num_sample": 64}}, ["'num_sample'", "num_samples"]),
    ({"seeds": 0}, ["seeds"]),
    ({"seeds": []}, ["seed"]),
    ({"points": []}, ["point"]),
    ({"points": ["dcgn"]}, ["'dcgn'", "did you mean 'dcgan'?"]),
    ({"points": ["dcgan/wasserstein/gradient-penalty+batch-norm-d"]}, ["batch"]),
    ({"dataset": "rung"}, ["'rung'", "ring"]),
]


def sweep(*more):
    return ("sweep", "plan.json", "--out", "out", *more)


def records(box, name="out"):
    return {path: content for path, content in box.files(name).items() if os.path.basename(path) == "record.json"}


def test_a_plan_that_cannot_be_meant_is_refused_before_anything_is_made(box):
    wrong = []
    for change, fragments in BAD_PLANS:
        box.write("plan.json", {**PLAN, **change})
        try:
            box.run(*sweep()).fails(2, *fragments)
        except AssertionError as why:
            wrong.append(str(why))
    assert not wrong, f"{len(wrong)} of {len(BAD_PLANS)}:\n" + "\n".join(wrong)
    assert not os.path.exists(box.path("out")), "a refused plan left a folder behind"


def test_a_plan_that_is_no_json_is_refused(box):
    for text in ("", "{", "[]", '{"name": "x",}'):
        box.write("plan.json", text)
        outcome = box.run(*sweep())
        assert outcome.status in (2, 3), f"expected status 2 or 3 of {outcome}"
        outcome.fails(outcome.status, "plan.json")


def test_a_dry_run_says_what_it_would_take_and_makes_nothing(box):
    box.write("plan.json", PLAN)
    outcome = box.run(*sweep("--dry-run")).succeeds()
    outcome.says("2")
    assert not os.path.exists(box.path("out")), "a dry run left a folder behind"


def test_a_sweep_runs_every_trial_and_a_second_one_skips_them(box):
    box.write("plan.json", PLAN)
    box.run(*sweep()).succeeds()
    before = box.files("out")
    assert len(records(box)) == 2, sorted(before)
    box.run(*sweep()).succeeds()
    assert {path: content for path, content in box.files("out").items() if path in records(box)} == records(box)
    after = box.files("out")
    changed = [path for path in before if os.path.dirname(path) and after.get(path) != before[path]]
    assert not changed, f"the second sweep changed {changed}"


def test_a_sweep_goes_on_past_a_failing_trial_and_says_so(box):
    box.write("plan.json", PLAN)
    box.run(*sweep()).succeeds()
    folders = sorted(os.path.dirname(path) for path in records(box))
    shutil.rmtree(box.path("out"))
    box.write(os.path.join("out", folders[0]), "a file where the first trial's folder should be")
    outcome = box.run(*sweep())
    assert outcome.status == 5, f"expected status 5 of {outcome}"
    assert outcome.err.strip().splitlines()[-1].startswith("ganselect: "), f"expected one line about it of {outcome}"
    assert [os.path.dirname(path) for path in records(box)] == folders[1:], sorted(records(box))
    os.remove(box.path("out", folders[0]))
    box.run(*sweep()).succeeds()
    assert len(records(box)) == 2


def stopped_sweep(box, number):
    """Stops a sweep of a short and a long trial while the long one is under way."""
    box.write("plan.json", {**PLAN, "points": ["dcgan"],
                            "arms": [{"name": "long", "points": ["lsgan"], "train": {"steps": 4000}}]})
    outcome = box.run_and_stop(number, lambda: len(records(box)) == 1 if os.path.exists(box.path("out")) else False, *sweep())
    finished = records(box)
    assert len(finished) == 1, sorted(finished)
    box.run(*sweep()).succeeds()
    again = records(box)
    assert len(again) == 2 and all(again[path] == finished[path] for path in finished), "a finished trial was lost or changed"
    return outcome


def test_an_interrupted_sweep_keeps_finished_trials_and_goes_on(box):
    outcome = stopped_sweep(box, signal.SIGINT)
    assert outcome.status == 130, f"expected status 130 of {outcome}"


def test_a_killed_sweep_keeps_finished_trials_and_goes_on(box):
    outcome = stopped_sweep(box, signal.SIGKILL)
    assert outcome.status == -signal.SIGKILL, f"expected a kill of {outcome}"


def test_a_full_disk_ends_a_sweep_with_the_reason(box):
    box.write("plan.json", PLAN)
    outcome = box.run_on_small_disk(16, box.path("out"), *sweep())
    assert outcome.status in (1, 5), f"expected status 1 or 5 of {outcome}"
    assert "No space left on device" in outcome.err, f"expected the system's reason of {outcome}"


def test_two_sweeps_in_one_folder_share_the_trials_and_a_dead_one_loses_none(box):
    points = ["dcgan", "lsgan", "wgan", "rsgan", "rasgan", "fgan-kl"]
    box.write("plan.json", {**PLAN, "points": points, "train": {"steps": 400, "batch": 16}})
    first, second = (box.start(*sweep("--jobs", "1", "--json")) for _ in range(2))
    outcomes = [box.finish(first).json(), box.finish(second).json()]
    for outcome in outcomes:
        assert [trial["status"] for trial in outcome["trials"]] == ["finished"] * len(points), outcome
    assert len(records(box)) == len(points)
    box.run("sweep", "plan.json", "--out", "alone", "--jobs", "1").succeeds()
    for path in records(box, "alone"):
        trial = os.path.dirname(path)
        assert box.read("out", trial, "generator.safetensors") == box.read("alone", trial, "generator.safetensors"), trial
    status = box.run(*sweep("--status")).succeeds()
    status.says(f"{len(points)} trials: {len(points)} finished")
    # One that is killed leaves its trial to the other.
    dying = box.start("sweep", "plan.json", "--out", "killed", "--jobs", "1")
    while not any(name.endswith(".lease") for name in box.files("killed")):
        assert dying.poll() is None, "ended before it was killed"
    dying.send_signal(signal.SIGKILL)
    box.finish(dying)
    box.run("sweep", "plan.json", "--out", "killed", "--jobs", "1").succeeds()
    assert len(records(box, "killed")) == len(points)
    # As one that was killed between its record and the end of its claim leaves it.
    left = box.write(f"killed/{os.path.dirname(min(records(box, 'killed')))}/.lease", "1\n2\nanother\nelsewhere\ntoken\n")
    os.utime(left, (0, 0))
    box.run("sweep", "plan.json", "--out", "killed", "--jobs", "1").succeeds()
    assert not [name for name in box.files("killed") if os.path.basename(name).startswith(".lease")]


def test_shards_part_a_plan_and_a_second_training_of_one_folder_is_refused(box):
    box.write("plan.json", {**PLAN, "points": ["dcgan", "lsgan", "wgan"]})
    counts = [len(box.run(*sweep("--shard", f"{i}/2", "--json")).json()["trials"]) for i in (1, 2)]
    assert counts == [2, 1] and len(records(box)) == 3
    for bad in ("0/2", "3/2"):
        box.run(*sweep("--shard", bad)).fails(2, "shard", "I from 1 to 2", bad)
    for bad in ("2", "x/y", "1/2/3", "1/0", " 1/2", "+1/2", "1/", "99999999999999999999/2"):
        box.run(*sweep("--shard", bad)).fails(2, "shard", "N from 1 on")
    # An engine may have more tasks than there are trials.
    assert box.run(*sweep("--shard", "7/7", "--json")).json()["trials"] == []
    long = ("train", "dcgan", "--dataset", "ring", "--steps", "100000", "--batch", "16", "--num-samples", "64", "--out", "one")
    running = box.start(*long)
    while not os.path.exists(box.path("one", ".lease")):
        assert running.poll() is None, "ended before the second began"
    box.run(*long).fails(1, "one", "the only one that trains here", f"process {running.pid}")
    running.send_signal(signal.SIGINT)
    assert box.finish(running).status == 130
