"""One trial: what lies on the disk, cut-off and continued runs, full and unwritable disks, the terminal."""

import os
import signal
import time

from sandbox import tensors

# A trial of seconds: the mixture of Gaussians needs no files and no convolutions.
RING = ("--dataset", "ring", "--seed", "3", "--batch", "16", "--num-samples", "64")
SMALL_IMAGES = ("--dataset", "embedded", "--dataset-limit", "256", "--width", "0.05", "--seed", "3", "--batch", "16", "--num-samples", "64")
LONG = 4000  # updates of a trial that is still under way when it is stopped


def train(out, steps, *more, point="dcgan"):
    return ("train", point, *RING, "--steps", steps, "--out", out, *more)


def started(box, out):
    """Holds once the trial has a checkpoint to go on from."""
    return lambda: os.path.exists(box.path(out, "checkpoint.safetensors"))


def same_weights(box, first, second):
    left, right = (tensors(box.read(name, "generator.safetensors")) for name in (first, second))
    assert left, "the generator has no tensors"
    differing = [name for name in left if left[name] != right.get(name)]
    assert not differing and set(left) == set(right), f"{len(differing)} tensors differ: {differing[:5]}"


def test_a_trial_leaves_its_files_and_its_record(box):
    outcome = box.run(*train("run", 20)).succeeds()
    assert "\r" not in outcome.err and "\x1b" not in outcome.err, "no carriage return and no colour without a terminal"
    files = box.files("run")
    assert {"settings.json", "record.json", "curve.csv", "generator.safetensors"} <= set(files), sorted(files)
    assert not [name for name in files if "tmp" in name or name.endswith(".part")], sorted(files)
    record = box.record("run")
    assert record["schema_version"] == 1 and record["status"] == "finished" and record["seed"] == 3, record["status"]
    assert record["budget"]["steps"] == 20 and record["dataset"]["name"] == "ring", record["budget"]
    assert record["measures"]["modes"] is not None and record["protocol"], record["measures"]
    for name, value in record["measures"].items():
        assert value is not None or name in record["reason"], f"{name} is null without a reason"


def test_the_same_seed_gives_the_same_generator_and_another_does_not(box):
    box.run(*train("a", 20)).succeeds()
    box.run(*train("b", 20)).succeeds()
    same_weights(box, "a", "b")
    box.run("train", "dcgan", *RING[:3], "4", *RING[4:], "--steps", 20, "--out", "c").succeeds()
    assert tensors(box.read("a", "generator.safetensors")) != tensors(box.read("c", "generator.safetensors"))


def test_capture_that_is_asked_for_needs_a_gpu(box):
    command = ("train", "dcgan", "--dataset", "ring", "--steps", "2", "--num-samples", "50", "--device", "cpu")
    box.run(*command, "--graph", "on", "--out", "on").fails(2, "only a GPU's work can be captured", "--graph auto")
    box.run(*command, "--graph", "auto", "--out", "auto").succeeds()


def test_a_finished_trial_is_not_trained_again(box):
    box.run(*train("run", 20)).succeeds()
    before = box.files("run")
    box.run(*train("run", 20)).succeeds()
    assert box.files("run") == before, "the second run changed a finished trial"


def test_other_settings_for_a_started_trial_name_the_key(box):
    box.run(*train("run", 20)).succeeds()
    box.run(*train("run", 20, "--width", "0.5")).fails(2, "width")


def stop_and_go_on(box, number, status):
    first = box.run_and_stop(number, started(box, "cut"), *train("cut", LONG, "--checkpoint-seconds", "0.2"))
    assert first.status == status, f"expected status {status} of {first}"
    assert not os.path.exists(box.path("cut", "record.json")), "an unfinished trial has a record"
    box.run(*train("cut", LONG, "--checkpoint-seconds", "0.2")).succeeds()
    box.run(*train("whole", LONG)).succeeds()
    same_weights(box, "cut", "whole")


