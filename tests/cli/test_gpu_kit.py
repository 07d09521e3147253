"""scripts/gpu-kit: the folder for a bare machine is small and lies anywhere, and what comes back is published as it was."""

import io
import json
import lzma
import os
import shutil
import tarfile

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(ROOT, "scripts", "gpu-kit")
CONTEXT = {"device": "cuda:0", "ganselect_version": "0.1.0", "ganselect_commit": "abc", "ganselect_libtorch": "2.11.0",
           "matrix_rate_dtype": "bfloat16", "matrix_rate_flops_per_second": "2e12"}
TIMING = {"name": "train/dcgan/manual_time", "updates/s": 12.5, "share_of_matrix_rate": 0.25, "flops_per_update": 4e10, "images/s": 800.0}
ROW = {"check": "step of dcgan", "right": True, "found": "one update"}
BAD = {"check": "step of wgan", "right": False, "found": "out of memory"}


def bring_back(box, call, steps):
    """CALL.tar.gz as the kit's `run` packs it, of {step: (status, output, errors)}."""
    os.makedirs(box.path("back"), exist_ok=True)
    with tarfile.open(box.path("back", f"{call}.tar.gz"), "w:gz") as tar:
        for step, (status, out, err) in steps.items():
            told = {"call": call, "step": step, "status": status, "seconds": 1.5, "limit_seconds": 40}
            for end, text in (("json", json.dumps(told)), ("out", out), ("err", err)):
                entry = tarfile.TarInfo(f"{call}/{step}.{end}")
                entry.size = len(text.encode())
                tar.addfile(entry, io.BytesIO(text.encode()))


def test_what_came_back_is_published_with_what_was_cut_off_or_failed(box):
    cut = json.dumps([ROW, BAD], indent=2)[:-2] + ",\n"  # the list's end is missing
    bring_back(box, "first", {
        "device": (0, "GPU 0: a card\n", ""),
        "matrix": (0, json.dumps({"context": CONTEXT, "benchmarks": []}), ""),
        "verify": (0, json.dumps([ROW]), ""),
        "capture-fp32": (124, cut, ""),
        "capture-bf16": (1, json.dumps([ROW]), "so\nganselect: [verify] 1 of 1 wrong\n"),
        "training": (0, json.dumps({"context": CONTEXT, "benchmarks": [TIMING]}), "")})
    outcome = box.run("--collect", box.path("back"), "--to", box.path("published"), program=SCRIPT)
    assert outcome.status == 0, outcome
    files = {name: json.loads(text) for name, text in box.files("published").items()}
    assert set(files) == {"benchmarks/gpu-kit.json", "benchmarks/gpu-captured.json"}, sorted(files)
    kit, captured = files["benchmarks/gpu-kit.json"], files["benchmarks/gpu-captured.json"]
    assert kit["gpu"] == ["GPU 0: a card"] and kit["matrix_rate"] == {"dtype": "bfloat16", "flops_per_second": 2e12}
    ended = {step["step"]: (step["ended"], step["said"]) for step in kit["steps"]}
    assert ended["capture-fp32"] == ("ran out of its 40 s", None), ended
    assert ended["capture-bf16"] == ("status 1", "ganselect: [verify] 1 of 1 wrong"), ended
    assert kit["verify"] == [ROW]
    assert [(row["candidate"], row["precision"], row["updates/s"]) for row in kit["training"]] == [("dcgan", "bf16", 12.5)]
    assert captured["checks"] == {"fp32": [ROW, BAD], "bf16": [ROW]}
    assert captured["text"].startswith("2 of 3 checks") and captured["text"].endswith("fp32 cut off"), captured["text"]


def test_nothing_that_came_back_is_an_error(box):
    os.makedirs(box.path("empty"))
    assert box.run("--collect", box.path("empty"), "--to", box.path("published"), program=SCRIPT).status == 1
    assert not os.path.exists(box.path("published"))


def test_the_kit_is_small_and_finds_its_libraries_wherever_it_lies(box):
    build = os.path.dirname(os.path.abspath(box.program))
    if shutil.which("patchelf") is None or not os.path.exists(os.path.join(build, "ganselect_cuda.so")):
        pytest.skip("patchelf or the module of CUDA is not there")
    files = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    for i, name in enumerate(files):
        box.write(f"data/{name}", bytes([i]) * 1000)
    outcome = box.run("--build", build, "--out", box.path("kit"), "--data", box.path("data"), program=SCRIPT)
    assert outcome.status == 0, outcome
    with open(os.path.join(build, "generated", "provenance_values.h"), encoding="utf-8") as file:
        assert ("not committed" in outcome.err) == ("DIRTY true" in file.read()), outcome.err
    packed = {name.removesuffix(".xz"): lzma.open(box.path(f"kit-data{part}", name)).read()
              for part in (1, 2, 3) for name in os.listdir(box.path(f"kit-data{part}"))}
    assert packed == {name: bytes([i]) * 1000 for i, name in enumerate(files)}, packed.keys()
    outcome.says("kit/run --out OUT first")
    size = sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(box.path("kit")) for name in names)
    assert size < 30e6, size
    os.rename(box.path("kit"), box.path("elsewhere"))
    refused = box.run("nonsense", program=box.path("elsewhere", "run"))
    assert refused.status == 2 and "first" in refused.err, refused
    with tarfile.open(box.path("elsewhere", "programs.tar.gz")) as tar:
        tar.extractall(box.path("elsewhere"))
    alone = box.run("list", program=box.path("elsewhere", "bin", "ganselect"))  # needs nothing more but torch
    assert "libtorch_cpu.so: cannot open shared object file" in alone.err, alone
