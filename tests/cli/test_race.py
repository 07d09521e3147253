"""Races: from images to a winner, cut off anywhere, and what is refused before anything is trained."""

import json
import os
import random
import shutil
import struct
import zlib

from sandbox import Skip

SMALL = ("--data", "embedded", "--limit", "300", "--samples", "80", "--width", "0.0625", "--detector", "judge-embedded",
         "--no-cache", "--device", "cpu")
FIXED = (*SMALL, "--contenders", "dcgan,lsgan,fcgan", "--rungs", "6,12", "--looks", "2")


def png(pixels, side):
    """An RGB picture of `side` x `side` from 3 * side * side bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + pixels[y * side * 3:(y + 1) * side * 3] for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_pictures(box, name, count, alike=False):
    numbers = random.Random(5)
    one = numbers.randbytes(3 * 32 * 32)
    for i in range(count):
        box.write(f"{name}/{i:03}.png", png(one if alike else numbers.randbytes(3 * 32 * 32), 32))


def race_of(box, name="out"):
    return json.loads(box.read(name, "race.json"))


def test_a_race_finds_a_winner_that_can_be_sampled_and_evaluated(box):
    outcome = box.run("race", *FIXED, "--out", "out").succeeds()
    race = race_of(box)
    names = [one["point"] for one in race["contenders"]]
    winner = names[race["outcome"]["winner"]]
    outcome.says(f"{winner} wins", "out/winner", "out/race.html")
    assert [look["step"] for look in race["looks"]][:2] == [3, 6], race["looks"]
    assert race["outcome"]["steps"] == 12
    assert 0 < race["outcome"]["chance_best"] <= 1
    # All ran on the same seed, and whoever is out has a reason.
    first = race["looks"][0]
    assert sorted(entry["contender"] for entry in first["entries"]) == [0, 1, 2]
    assert {entry["seed"] for entry in first["entries"]} == {0}
    reasons = [one["reason"] for look in race["looks"] for one in look["out"]]
    assert len(reasons) == 2 and set(reasons) <= {"worse", "cut"}, reasons
    box.run("sample", "out/winner", "--num", "4", "--npz", "drawn.npz").succeeds()
    measured = box.run("evaluate", "--run", "out/winner", "--num-samples", "80", "--no-cache", "--json").json()
    assert measured["fid"] > 0
    page = box.read("out", "race.html").decode()
    assert f"{winner} wins" in page and "data:image/png;base64," in page and "<script" not in page
    # Its records are trials like others.
    answer = box.run("ask", "high quality", "--results", "out", "--evidence", "own", "--json").json()
    assert {one["candidate"] for one in answer["ranking"]} | {one["candidate"] for one in answer["excluded"]} == set(names)


def test_a_race_that_was_killed_goes_on_to_the_same_result(box):
    box.run("race", *FIXED, "--out", "whole").succeeds()
    for seen in ("race.json", os.path.join("trials", "lsgan-s0", "record.json"), os.path.join("rungs", "6")):
        shutil.rmtree(box.path("cut"), ignore_errors=True)
        box.kill_when(lambda seen=seen: os.path.exists(box.path("cut", seen)), "race", *FIXED, "--out", "cut")
        box.run("race", *FIXED, "--out", "cut").succeeds()
        for name in ("race.json", os.path.join("winner", "generator.safetensors"), "race.html"):
            there = os.path.realpath(box.path("whole", name)), os.path.realpath(box.path("cut", name))
            one, other = (open(path, "rb").read() for path in there)
            assert one == other, f"{name} differs after a kill at {seen}"


def test_a_race_that_is_over_is_not_run_again(box):
    box.run("race", *FIXED, "--out", "out").succeeds()
    before = box.files("out")
    again = box.run("race", *FIXED, "--out", "out").succeeds()
    again.says("wins")
    assert box.files("out") == before
    box.run("race", *FIXED, "--seed", "1", "--out", "out").fails(2, "'seed' = 0", "another folder")


def test_contenders_are_asked_for_and_not_all_of_one_kind(box):
    plan = box.run("race", *SMALL, "--rungs", "10", "--most", "6", "--dry-run", "--json", "--out", "out").json()
    names = [one["point"] for one in plan["contenders"]]
    assert len(names) == len(set(names)) == 6
    assert any(name.startswith("cgan") or "projection" in name for name in names), names  # the data have classes
    assert any("diffaugment" in name for name in names), names  # 300 images are few
    losses = [entry["loss"] for entry in box.run("list", "--json").json() if entry["name"] + "+diffaugment" in names]
    assert len(set(losses)) > 1 or not losses, losses
    assert not os.path.exists(box.path("out")), "a dry run left a folder behind"


def test_a_budget_is_kept(box):
    outcome = box.run("race", *SMALL, "--contenders", "dcgan,lsgan", "--budget", "90s", "--out", "out")
    if "two contenders and one rung" in outcome.err:
        raise Skip("this machine is too busy for a race of 90 s")
    outcome.succeeds()
    used = json.loads(box.read("out", "clock.json"))["used_seconds"]
    assert 60 < used < 99, f"{used} s used of 90 s by {outcome}"
    race = race_of(box)
    trained_on = race["outcome"]["steps"] > race["looks"][-1]["step"]
    assert trained_on or any("No time was left" in note for note in race["outcome"]["notes"]), race["outcome"]


def test_what_cannot_be_raced_is_refused_with_one_clear_error(box):
    os.makedirs(box.path("empty"))
    write_pictures(box, "one", 1)
    write_pictures(box, "alike", 40, alike=True)
    write_pictures(box, "broken", 40)
    box.write("broken/020.png", b"\x89PNG\r\n\x1a\nnot a picture")
    rungs = ("--rungs", "4", "--no-cache", "--out", "out")
    box.run("race", "--data", "folder:empty", *rungs).fails(3, "empty", "got none")
    box.run("race", "--data", "folder:one", *rungs).fails(3, "images that differ", "1 image")
    box.run("race", "--data", "folder:alike", *rungs).fails(3, "images that differ", "40 images, all alike")
    box.run("race", "--data", "folder:broken", *rungs).fails(3, "020.png")
    box.run("race", *SMALL, "--contenders", "dcgan,dcgn", *rungs).fails(2, "did you mean 'dcgan'?")
    box.run("race", *SMALL, "--contenders", "dcgan,lsgan", "--budget", "1s", "--out", "out").fails(2, "--budget", "two contenders and one rung")
    box.run("race", *SMALL, "--budget", "soon", "--out", "out").fails(2, "--budget", "'soon'")
    box.run("race", *SMALL, "--out", "out").fails(2, "--budget", "--rungs")
    box.run("race", *SMALL, "--rungs", "20,10", "--out", "out").fails(2, "--rungs", "rising")
    box.run("race", *SMALL, "--rungs", "4", "--for", "blorp", "--out", "out").fails(2, "blorp")
    assert not os.path.exists(box.path("out")), "a refused race left a folder behind"


def test_train_goes_on_from_a_finished_run_with_more_steps(box):
    run = ("train", "dcgan", "--dataset", "ring", "--batch", "16", "--num-samples", "64", "--checkpoint-samples", "32",
           "--no-cache", "--out", "run", "--device", "cpu")
    box.run(*run, "--steps", "10").succeeds()
    on = box.run(*run, "--steps", "20").succeeds()
    assert "goes on from update 10 of 20" in on.err, on
    assert box.record("run")["budget"]["steps"] == 20
    box.run(*run, "--steps", "10").fails(2, "'steps' = 20")
