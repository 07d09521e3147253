"""Sweeps and races as jobs of Slurm: the script, what is refused, and an array on a real Slurm that loses its node."""

import json
import os
import re
import shlex

import pytest
from cluster import TASKS, Cluster

PLAN = {"name": "tiny plan", "title": "two points on the ring", "dataset": "ring", "points": ["dcgan", "lsgan"], "seeds": [0],
        "train": {"steps": 20, "batch": 16}, "evaluation": {"num_samples": 64, "checkpoint_samples": 32}}
EMBEDDED = {"name": "twelve", "title": "twelve trials on the embedded images", "dataset": "embedded",
            "points": ["dcgan", "lsgan", "wgan", "rsgan", "rasgan", "fgan-kl"], "seeds": [0, 1],
            "train": {"steps": 60, "width": 0.05, "batch": 8, "curve_interval": 20, "dataset_limit": 200},
            "evaluation": {"num_samples": 40, "checkpoint_samples": 40, "metrics": ["fid"]}}
TIMES = ("train_seconds", "updates_per_second", "images_per_second", "peak_memory_bytes")

# flags of the job, the line of the script that each gives
ASKED = [
    (["--partition", "gpu,long"], "partition=gpu,long"),
    (["--gpus", "2"], "gpus=2"),
    (["--cpus", "6"], "cpus-per-task=6"),
    (["--time", "4h"], "time=4:00:00"),
    (["--time", "90s"], "time=0:02:00"),
    (["--time", "2d"], "time=48:00:00"),
    (["--time", "90s"], "signal=B:TERM@30"),
    (["--time", "4h"], "signal=B:TERM@120"),
    (["--tasks", "1"], "array=1-1"),
    ([], "array=1-2"),
    ([], "job-name=ganselect-tiny_plan"),
    ([], "requeue"),
]

# arguments of sweep, status, what the error holds
REFUSED = [
    (["--slurm", "--tasks", "3"], 2, ["--tasks", "1 to 2", "got 3"]),
    (["--slurm", "--tasks", "0"], 2, ["tasks"]),
    (["--slurm", "--tasks", "2", "--shard", "1/2"], 2, ["--tasks", "1 to 1", "got 2"]),
    (["--slurm", "--gpus", "0"], 2, ["gpus"]),
    (["--slurm", "--cpus", "-1"], 2, ["cpus"]),
    (["--slurm", "--time", "soon"], 2, ["--time", "'soon'"]),
    (["--slurm", "--time", "inf"], 2, ["--time", "'inf'"]),
    (["--slurm", "--time", "400d"], 2, ["--time", "366d"]),
    (["--slurm", "--partition", "a b"], 2, ["--partition", "'a b'"]),
    (["--slurm", "--partition", "x\n#SBATCH --uid=0"], 2, ["--partition"]),
    (["--slurm", "--status"], 2, ["--slurm or --status"]),
    (["--slurm", "--dry-run"], 2, ["--slurm or --dry-run"]),
    (["--slurm", "--shard", "3/2"], 2, ["I from 1 to 2"]),
    (["--print"], 2, ["--print", "--slurm"]),
    (["--tasks", "2"], 2, ["--tasks", "--slurm"]),
]


def options(script):
    return [line[len("#SBATCH --"):] for line in script.splitlines() if line.startswith("#SBATCH --")]


def command(script):
    last = script.splitlines()[-1]
    assert last.startswith("exec "), script
    return shlex.split(last)[1:]


def fake_sbatch(box, body):
    """A folder with an sbatch of one's own."""
    os.chmod(box.write("bin/sbatch", "#!/bin/sh\n" + body + "\n"), 0o755)
    return {"PATH": box.path("bin") + ":/usr/bin:/bin"}


def test_the_script_asks_for_what_the_flags_say_and_printing_it_makes_nothing(box):
    box.write("plan.json", PLAN)
    wrong = []
    for flags, line in ASKED:
        script = box.run("sweep", "plan.json", "--out", "out", "--slurm", "--print", *flags, environment={"PATH": "/nowhere"}).succeeds().out
        if line not in options(script) or not script.startswith("#!/bin/sh\n"):
            wrong.append(f"{flags}: no '{line}' in\n{script}")
    assert not wrong, "\n".join(wrong)
    left = [line for line in options(script) if line.startswith(("partition", "gpus", "cpus", "time"))]
    assert not left, f"asked for without being told: {left}"
    assert list(box.files(".")) == ["plan.json"]


