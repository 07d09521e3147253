"""Candidates that are told what to make without labels: clusters of the data, and parts of images."""

import io
import json
import os
import struct
import zipfile

from sandbox import npy, png

SIDE = 32
QUICK = ("--dataset", "embedded", "--dataset-limit", "120", "--width", "0.05", "--batch", "8", "--steps", "2", "--num-samples", "40",
         "--checkpoint-samples", "40", "--device", "cpu", "--no-cache")


def picture(seed, channels=3):
    return [(seed * 37 + i * 7 + (i // channels) * 3) % 256 for i in range(SIDE * SIDE * channels)]


def hole(box, name, corner=4, side=12):
    """White where it is to be filled."""
    inside = range(corner, corner + side)
    pixels = [255 if row in inside and column in inside else 0 for row in range(SIDE) for column in range(SIDE)]
    box.write(name, png(pixels, 1, SIDE, SIDE))
    return [row in inside and column in inside for row in range(SIDE) for column in range(SIDE)]


def images_of(content):
    """uint8 (N, H, W, C) of arr_0, as a list of lists of numbers."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        raw = archive.read("arr_0.npy")
    length = struct.unpack("<H", raw[8:10])[0]
    data = raw[10 + length:]
    size = SIDE * SIDE * 3
    return [list(data[i:i + size]) for i in range(0, len(data), size)]


def test_a_partition_is_built_once_and_told_in_training(box):
    build = ("partition", "build", "--dataset", "embedded", "--dataset-limit", "120", "--features", "judge", "--clusters", "5")
    made = box.run(*build, "--out", "p.safetensors", "--json").json()
    assert made["clusters"] == 5 and made["count"] == 120 and made["smallest"] >= 0 and made["largest"] < 120, made
    again = box.run(*build, "--out", "q.safetensors", "--json").json()
    assert again["sha256"] == made["sha256"], "one recipe, one file"
    train = ("train", "clustered-gan-10", *QUICK, "--features", "judge", "--partition", "p.safetensors")
    box.run(*train, "--out", "ten").fails(3, "expected 10 clusters", "got 5", "--clusters")
    record = box.run(*train, "--clusters", "5", "--out", "five", "--json").json()
    assert record["settings"]["clusters"] == 5 and record["settings"]["partition"]["clusters"] == 5, record["settings"]
    assert record["settings"]["partition"]["detector_digest"] == made["detector_digest"]
    assert 0 <= record["measures"]["own_cluster_share"] <= 1, record["measures"]
    assert record["measures"]["label_accuracy"] is None and "visible_error" not in record["measures"]
    assert record["candidate"]["needs_labels"] is False and record["candidate"]["clusters"] == 5, record["candidate"]
    box.run("sample", "five", "--class", "cluster-3", "--num", "4", "--npz", "x.npz").succeeds()
    box.run("sample", "five", "--class", "cluster-5", "--num", "4", "--npz", "x.npz").fails(2, "cluster-4")
    # Without the file the clusters are made and kept.
    box.run("train", "clustered-gan-10", *QUICK, "--features", "judge", "--clusters", "4", "--out", "own").succeeds()
    assert os.path.exists(box.path("own/partition.safetensors"))
    measured = box.run("evaluate", "--run", "five", "--num-samples", "40", "--metrics", "fid,label_accuracy", "--json").json()
    assert measured["fid"] > 0 and measured["label_accuracy"] is None, measured
    box.run("partition", "build", "--dataset", "embedded", "--dataset-limit", "20", "--clusters", "21", "--features", "pixels", "--out",
            "r.safetensors").fails(3, "2 to 20 clusters")


def test_hidden_parts_are_filled_and_what_is_seen_stays(box):
    record = box.run("train", "cgan-inpaint-random", *QUICK, "--out", "fill", "--json").json()
    assert record["measures"]["visible_error"] == 0 and record["measures"]["hidden_error"] > 0, record["measures"]
    assert record["measures"]["filling_diversity"] >= 0
    pixels = picture(3)
    box.write("photo.png", png(pixels, 3, SIDE, SIDE))
    hidden = hole(box, "hole.png")
    asked = ("sample", "fill", "--fill", "photo.png", "--mask", "hole.png", "--num", "5")
    box.run(*asked, "--npz", "x.npz", "--grid", "x.png").succeeds()
    made = images_of(box.read("x.npz"))
    assert len(made) == 5
    for image in made:
        assert all(image[i] == pixels[i] for i in range(len(pixels)) if not hidden[i // 3]), "what is seen was changed"
        assert any(image[i] != pixels[i] for i in range(len(pixels)) if hidden[i // 3]), "nothing was filled in"
    box.run("sample", "fill", "--fill", "photo.png", "--num", "2", "--npz", "y.npz").succeeds()
    box.run("sample", "fill", "--fill", "0,2", "--num", "6", "--npz", "y.npz").succeeds()
    assert len(images_of(box.read("y.npz"))) == 6
    box.run("sample", "fill", "--fill", "99999", "--num", "6", "--npz", "y.npz").fails(2, "numbers of 0 to")
    box.run("sample", "fill", "--mask", "hole.png", "--npz", "y.npz").fails(2, "--mask with --fill")
    box.write("grey.png", png([128] * (SIDE * SIDE), 1, SIDE, SIDE))
    box.run("sample", "fill", "--fill", "photo.png", "--mask", "grey.png", "--npz", "y.npz").fails(3, "white where")
    box.write("black.png", png([0] * (SIDE * SIDE), 1, SIDE, SIDE))
    box.run("sample", "fill", "--fill", "photo.png", "--mask", "black.png", "--npz", "y.npz").fails(3, "nothing white")
    box.run("sample", "fill", "--fill", "hole.txt", "--npz", "y.npz").fails(3)
    # One that fills nothing in says so.
    box.run("train", "dcgan", *QUICK, "--out", "plain").succeeds()
    box.run("sample", "plain", "--fill", "photo.png", "--npz", "y.npz").fails(2, "fills in hidden parts", "cgan-inpaint")
    # The exported module is told mask and visible part, and scores as the run does.
    box.run("export", "fill", "--torchscript", "g.pt").succeeds()
    wanted = ("--dataset", "embedded", "--num-samples", "30", "--metrics", "fid", "--json")
    assert abs(box.run("evaluate", "--generator", "g.pt", *wanted).json()["fid"] - box.run("evaluate", "--run", "fill", *wanted).json()["fid"]) < 0.5
    box.run("explain", "cgan-inpaint").succeeds().says("visible", "16x16 of 32x32")
    assert {"cgan-inpaint", "clustered-gan-100"} <= {row["name"] for row in box.run("list", "--json").json()}


def told_plan(dataset):
    return {"name": "told", "dataset": dataset, "seeds": [0],
            "points": ["ic-gan", "clustered-gan-10", "sngan-cnn/hinge/spectral-norm", "cgan-inpaint"],
            "train": {"steps": 2, "width": 0.05, "batch": 8, "ema_decay": 0.9},
            "evaluation": {"detector": "judge-cifar10", "num_samples": 40, "checkpoint_samples": 40}}


def test_one_plan_has_clusters_instances_and_neither(box):
    box.write("x.npz", npz_of([value for i in range(130) for value in picture(i)]))
    plan = told_plan("npz:x.npz")
    box.write("plan.json", json.dumps(plan).encode())
    box.run("sweep", "plan.json", "--out", "runs", "--device", "cpu", "--jobs", "1").succeeds()
    folders = [name for name in os.listdir(box.path("runs")) if os.path.exists(box.path("runs", name, "record.json"))]
    names = sorted(box.record("runs", name)["candidate"]["name"] for name in folders)
    assert names == sorted(plan["points"]), names
    answer = box.run("ask", "I have no labels but want control", "--results", "runs", "--evidence", "own", "--json").json()
    ranked = [row["candidate"] for row in answer["ranking"]]
    assert {"ic-gan", "clustered-gan-10"} <= set(ranked), answer
    assert "cgan-inpaint" not in ranked, ranked
    filled = box.run("ask", "fill in missing parts", "--results", "runs", "--evidence", "own", "--json").json()
    assert [row["candidate"] for row in filled["ranking"]] == ["cgan-inpaint"], filled


def test_a_sweep_skips_what_it_has_no_features_to_tell(box):
    plan = told_plan("embedded")
    plan["train"]["dataset_limit"] = 120
    box.write("plan.json", json.dumps(plan).encode())
    box.run("sweep", "plan.json", "--out", "runs", "--device", "cpu", "--jobs", "1").succeeds().says()
    names = {box.record("runs", name)["candidate"]["name"] for name in os.listdir(box.path("runs"))
             if os.path.exists(box.path("runs", name, "record.json"))}
    assert names == {"sngan-cnn/hinge/spectral-norm", "cgan-inpaint"}, names


def test_a_plan_leaves_out_the_classes_that_it_names(box):
    plan = {"name": "left", "dataset": "embedded", "points": ["dcgan"],
            "train": {"steps": 2, "width": 0.05, "batch": 8, "dataset_limit": 120, "without_classes": ["ring", "star"]},
            "evaluation": {"num_samples": 40, "checkpoint_samples": 40}}
    box.write("plan.json", json.dumps(plan).encode())
    box.run("sweep", "plan.json", "--out", "runs", "--device", "cpu").succeeds()
    record = box.record("runs", os.listdir(box.path("runs"))[0])
    assert record["dataset"]["count"] < 120, record["dataset"]
    assert record["measures"]["fid_unseen"] > 0, record["measures"]


def test_the_parzen_window_is_measured_where_it_is_asked_for(box):
    pixels = [value for i in range(24) for value in picture(i)]
    box.write("x.npz", npz_of(pixels))
    asked = ("evaluate", "--samples", "x.npz", "--dataset", "embedded", "--json", "--no-cache")
    without = box.run(*asked).json()
    assert "parzen_log_likelihood" not in without, without
    got = box.run(*asked, "--metrics", "parzen", "--metric-options", "parzen.validation=50").json()
    protocol = got["protocol"]["measures"]["parzen_log_likelihood"]
    assert isinstance(got["parzen_log_likelihood"], float) and got["parzen_standard_error"] > 0, got
    assert protocol["windows"] == 24 and protocol["dimensions"] == 3 * SIDE * SIDE and protocol["validated_on"] == 50, protocol
    box.run(*asked, "--metrics", "parzen", "--metric-options", "parzen.lowest=0").fails(2, "parzen.lowest")


def npz_of(pixels):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("arr_0.npy", npy(pixels, (len(pixels) // (SIDE * SIDE * 3), SIDE, SIDE, 3), "|u1"))
    return sink.getvalue()
