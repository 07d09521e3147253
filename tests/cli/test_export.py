"""Trained generators that leave the program: TorchScript in Python, latents of one's own, paths between latents."""

import io
import math
import os
import re
import shutil
import struct
import subprocess
import zipfile

import pytest
from sandbox import npy, python_with

TINY = ("--seed", "3", "--batch", "8", "--steps", "6", "--num-samples", "64", "--width", "0.05", "--metrics", "fid,prdc,modes,label_accuracy")
RING = ("train", "dcgan", "--dataset", "ring", *TINY)
EMBEDDED = ("--dataset", "embedded", "--dataset-limit", "200")

IN_PYTHON = """
import sys, torch
module = torch.jit.load(sys.argv[1])
latents = torch.frombuffer(bytearray(open(sys.argv[2], "rb").read()), dtype=torch.float32).view(-1, module.latent_dim)
told = []
kind, number = sys.argv[4], torch.full((len(latents),), int(sys.argv[5]))
if hasattr(module, "num_classes"):
    assert len(module.class_names) == module.num_classes
    told.append(module.condition_labels[number] if kind == "instance" else number)
if hasattr(module, "condition_instances"):
    assert kind == "instance"
    told.append(module.condition_instances[number])
with torch.no_grad():
    images = torch.cat([module(latents[:3], *[t[:3] for t in told]), module(latents[3:], *[t[3:] for t in told])])
open(sys.argv[3], "wb").write(bytes(images.contiguous().view(-1).view(torch.uint8).tolist()))
print(list(images.shape), float(images.abs().max()))
"""


IN_ONNX = """
import json, sys, numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
about = session.get_modelmeta().custom_metadata_map
latents = numpy.fromfile(sys.argv[2], numpy.float32).reshape(-1, int(about["latent_dim"]))
told = {"labels": lambda n: numpy.full(n, int(sys.argv[4]), numpy.int64)}
assert ("num_classes" in about) == (len(session.get_inputs()) == 2)
if "num_classes" in about:
    assert len(json.loads(about["class_names"])) == int(about["num_classes"])
def run(z):
    given = {i.name: z if i.name == "z" else told[i.name](len(z)) for i in session.get_inputs()}
    return session.run(None, given)[0]
images = numpy.concatenate([run(latents[:1]), run(latents[1:])])
open(sys.argv[3], "wb").write(images.tobytes())
print(session.get_outputs()[0].name, images.dtype)
"""


def onnx_python():
    return python_with("onnxruntime", "GANSELECT_ONNX_PYTHON", "scripts/setup --onnx")