def test_an_interrupted_trial_saves_its_state_and_goes_on_bit_for_bit(box):
    stop_and_go_on(box, signal.SIGINT, 130)


def test_a_terminated_trial_saves_its_state_and_goes_on_bit_for_bit(box):
    stop_and_go_on(box, signal.SIGTERM, 130)


def test_a_killed_trial_goes_on_bit_for_bit(box):
    stop_and_go_on(box, signal.SIGKILL, -signal.SIGKILL)


def test_every_candidate_goes_on_bit_for_bit_after_a_kill(box):
    """On point sets every candidate keeps its loss, penalties, optimizer and switches; its networks are small. What alters images needs some."""
    rows = [row for row in box.run("list", "--json").json() if "conditioning" not in row]
    names = [row["name"] for row in rows]
    for row in rows:
        name = row["name"]
        data, steps = (SMALL_IMAGES, 100) if "diffaugment" in row["regularization"] else (RING, 300)
        whole = ("train", name, *data, "--steps", steps, "--out")
        cut = (*whole, f"cut-{name}", "--checkpoint-seconds", "0.05")
        outcome = box.run_and_stop(signal.SIGKILL, started(box, f"cut-{name}"), *cut)
        assert outcome.status == -signal.SIGKILL, f"expected a kill in mid-trial of {outcome}"
        box.run(*cut).succeeds()
        box.run(*whole, f"whole-{name}").succeeds()
        same_weights(box, f"cut-{name}", f"whole-{name}")
    assert len(names) >= 20, names


