"""Fine-tuning: a trial that begins with another's networks, says so, and leaves frozen layers alone."""

import hashlib
import os
import shutil
import struct

from sandbox import tensors

COMMON = ("--batch", "16", "--num-samples", "64", "--steps", "10")
POINTS = ("--dataset", "ring", *COMMON)


def weights_apart(first, second):
    """The largest difference of two generators' weights and biases, statistics of batch norm left out."""
    apart = [0.0]
    for name, (kind, shape, content) in first.items():
        if name.endswith((".weight", ".bias")):
            assert kind == "F32" and second[name][:2] == (kind, shape), name
            pairs = zip(struct.iter_unpack("<f", content), struct.iter_unpack("<f", second[name][2]))
            apart.append(max(abs(a - b) for (a,), (b,) in pairs))
    assert len(apart) > 2, sorted(first)
    return max(apart)


def test_a_fine_tuned_trial_begins_where_the_other_ended(box):
    box.run("train", "dcgan", *POINTS, "--seed", "3", "--out", "first").succeeds()
    box.run("train", "dcgan", *POINTS, "--seed", "4", "--init-from", "first", "--lr-g", "1e-12", "--lr-d", "1e-12", "--out", "second").succeeds()
    first, second = (tensors(box.read(name, "generator.safetensors")) for name in ("first", "second"))
    assert set(first) == set(second) and first
    settings = box.record("second")["settings"]
    assert settings["init_from"] == "first"
    assert settings["init_digest"] == hashlib.sha256(box.read("first", "checkpoint.safetensors")).hexdigest()
    assert "init_from" not in box.record("first")["settings"]
    assert weights_apart(first, second) < 1e-6
    box.run("train", "dcgan", *POINTS, "--seed", "4", "--lr-g", "1e-12", "--lr-d", "1e-12", "--out", "scratch").succeeds()
    assert weights_apart(first, tensors(box.read("scratch", "generator.safetensors"))) > 1e-3, "first weights of another seed are the same"
    shutil.rmtree(box.path("first"))
    box.run("train", "dcgan", *POINTS, "--seed", "4", "--init-from", "first", "--out", "third").fails(3, "--init-from first", "no such folder")


def test_frozen_layers_stay_as_they_were(box):
    box.run("train", "lsgan", *POINTS, "--seed", "3", "--out", "first").succeeds()
    layers = sorted({name.rsplit(".", 1)[0].removeprefix("generator/") for name in tensors(box.read("first", "checkpoint.safetensors"))
                     if name.startswith("generator/")})
    frozen = layers[0]
    box.run("train", "lsgan", *POINTS, "--seed", "4", "--init-from", "first", "--freeze", "generator/" + frozen, "--out", "second").succeeds()
    before, after = (tensors(box.read(name, "checkpoint.safetensors")) for name in ("first", "second"))
    same = {name: before[name] == after[name] for name in before if name.startswith(("generator/", "critic/"))}
    assert all(same[name] for name in same if name.startswith(f"generator/{frozen}.")), same
    assert not any(same[name] for name in same if name.endswith(".weight") and not name.startswith(f"generator/{frozen}.")), same
    assert box.record("second")["settings"]["freeze"] == ["generator/" + frozen]


def test_what_does_not_fit_is_one_clear_line(box):
    box.run("train", "dcgan", *POINTS, "--out", "first").succeeds()
    out = ("--out", "other")
    box.run("train", "dcgan", *POINTS, "--init-from", "missing", *out).fails(3, "missing", "no such folder")
    box.run("train", "dcgan", *POINTS, "--width", "0.5", "--init-from", "first", *out).fails(2, "--init-from first", "shape")
    box.run("train", "dcgan", *POINTS, "--init-from", "first", "--freeze", "critic/nothing", *out).fails(2, "'critic/nothing'", "generator/")
    box.run("train", "dcgan", *POINTS, "--init-from", "first", "--freeze", "critic/nothing", *out).fails(2, "--freeze", "critic/out")
    box.run("train", "dcgan", *POINTS, "--freeze", "critic/out", *out).fails(2, "freeze", "init_from")
    box.run("train", "dcgan", *POINTS, "--init-from", "first", "--init-digest", "00", *out).fails(2, "SHA-256 00")
    every = sorted({name.rsplit(".", 1)[0] for name in tensors(box.read("first", "checkpoint.safetensors")) if name.startswith("critic/")})
    box.run("train", "dcgan", *POINTS, "--init-from", "first", "--freeze", ",".join(every), *out).fails(2, "layer of the critic left to train")
    os.remove(box.path("first", "checkpoint.safetensors"))
    box.run("train", "dcgan", *POINTS, "--init-from", "first", *out).fails(3, "checkpoint.safetensors", "no such file")
    assert not os.path.exists(box.path("other", "record.json"))