def test_every_other_option_is_passed_on_word_by_word(box):
    plan = os.path.relpath(box.write("my plans/it's \"one\" $HOME.json", PLAN), box.folder)
    flags = ["--out", "two words", "--device", "cpu", "--jobs", "1", "--no-cache", "--tensorboard", "--time-budget", "10min", "--whole-trials",
             "--shard", "1/2", "--dataset", "folder:a b;c", "--channels", "rgb", "--data-dir", "d'", "--quiet"]
    job = ["--slurm", "--print", "--partition", "long", "--tasks", "1", "--json"]
    words = command(box.run("sweep", plan, *flags, *job).succeeds().out)
    assert words[:3] == [box.program, "sweep", plan], words
    assert sorted(words[3:]) == sorted(flags), words
    # In pairs, as they were.
    for name in ("--out", "--dataset", "--data-dir", "--time-budget"):
        assert words[words.index(name) + 1] == flags[flags.index(name) + 1], words


def test_a_job_is_written_submitted_and_does_what_the_command_would(box):
    box.write("plan.json", PLAN)
    submitted = fake_sbatch(box, 'printf "%s\\n" "$@" >"$TOLD"; cp "$2" "$TOLD.sh"; echo "41;cluster"')
    told = {**submitted, "TOLD": box.path("told")}
    answer = box.run("sweep", "plan.json", "--out", "a folder", "--jobs", "1", "--slurm", "--json", environment=told).json()
    script = box.path("a folder", "slurm.sh")
    assert answer == {"job": "41", "tasks": 2, "script": script}
    assert box.read("told").decode().splitlines() == ["--parsable", script]
    assert box.read("told.sh") == box.read("a folder", "slurm.sh")
    box.run(script, program="/bin/sh").succeeds()  # as Slurm runs it, but for the array
    assert len([name for name in box.files("a folder") if name.endswith("record.json")]) == 2
    box.run("sweep", "plan.json", "--out", "other", "--slurm", environment=told).succeeds().says("job 41: 2 tasks", "scancel 41")


def test_without_sbatch_or_with_one_that_refuses_there_is_one_clear_error(box):
    box.write("plan.json", PLAN)
    asked = ("sweep", "plan.json", "--out", "out", "--slurm")
    box.run(*asked, environment={"PATH": "/nowhere"}).fails(1, "--slurm", "sbatch", "none on the path", "slurm-client", "--print")
    outcome = box.run(*asked, environment=fake_sbatch(box, "echo 'sbatch: error: no such account' >&2; exit 1"))
    outcome.fails(1, "--slurm", "exit status 1")
    assert "no such account" in outcome.err, outcome
    box.run(*asked, environment=fake_sbatch(box, "echo Submitted")).fails(1, "--slurm")


def test_what_no_job_can_be_made_of_is_refused(box):
    box.write("plan.json", PLAN)
    wrong = []
    for arguments, status, fragments in REFUSED:
        try:
            box.run("sweep", "plan.json", "--out", "out", *arguments, environment=fake_sbatch(box, "echo 1")).fails(status, *fragments)
        except AssertionError as why:
            wrong.append(str(why))
    assert not wrong, "\n".join(wrong)
    assert not os.path.exists(box.path("out"))


def test_a_race_is_one_job_limited_by_somewhat_more_than_its_budget(box):
    race = ("race", "--data", "embedded", "--contenders", "dcgan,lsgan", "--for", "high quality", "--out", "my race", "--slurm", "--print")
    script = box.run(*race, "--budget", "30m").succeeds().out
    assert "time=0:35:00" in options(script), script
    assert not any(line.startswith("array") for line in options(script)), script
    assert command(script) == [box.program, "race", "--data", "embedded", "--budget", "30m", "--for", "high quality",
                               "--contenders", "dcgan,lsgan", "--out", "my race"]
    assert "time=11:00:00" in options(box.run(*race, "--budget", "10h").succeeds().out)
    assert "time=1:00:00" in options(box.run(*race, "--budget", "30m", "--time", "1h").succeeds().out)
    rungs = box.run(*race, "--rungs", "5,10").succeeds().out
    assert not any(line.startswith("time") for line in options(rungs)), rungs
    assert command(rungs)[command(rungs).index("--rungs") + 1] == "5,10"
    box.run(*race, "--budget", "30m", "--tasks", "2").fails(2, "'--tasks'")
    box.run(*race, "--budget", "30m", "--dry-run").fails(2, "--slurm or --dry-run")
    box.run("race", "--help").succeeds().says("one job on one node")