def test_a_damaged_checkpoint_is_refused_by_name(box):
    box.kill_when(started(box, "run"), *train("run", LONG, "--checkpoint-seconds", "0.2"))
    content = box.read("run", "checkpoint.safetensors")
    box.write("run/checkpoint.safetensors", content[:len(content) // 2])
    box.run(*train("run", LONG, "--checkpoint-seconds", "0.2")).fails(3, "checkpoint.safetensors")


def test_an_unwritable_folder_is_named(box):
    box.write("file", "not a folder")
    box.run(*train("file/run", 5)).fails(1, "file")
    box.run(*train("/proc/ganselect", 5)).fails(1, "/proc/ganselect")


def test_folders_and_files_of_others_are_not_touched(box):
    box.write("mine/samples.png", "my own")
    box.write("mine/curve.csv", "my own")
    box.run(*train("mine", 5)).fails(2, "mine", "other files: curve.csv, samples.png", "another --out")
    assert box.files("mine") == {"samples.png": b"my own", "curve.csv": b"my own"}
    os.makedirs(box.path("empty"))
    box.run(*train("empty", 5)).succeeds()
    os.mkfifo(box.path("pipe"))
    box.run("sample", "empty", "--num", "4", "--npz", "pipe").fails(2, "pipe", "a regular one to replace")
    os.symlink("real.npz", box.path("link.npz"))
    box.run("sample", "empty", "--num", "4", "--npz", "link.npz").succeeds()
    assert os.path.islink(box.path("link.npz")) and os.path.isfile(box.path("real.npz"))


def test_settings_that_do_not_fit_the_memory_can_be_mended_in_their_folder(box):
    limited = ("sh", "-c", 'ulimit -v 5000000; exec "$0" "$@"')
    wide = ("train", "dcgan", "--dataset", "embedded", "--dataset-limit", "64", "--width", "16", "--batch", "4", "--steps", "1", "--out", "run")
    box.run(*wide, prefix=limited).fails(1, "memory")
    box.run(*train("run", 5)).succeeds()


def test_a_command_without_a_state_to_save_ends_at_once(box):
    box.run(*train("run", 5)).succeeds()
    process = box.start("sample", "run", "--num", "10000000", "--npz", "x.npz")
    time.sleep(3)
    assert process.poll() is None, "too fast to be stopped"
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)  # a shell's background jobs ignore SIGINT, and hand that on
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM and time.monotonic() - asked < 1
    assert not os.path.exists(box.path("x.npz"))


def test_a_full_disk_fails_cleanly_and_leaves_no_record(box):
    small = box.path("small")
    outcome = box.run_on_small_disk(64, small, *train("small/run", 50))
    outcome.fails(1, "small/run", "No space left on device")


def test_a_terminal_gets_a_bar_with_the_time_left(box):
    outcome = box.run_on_terminal(*train("run", 2000))
    assert outcome.status == 0, f"expected status 0 of {outcome}"
    assert "\r" in outcome.err and "left" in outcome.err, f"expected a bar that redraws itself of {outcome}"
    assert "\r" not in outcome.out and "\x1b" not in outcome.out


def test_samples_come_from_the_generator_alone(box):
    box.run("train", "dcgan", "--dataset", "embedded", "--dataset-limit", "256", "--seed", "1", "--steps", "3", "--width", "0.1",
            "--batch", "8", "--num-samples", "32", "--out", "run").succeeds()
    os.remove(box.path("run", "checkpoint.safetensors")) if os.path.exists(box.path("run", "checkpoint.safetensors")) else None
    for name in ("a.png", "b.png"):
        box.run("sample", "run", "--num", "16", "--seed", "7", "--grid", name).succeeds()
    box.run("sample", "run", "--num", "16", "--seed", "8", "--grid", "c.png").succeeds()
    a, b, c = (box.read(name) for name in ("a.png", "b.png", "c.png"))
    assert a.startswith(b"\x89PNG") and a == b and a != c, "one seed, one grid"
    box.run("sample", "run", "--num", "16", "--seed", "7", "--npz", "x.npz").succeeds()
    got = box.run("evaluate", "--samples", "x.npz", "--dataset", "embedded", "--json").json()
    assert "fid" in got and got["protocol"], sorted(got)
    box.run("sample", "run", "--num", "5", "--seed", "7", "--png-dir", "pngs").succeeds()
    assert len(box.files("pngs")) == 5, sorted(box.files("pngs"))


def test_a_conditional_generator_is_asked_for_classes(box):
    box.run("train", "cgan", "--dataset", "embedded", "--dataset-limit", "256", "--seed", "1", "--steps", "3", "--width", "0.1",
            "--batch", "8", "--num-samples", "64", "--out", "run").succeeds()
    record = box.record("run")
    assert 0 <= record["measures"]["label_accuracy"] <= 1, record["measures"]["label_accuracy"]
    box.run("sample", "run", "--class", "nonsense", "--grid", "x.png").fails(2, "[class]", "or its number")
    box.run("sample", "run", "--class", "1", "--num", "3", "--grid", "one.png").succeeds()
    box.run("sample", "run", "--class", "all", "--num", "30", "--png-dir", "pngs").succeeds()
    folders = {name.split("/")[0] for name in box.files("pngs")}
    assert len(folders) > 1, sorted(folders)
    name = sorted(folders)[0]
    box.run("sample", "run", "--class", name, "--num", "3", "--grid", "named.png").succeeds()
    box.run("sample", "run", "--num", "64", "--npz", "x.npz").succeeds()
    # The same samples and classes by every way in.
    own = box.run("evaluate", "--run", "run", "--dataset", "embedded", "--num-samples", "64", "--seed", "0", "--json").json()
    given = box.run("evaluate", "--samples", "x.npz", "--dataset", "embedded", "--num-samples", "64", "--seed", "0", "--json").json()
    for measure in ("fid", "label_accuracy", "worst_class_coverage"):
        assert given[measure] == own[measure], (measure, given[measure], own[measure])
    by_folder = box.run("evaluate", "--samples", "pngs", "--dataset", "embedded", "--json").json()
    assert by_folder["class_samples_0"] == by_folder["class_samples_1"] > 0, by_folder
    box.run("train", "dcgan", *RING, "--steps", 5, "--out", "plain").succeeds()
    box.run("sample", "plain", "--class", "1", "--npz", "y.npz").fails(2, "a generator that is told classes")
