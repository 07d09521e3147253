"""Samples of other programs: good ones from every kind of file, and input that cannot be meant."""

import io
import os
import pickle
import struct
import zipfile

from sandbox import Skip, npy, png

SIDE = 32


def picture(seed, channels=3, side=SIDE):
    """Pixels that differ between seeds, smooth enough to be told apart from noise."""
    count = side * side * channels
    return [(seed * 37 + (i // channels % side) * (seed % 5 + 1) * 3 + i // (channels * side) * 5 + i % channels * 40) % 256
            for i in range(count)]


def npz(arrays):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in arrays.items():
            archive.writestr(name + ".npy", content)
    return sink.getvalue()


def write_folder(box, name, count=24):
    for i in range(count):
        box.write(f"{name}/{i:04}.png", png(picture(i), 3, SIDE, SIDE))


def evaluate(box, samples, *more, **options):
    return box.run("evaluate", "--samples", samples, "--dataset", "embedded", *more, **options)


def test_folder_npz_and_npy_of_one_set_give_the_same_values(box):
    write_folder(box, "png")
    pixels = [value for i in range(24) for value in picture(i)]
    box.write("x.npz", npz({"arr_0": npy(pixels, (24, SIDE, SIDE, 3), "|u1")}))
    box.write("x.npy", npy(pixels, (24, SIDE, SIDE, 3), "|u1"))
    got = [evaluate(box, name, "--json").json() for name in ("png", "x.npz", "x.npy")]
    for other in got[1:]:
        for name, value in got[0].items():
            if name not in ("protocol", "warnings"):
                assert other[name] == value, f"{name}: {value} and {other[name]}"
    assert got[0]["fid"] > 0 and got[0]["protocol"]["n_fake"] == 24, got[0]["protocol"]
    assert got[0]["protocol"]["samples_digest"] == got[2]["protocol"]["samples_digest"], "one set, one digest"
    assert len(got[0]["protocol"]["detector_digest"]) == 64
    assert any(one["code"] == "fewer_samples_than_dimensions" for one in got[0]["warnings"]), got[0]["warnings"]


def test_a_table_for_people_names_detector_reference_and_what_could_not_be_had(box):
    write_folder(box, "png")
    short = evaluate(box, "png").succeeds()
    short.says("fid[judge-embedded]", "more with --full or --json")
    assert "kid_mean" not in short.out and "ndb" not in short.out, short.out
    outcome = evaluate(box, "png", "--intervals", "20", "--metrics", "fid,kid,ndb").succeeds()
    outcome.says("detector   judge-embedded, sha256 ", "reference  24 of embedded", "fid[judge-embedded]", "interval", " to ",
                 "half-sample bootstrap of 20 draws", "Not computed:", "ndb: needs at least 1000 samples of each", "warning: ")


def test_statistics_give_fid_and_a_list_of_what_they_cannot(box):
    n = 96  # the embedded judge's features
    size = len(evaluate_features(box))
    box.write("stats.npz", npz({"mu": npy([0.5] * size, (size,)), "sigma": npy([float(i % (size + 1) == 0) for i in range(size * size)], (size, size))}))
    got = evaluate(box, "stats.npz", "--num-samples", n, "--json").json()
    assert got["fid"] > 0 and got["kid_exact"] is None and got["protocol"]["n_fake"] is None, got
    assert "a mean and a covariance serve FID only" in got["reason"]["precision"], got["reason"]
    assert [one["code"] for one in got["warnings"] if one["code"] == "detector_claimed"], got["warnings"]


def evaluate_features(box):
    """A list as long as the detector's features."""
    write_folder(box, "few", 6)
    return range(evaluate(box, "few", "--json").json()["protocol"]["dimensions"])


def test_reference_features_are_kept_in_the_cache_folder_unless_told_not_to(box):
    write_folder(box, "png")
    folder = os.path.join("cache", "ganselect", "references")
    first = evaluate(box, "png", "--no-cache", "--json").json()
    assert not box.files(folder), "--no-cache keeps nothing"
    second = evaluate(box, "png", "--json").json()
    kept = sorted(box.files(folder))
    assert kept and all(name.endswith(".safetensors") for name in kept), kept
    third = evaluate(box, "png", "--json").json()
    assert sorted(box.files(folder)) == kept and first == second == third
    evaluate(box, "png", "--cache", "elsewhere").succeeds()
    assert sorted(box.files("elsewhere")) == kept


class _Trap:
    """Unpickled, it would leave a file behind."""

    def __reduce__(self):
        return (os.system, ("touch pickle-was-executed",))


def test_bad_samples_have_one_clear_error_each(box):
    write_folder(box, "good", 3)
    good = box.files("good")

    def folder_with(name, content, folder):
        for one, body in good.items():
            box.write(f"{folder}/{one}", body)
        box.write(f"{folder}/{name}", content)
        return folder

    whole = good["0001.png"]
    flat = [0.25 * (i % 9) - 1 for i in range(2 * SIDE * SIDE * 3)]
    pickled = pickle.dumps([_Trap()])
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    objects = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + pickled
    cases = [
        (folder_with("0009.png", whole[:len(whole) // 2], "corrupt"), "0009.png] expected a whole PNG image"),
        (folder_with("0009.png", png(picture(9, 3, 16), 3, 16, 16), "mixed"),
         "0009.png] expected an image of 32x32 as the first one, 0000.png, got 16x16"),
        (box.write("nan.npy", npy([float("nan")] + [0.5] * 199, (2, 100), "<f4")), "nan.npy] expected finite values"),
        (box.write("range.npy", npy([255 * value for value in flat], (2, SIDE, SIDE, 3), "<f4")),
         "range.npy] expected images whose values fill [-1,1], [0,1] or 0 to 255, got values from -255 to 255"),
        (box.write("slip.npy", npy([abs(value) - 0.05 for value in flat], (2, SIDE, SIDE, 3), "<f4")), "which fit none closely; --values says"),
        (box.write("huge.npz", npz({"arr_0": npy([0] * (2 * SIDE * SIDE * 3), (2, SIDE, SIDE, 3), "|u1"), "arr_1": npy([0, 4_000_000_000], (2,), "<i8")})),
         "arr_1] expected labels below 100000, got 4000000000"),
        (os.path.dirname(box.write("empty/notes.txt", "none")), "empty] expected images: PNG, JPEG, WebP, TIFF or BMP files, got none (left out 1"),
        (box.write("objects.npz", npz({"arr_0": objects})), "arr_0] expected an array of bool, integers or float16 to float64, got dtype '|O'; pickled"),
        (box.write("cut.npz", npz({"arr_0": npy([0] * (3 * SIDE * SIDE * 3), (3, SIDE, SIDE, 3), "|u1")})[:2000]), "cut.npz"),
        (box.write("x.txt", "text"), "expected a folder of pictures, an .npz or an .npy file"),
    ]
    for path, fragment in cases:
        outcome = evaluate(box, path).fails(3, fragment)
        assert len([line for line in outcome.err.splitlines() if line.startswith("ganselect: [")]) == 1, f"one error line of {outcome}"
    assert not os.path.exists(box.path("pickle-was-executed")), "a pickled object was executed"
    box.write("text.pt", "no module")
    evaluate(box, "good", "--detector", box.path("text.pt")).fails(3, "text.pt] expected a TorchScript module")
    box.run("evaluate", "--generator", box.path("text.pt"), "--dataset", "embedded").fails(3, "text.pt] expected a TorchScript module")
    evaluate(box, "good", "--detector", "inceptoin").fails(2, "judge-cifar10")


def test_a_grey_image_among_colors_is_read_alike_in_training_and_in_evaluation(box):
    write_folder(box, "some", 12)
    box.write("some/0003.png", png(picture(3, 1), 1, SIDE, SIDE))
    got = evaluate(box, "some", "--num-samples", "12", "--json").json()
    assert any(warning["code"] == "grey_among_color" for warning in got["warnings"]), got["warnings"]
    record = box.run("train", "dcgan", "--dataset", "some", "--steps", "1", "--width", "0.05", "--batch", "4", "--num-samples", "4",
                     "--detector", "judge-cifar10", "--device", "cpu", "--out", "run", "--json").json()
    assert any(warning["code"] == "grey_among_color" for warning in record["warnings"]), record["warnings"]


def test_names_that_are_no_utf8_are_escaped_and_lose_nothing(box):
    for kind in (b"caf\xe9", b"th\xe9"):
        os.makedirs(os.path.join(os.fsencode(box.folder), b"latin", kind))
        for i in range(8):
            with open(os.path.join(os.fsencode(box.folder), b"latin", kind, b"%d.png" % i), "wb") as file:
                file.write(png(picture(i), 3, SIDE, SIDE))
    box.run("train", "cgan", "--dataset", "latin", "--steps", "1", "--width", "0.05", "--batch", "4", "--num-samples", "4",
            "--detector", "judge-cifar10", "--device", "cpu", "--out", "run").succeeds()
    assert "\\xE9" in box.read("run/generator.safetensors").decode("latin-1")
    name = os.fsdecode(b"r\xe9el.npy")
    with open(os.path.join(box.folder, name), "wb") as file:
        file.write(npy([float(i * i % 17) for i in range(400)], (50, 8)))
    assert box.run("metrics", "--real", name, "--fake", name, "--json").json()["fid"] < 1e-6


def test_any_number_of_classes_trains_and_is_measured_where_a_detector_can(box):
    for kind in range(12):
        for i in range(4):
            box.write(f"twelve/{kind}/{i}.png", png(picture(4 * kind + i), 3, SIDE, SIDE))
    record = box.run("train", "cgan", "--dataset", "twelve", "--steps", "1", "--width", "0.05", "--batch", "4", "--num-samples", "40",
                     "--detector", "judge-cifar10", "--device", "cpu", "--out", "run", "--json").json()
    assert record["measures"]["fid"] > 0 and record["measures"]["modes"] is None, record["measures"]
    assert "other classes" in record["reason"]["mode_kl"], record["reason"]
    box.run("sample", "run", "--num", "24", "--class", "all", "--png-dir", "png").succeeds()
    assert sorted(os.listdir(box.path("png")), key=int) == [str(kind) for kind in range(12)]


def test_transfer_looks_at_images_of_another_set(box):
    pixels = [value for i in range(24) for value in picture(i)]
    box.write("other.npz", npz({"arr_0": npy(pixels, (24, SIDE, SIDE, 3), "|u1")}))
    box.write("grey.npz", npz({"arr_0": npy(pixels[:24 * SIDE * SIDE], (24, SIDE, SIDE, 1), "|u1")}))
    box.run("train", "ic-gan", "--dataset", "embedded", "--dataset-limit", "120", "--width", "0.05", "--batch", "8", "--steps", "2",
            "--num-samples", "40", "--features", "judge", "--device", "cpu", "--out", "ic").succeeds()
    seen = ("evaluate", "--run", "ic", "--num-samples", "40", "--metrics", "transfer", "--json")
    alone = box.run(*seen).json()
    assert alone["fid_unseen"] is None and "left out" in alone["reason"]["fid_unseen"], alone
    swapped = box.run(*seen, "--transfer", "npz:other.npz").json()
    assert swapped["fid_unseen"] > 0 and swapped["fid_unseen_unswapped"] > 0, swapped
    assert swapped["fid_unseen"] != swapped["fid_unseen_unswapped"], "the instances were not swapped"
    assert swapped["protocol"]["unseen"]["data"] != "embedded", swapped["protocol"]
    # Samples that nobody can condition are compared as they come.
    given = evaluate(box, "other.npz", "--metrics", "transfer", "--transfer", "npz:other.npz", "--json").json()
    assert abs(given["fid_unseen"]) < 1e-6 and given["fid_unseen_unswapped"] is None, given
    box.run(*seen, "--transfer", "npz:grey.npz").fails(2, "--transfer", "3x32x32", "1x32x32")


def test_imagenet_features_are_a_detector_like_any_other(box):
    write_folder(box, "png")
    without = evaluate(box, "png", "--detector", "efficientnet-lite0", environment={"GANSELECT_WEIGHTS": box.folder})
    without.fails(3, "[efficientnet-lite0] expected its weights in", "no such file", "scripts/setup fetches them")
    evaluate(box, "png", "--detector", "efficientnet-lite0@65").fails(2, "a multiple of 32", "got 65")
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "third_party", "efficientnet-lite0")
    if not os.path.exists(os.path.join(here, "efficientnet-lite0.safetensors")):
        raise Skip("no weights of efficientnet-lite0: scripts/setup fetches them")
    seen = [evaluate(box, "png", "--metrics", "fid,modes,inception_score", "--detector", name, "--json").json()
            for name in ("efficientnet-lite0", "efficientnet-lite0@32")]
    for got, name in zip(seen, ("efficientnet-lite0", "efficientnet-lite0@32")):
        assert got["protocol"]["detector"] == name and len(got["protocol"]["detector_digest"]) == 64, got["protocol"]
        assert got["protocol"]["dimensions"] == 1280 and got["fid"] > 0 and got["inception_score_1split"] > 1, got
        assert got["modes"] is None and "other classes apart" in got["reason"]["modes"], got
    assert seen[0]["fid"] != seen[1]["fid"] and "resized to 64x64" in seen[0]["protocol"]["preprocessing"], seen[0]["protocol"]
    box.run("neighbors", "build", "--dataset", "embedded", "--dataset-limit", "40", "--k", "3", "--features", "efficientnet-lite0@32",
            "--out", "n.safetensors").succeeds()


def test_samples_of_another_program_stand_in_rankings_beside_trials(box):
    measured = ("--num-samples", "64", "--checkpoint-samples", "64", "--no-cache", "--device", "cpu")
    for point in ("dcgan", "lsgan"):
        box.run("train", point, "--dataset", "embedded", "--steps", "4", "--width", "0.0625", "--out", f"runs/{point}", *measured).succeeds()
    write_folder(box, "theirs", 64)
    record = ("--record", "runs/theirs", "--as", "stylegan2")
    evaluate(box, "theirs", "--num-samples", "64", "--no-cache", *record, "--beside", "runs/dcgan").succeeds()
    kept = box.record("runs", "theirs")
    assert kept["candidate"]["name"] == "stylegan2" and kept["candidate"]["architecture"] == "other", kept["candidate"]
    assert kept["budget"]["steps"] == 4 and kept["measures"]["fid"] > 0
    assert kept["measures"]["train_seconds"] is None and "another program" in kept["reason"]["train_seconds"]
    answer = box.run("ask", "high quality", "--results", "runs", "--evidence", "own", "--json").json()
    placed = {one["candidate"] for part in ("ranking", "excluded", "not_measured") for one in answer[part]}
    assert placed == {"dcgan", "lsgan", "stylegan2"}, answer["warnings"]
    box.run("report", "--results", "runs", "--out", "report.html").succeeds()
    assert b"stylegan2" in box.read("report.html")
    # Without company its budget is not known: it is no one's rival.
    evaluate(box, "theirs", "--num-samples", "64", "--no-cache", *record).succeeds()
    assert box.record("runs", "theirs")["budget"]["steps"] == 0
    evaluate(box, "theirs", "--record", "x", "--no-cache").fails(2, "--record without --as")
    evaluate(box, "theirs", "--as", "dcgan", "--record", "x", "--num-samples", "64", "--no-cache").fails(2, "'dcgan'")
    evaluate(box, "theirs", "--as", "x").fails(2, "without --record")