def run_in_onnx(box, values, number=0):
    """(what it calls its output, its bytes) of the latents."""
    box.write("z.bin", struct.pack(f"<{len(values)}f", *values))
    done = subprocess.run([onnx_python(), "-c", IN_ONNX, box.path("g.onnx"), box.path("z.bin"), box.path("out.bin"), str(number)],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split(), box.read("out.bin")


def torch_python():
    return python_with("torch", "GANSELECT_TORCH_PYTHON", "scripts/setup --cuda")


def array_of(npz, name="arr_0"):
    """(shape, bytes) of a member of an .npz."""
    content = zipfile.ZipFile(io.BytesIO(npz)).read(name + ".npy")
    (length,) = struct.unpack("<H", content[8:10])
    shape = eval(content[10:10 + length])["shape"]
    return shape, content[10 + length:]


def latents(n, z):
    """Not random, so that no library is needed: uneven, about as large as Gaussian ones."""
    return [((i * 7919 + 13) % 1009) / 1009 * 4 - 2 for i in range(n * z)]


def run_in_python(box, values, kind="class", number=0):
    box.write("z.bin", struct.pack(f"<{len(values)}f", *values))
    done = subprocess.run([torch_python(), "-c", IN_PYTHON, box.path("g.pt"), box.path("z.bin"), box.path("out.bin"), kind, str(number)],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return box.read("out.bin")


def floats(content):
    return struct.unpack(f"<{len(content) // 4}f", content)


def test_python_gives_the_same_points_from_the_same_latents(box):
    torch_python()
    box.run(*RING, "--out", "run").succeeds()
    box.run("export", "run", "--torchscript", "g.pt").succeeds()
    z = 64  # of the perceptron for points
    values = latents(10, z)
    box.write("z.npy", npy(values, (10, z), "<f4"))
    box.run("sample", "run", "--latents", "z.npy", "--npz", "ours.npz").succeeds()
    shape, ours = array_of(box.read("ours.npz"))
    assert shape == (10, 2), shape
    apart = [abs(a - b) for a, b in zip(floats(ours), floats(run_in_python(box, values)))]
    assert len(apart) == 20 and max(apart) <= 1e-5, max(apart)


def exported(box, point, more=()):
    """Trains and exports; gives the number of latents."""
    box.run("train", point, *EMBEDDED, *TINY, *more, "--out", "run").succeeds()
    said = box.run("export", "run", "--torchscript", "g.pt").succeeds().err
    return int(re.search(r"z \(N, (\d+)\)", said).group(1))


def same_images(box, z, kind, numbers):
    """Of each of two classes or instances the program's images and Python's, from the same latents; the two are told apart."""
    values = latents(6, z)
    box.write("z.npy", npy(values, (6, z), "<f4"))
    levels = []
    for number in numbers:
        flag = "--class" if kind == "class" else "--instances"
        box.run("sample", "run", "--latents", "z.npy", flag, number, "--npz", "ours.npz").succeeds()
        shape, ours = array_of(box.read("ours.npz"))
        assert shape == (6, 32, 32, 3), shape
        theirs = floats(run_in_python(box, values, kind, number))  # N, C, H, W
        levels.append([min(255, max(0, math.floor(127.5 * theirs[((n * 3 + c) * 32 + y) * 32 + x] + 128)))
                       for n in range(6) for y in range(32) for x in range(32) for c in range(3)])
        apart = [abs(a - b) for a, b in zip(levels[-1], ours)]
        # What differs by 1e-5 falls to the other side of a level's edge once in 800.
        assert len(apart) == len(ours) and max(apart) <= 1 and sum(apart) <= len(apart) / 400, (max(apart), sum(apart))
    assert levels[0] != levels[1]


def test_python_gives_the_same_images_of_a_class(box):
    torch_python()
    same_images(box, exported(box, "projection-cgan"), "class", (1, 7))


def test_python_gives_the_same_images_of_an_instance(box):
    torch_python()
    for point in ("ic-gan", "ic-cgan"):
        z = exported(box, point, ("--features", "judge"))
        same_images(box, z, "instance", (2, 150))
        shutil.rmtree(box.path("run"))


# One for each way of making images, told and not.
@pytest.mark.parametrize("point", ["dcgan", "sngan", "wgan-gp", "fcgan", "conv-gan", "sngan-resnet", "cgan", "projection-cgan"])
def test_an_onnx_runtime_gives_the_samples(box, point):
    onnx_python()
    box.run("train", point, *EMBEDDED, *TINY, "--out", "run").succeeds()
    said = box.run("export", "run", "--onnx", "g.onnx", "--levels").succeeds().err
    z, told = int(re.search(r"z \(N, (\d+)\)", said).group(1)), "labels" in said
    values = latents(6, z)
    box.write("z.npy", npy(values, (6, z), "<f4"))
    box.run("sample", "run", "--latents", "z.npy", *(["--class", 3] if told else []), "--npz", "ours.npz").succeeds()
    shape, ours = array_of(box.read("ours.npz"))
    (name, kind), content = run_in_onnx(box, values, 3)
    assert (name, kind, shape) == ("images", "uint8", (6, 32, 32, 3)), (name, kind, shape)
    theirs = [content[((n * 3 + c) * 32 + y) * 32 + x] for n in range(6) for y in range(32) for x in range(32) for c in range(3)]
    apart = [abs(a - b) for a, b in zip(theirs, ours)]
    assert len(apart) == len(ours) and max(apart) <= 1 and sum(apart) <= len(apart) / 400, (max(apart), sum(apart))


def test_an_onnx_runtime_gives_the_points(box):
    onnx_python()
    box.run(*RING, "--out", "run").succeeds()
    said = box.run("export", "run", "--onnx", "g.onnx", "--torchscript", "g.pt").succeeds().err
    assert "TorchScript in g.pt, ONNX 13 in g.onnx" in said, said
    values = latents(10, 64)
    box.write("z.npy", npy(values, (10, 64), "<f4"))
    box.run("sample", "run", "--latents", "z.npy", "--npz", "ours.npz").succeeds()
    (name, _), content = run_in_onnx(box, values)
    apart = [abs(a - b) for a, b in zip(floats(array_of(box.read("ours.npz"))[1]), floats(content))]
    assert name == "points" and len(apart) == 20 and max(apart) <= 1e-5, max(apart)
    box.run("export", "run", "--onnx", "g.onnx", "--levels").fails(2, "image")
    box.run("export", "run", "--onnx", "g", "--torchscript", "g").fails(2, "two files")


def test_an_exported_generator_has_the_scores_of_its_run(box):
    for point, data in (("projection-cgan", EMBEDDED), ("dcgan", ("--dataset", "ring"))):
        name = "-".join((point, data[1]))
        box.run("train", point, *data, *TINY, "--out", name).succeeds()
        box.run("export", name, "--torchscript", name + ".pt", *(["--levels"] if data == EMBEDDED else [])).succeeds()
        common = ("--num-samples", 200, "--metrics", "fid,prdc,modes,label_accuracy", "--json")
        ours = box.run("evaluate", "--run", name, *common).json()
        theirs = box.run("evaluate", "--generator", name + ".pt", "--dataset", data[1], *common).json()
        values = {key: value for key, value in ours.items() if key not in ("protocol", "reason", "warnings")}
        assert values["fid"] is not None and {key: theirs[key] for key in values} == values, name


def test_an_export_that_cannot_be_is_one_clear_line(box):
    box.run("export", "missing", "--torchscript", "g.pt").fails(3, "missing")
    box.write("file", "no generator")
    box.run("export", "file", "--torchscript", "g.pt").fails(3, "file")
    box.run("export", "missing").fails(2, "--torchscript FILE")
    box.run(*RING, "--out", "points").succeeds()
    box.run("export", "points", "--torchscript", "g.pt", "--levels").fails(2, "one of points")
    assert not os.path.exists(box.path("g.pt"))


def test_latents_of_ones_own_truncation_and_paths(box):
    box.run(*RING, "--out", "run").succeeds()

    def points(*flags):
        box.run("sample", "run", "--seed", 5, *flags, "--npz", "s.npz").succeeds()
        shape, content = array_of(box.read("s.npz"))
        return [tuple(floats(content)[i:i + 2]) for i in range(0, 2 * shape[0], 2)]

    plain = points("--num", 12)
    assert points("--num", 12, "--truncation", 1e6) == plain or max(
        abs(a - b) for p, q in zip(plain, points("--num", 12, "--truncation", 8)) for a, b in zip(p, q)) < 1e-3
    centre = points("--num", 12, "--truncation", 1e-4)
    spread = lambda rows: max(max(row[i] for row in rows) - min(row[i] for row in rows) for i in (0, 1))
    assert spread(centre) < 0.01 * spread(plain), (spread(centre), spread(plain))
    path = points("--num", 12, "--interpolate", 6)
    assert len(path) == 12
    close = lambda p, q: max(abs(a - b) for a, b in zip(p, q)) < 1e-5
    assert close(path[0], plain[0]) and close(path[5], plain[1]) and close(path[6], plain[2]) and close(path[11], plain[3])
    assert not close(path[2], plain[0]) and not close(path[2], plain[1])


def test_another_number_of_samples_than_was_asked_for_is_told(box):
    box.run(*RING, "--out", "run").succeeds()
    box.run("train", "cgan", *EMBEDDED, *TINY, "--out", "told").succeeds()
    rounded = [("run", ("--num", 16, "--interpolate", 6), 12, "--num 16 cannot be met in 2 rows of one length: 12 samples, 6 a row"),
               ("told", ("--num", 24, "--class", "all"), 30, "--num 24 cannot be met in 10 rows of one length: 30 samples, 3 a row"),
               ("run", ("--num", 12, "--interpolate", 6), 12, ""), ("told", ("--num", 30, "--class", "all"), 30, ""),
               ("told", ("--num", 7, "--class", "1"), 7, "")]
    for run, flags, count, said in rounded:
        outcome = box.run("sample", run, *flags, "--npz", "s.npz").succeeds()
        assert array_of(box.read("s.npz"))[0][0] == count, (flags, outcome)
        assert said in outcome.err and ("cannot be met" in outcome.err) == bool(said), outcome


def test_no_result_is_written_over_a_trial_or_over_its_input(box):
    box.run(*RING, "--out", "run").succeeds()
    shape = (4, 64)
    box.write("z.npy", npy([0.25 * (i % 5) for i in range(4 * 64)], shape, "<f4"))
    for name in ("record.json", "settings.json", "curve.csv", "generator.safetensors", "checkpoint.safetensors"):
        before = box.read("run", name)
        box.run("export", "run", "--torchscript", f"run/{name}").fails(2, f"run/{name}", "a file of a trial")
        box.run("sample", "run", "--num", 4, "--npz", f"run/{name}").fails(2, "a file of a trial")
        assert box.read("run", name) == before
    before = box.read("z.npy")
    box.run("sample", "run", "--latents", "z.npy", "--npz", "z.npy").fails(2, "z.npy", "what is read from")
    assert box.read("z.npy") == before
    box.run("sample", "run", "--num", 4, "--npz", "s.npz").succeeds()
    box.run("sample", "run", "--num", 4, "--npz", "s.npz").succeeds()


def test_latents_that_do_not_fit_are_one_clear_line(box):
    box.run(*RING, "--out", "run").succeeds()
    box.write("narrow.npy", npy(latents(4, 3), (4, 3), "<f4"))
    box.write("whole.npy", npy([1] * 128, (2, 64), "<i4"))
    box.write("odd.npy", npy(latents(3, 64), (3, 64), "<f4"))
    box.write("nan.npy", npy([float("nan")] * 128, (2, 64), "<f4"))
    out = ("--npz", "s.npz")
    box.run("sample", "run", "--latents", "narrow.npy", *out).fails(3, "narrow.npy", "(N, 64)", "[4, 3]")
    box.run("sample", "run", "--latents", "whole.npy", *out).fails(3, "whole.npy", "Int")
    box.run("sample", "run", "--latents", "nan.npy", *out).fails(3, "nan.npy", "NaN")
    box.run("sample", "run", "--latents", "odd.npy", "--interpolate", 4, *out).fails(3, "odd.npy", "pairs", "3 rows")
    box.run("sample", "run", "--latents", "odd.npy", "--truncation", 1, *out).fails(2, "--truncation")
    box.run("sample", "run", "--latents", "odd.npy", "--num", 2, *out).fails(2, "--num")
    box.run("sample", "run", "--truncation", 0, *out).fails(2, "--truncation: expected a number above 0, got '0'")
    box.run("sample", "run", "--truncation", "inf", *out).fails(2, "--truncation: expected a number above 0, got 'inf'")
    box.run("sample", "run", "--interpolate", 1, *out).fails(2, "interpolate")
    box.run("sample", "run", "--interpolate", 4, "--class", "all", *out).fails(2, "--class all", "a path is of one class: name one")