@pytest.fixture
def cluster(box):
    one = Cluster(box.path("slurm"))
    yield one
    one.stop()


def outcome(box, folder):
    """{trial: all that does not depend on time} of a sweep's records."""
    found = {}
    for name, content in box.files(folder).items():
        if os.path.basename(name) != "record.json":
            continue
        record = json.loads(content)
        for key in ("provenance",):
            del record[key]
        for key in TIMES:
            record["measures"].pop(key, None)
        for checkpoint in record["checkpoints"]:
            del checkpoint["seconds"]
        trial = os.path.dirname(name)
        assert record["trial_id"] == trial and record["status"] == "finished", record
        found[trial] = (record, box.read(folder, trial, "generator.safetensors"))
    return found


def test_an_array_whose_node_is_lost_leaves_every_record_once(box, cluster):
    box.write("plan.json", EMBEDDED)
    sweep = ("sweep", "plan.json", "--jobs", "1", "--device", "cpu", "--no-cache")
    job = box.run(*sweep, "--out", "shared", "--slurm", "--tasks", TASKS, "--json", environment=cluster.environment).json()
    assert job["tasks"] == TASKS

    def count(name):
        return len([path for path in box.files("shared") if os.path.basename(path) == name])

    cluster.wait("some records", lambda: count("record.json") >= 3 and count(".lease") > 0)
    assert cluster.lose_node() == TASKS
    before = count("record.json")
    assert 3 <= before < 12, f"{before} records when the node was lost"
    assert count(".lease") > 0, "no trial was cut off"
    cluster.start("slurmd", "-D")
    cluster.wait("the tasks to be queued again", lambda: set(cluster.states(job["job"]).values()) == {"PENDING"})
    cluster.ask("scontrol", "update", f"jobid={job['job']}", "starttime=now+5")  # not after two minutes, nor in the second of the loss
    cluster.wait("the array to end", lambda: not set(cluster.states(job["job"]).values()) & {"PENDING", "RUNNING", "COMPLETING"})
    assert cluster.states(job["job"]) == {str(task): "COMPLETED" for task in range(1, TASKS + 1)}, cluster.log()
    logs = [name for name in os.listdir(box.folder) if re.fullmatch(rf"slurm-{job['job']}_\d+\.out", name)]
    assert len(logs) == TASKS, logs
    box.run(*sweep, "--out", "alone").succeeds()
    alone, shared = outcome(box, "alone"), outcome(box, "shared")
    assert len(alone) == 12 and set(alone) == set(shared)
    assert [trial for trial in alone if alone[trial] != shared[trial]] == []
    box.run(*sweep, "--out", "shared", "--status").succeeds().says("12 trials: 12 finished")


def test_a_job_that_is_cancelled_saves_its_state_and_goes_on(box, cluster):
    box.write("plan.json", {**PLAN, "points": ["dcgan"], "train": {"steps": 2000000, "batch": 16}})
    sweep = ("sweep", "plan.json", "--out", "out", "--device", "cpu", "--no-cache")

    def cancelled_log():
        job = box.run(*sweep, "--slurm", "--time", "1h", "--json", environment=cluster.environment).json()["job"]
        log = f"slurm-{job}_1.out"
        cluster.wait("the trial to train", lambda: os.path.exists(box.path(log)) and b" step " in box.read(log))
        cluster.ask("scancel", job)
        cluster.wait("the job to end", lambda: set(cluster.states(job).values()) == {"CANCELLED"})
        cluster.wait("the state", lambda: b"the same command goes on in out" in box.read(log))
        return box.read(log).decode()

    assert "goes on from update" not in cancelled_log()
    box.run(*sweep, "--status").succeeds().says("1 trials: 1 begun")
    assert "goes on from update" in cancelled_log()
