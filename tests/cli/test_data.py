"""Data sets that are missing, damaged, or cannot be fetched."""

import http.server
import json
import os
import threading

from sandbox import png

CIFAR_BATCH_BYTES = 10000 * 3073


def test_data_list_names_every_set(box):
    box.run("data", "list").succeeds().says("cifar10", "mnist", "stacked-mnist", "ring", "grid", "embedded", "folder", "npz")


def test_missing_data_says_how_to_get_it(box):
    box.run("train", "dcgan", "--dataset", "cifar10", "--steps", "1", "--out", "run").fails(3, "data fetch cifar10")
    box.run("data", "verify", "cifar10").fails(3, "data fetch cifar10", printing=True)


def test_a_truncated_batch_file_is_refused_by_name(box):
    box.write("data/cifar-10-batches-bin/data_batch_1.bin", bytes(CIFAR_BATCH_BYTES - 1))
    box.run("train", "dcgan", "--dataset", "cifar10", "--data-dir", "data", "--steps", "1", "--out", "run").fails(
        3, "data_batch_1.bin", str(CIFAR_BATCH_BYTES), str(CIFAR_BATCH_BYTES - 1))


def test_a_changed_batch_file_is_refused_by_digest(box):
    box.write("data/cifar-10-batches-bin/data_batch_1.bin", bytes(CIFAR_BATCH_BYTES))
    box.run("train", "dcgan", "--dataset", "cifar10", "--data-dir", "data", "--steps", "1", "--out", "run").fails(
        3, "data_batch_1.bin", "5dd7e06a14cb22eb9f671a540d1b7c25")


def test_generated_sets_verify_without_files(box):
    box.run("data", "verify", "embedded").succeeds()


def test_an_empty_image_folder_is_refused(box):
    box.write("photos/readme.txt", "no image here")
    box.run("train", "dcgan", "--dataset", "folder:photos", "--steps", "1", "--out", "run").fails(3, "photos")
    box.run("train", "dcgan", "--dataset", "folder:missing", "--steps", "1", "--out", "run").fails(3, "missing")


def flat_png(size, level):
    return png(level * (size[0] * size[1]), len(level), *size)


def test_photos_of_unequal_sizes_are_described_loaded_and_trained_on(box):
    for i in range(30):
        kind = [(i, 2, 3), (9 * (i % 20),), (5, i, 7, 100)][i % 3]
        box.write(f"photos/{'cats' if i < 12 else 'dogs'}/{i}.png", flat_png((40 + 10 * (i % 4), 48), kind))
    box.write("photos/dogs/notes.txt", "no image")
    as_it_is = json.loads(box.run("data", "describe", "photos", "--json").fails(3, "loads as it is", printing=True).out)
    assert "expected an image of" in as_it_is["problem"] and as_it_is["loads"] == {}
    assert [as_it_is["files"][key] for key in ("images", "grey", "alpha")] == [30, 10, 10]
    assert as_it_is["files"]["skipped"].endswith("(1 .txt)")
    text = box.run("data", "describe", "photos", "--image-size", "32", "--grid", "look.png").succeeds().out
    for part in ("folder:photos@image_size=32", "40x48 (8)", "30 samples of 3x32x32", "cats (12), dogs (18)", "transparent_input"):
        assert part in text, text
    assert all(len(line) <= 80 for line in text.splitlines()), text
    assert box.read("look.png").startswith(b"\x89PNG")
    record = box.run("train", "dcgan", "--dataset", "photos", "--image-size", "32", "--fit", "pad", "--steps", "2", "--width", "0.05",
                     "--num-samples", "20", "--batch", "8", "--detector", "judge-cifar10", "--device", "cpu", "--out", "run", "--json").json()
    assert record["dataset"]["name"] == "folder:photos@image_size=32,fit=pad"
    assert record["measures"]["modes"] is None, "CIFAR-10's classes are not those of photos"
    again = box.run("evaluate", "--run", "run", "--num-samples", "20", "--detector", "judge-cifar10", "--device", "cpu", "--json").json()
    assert again["fid"] == record["measures"]["fid"]


def test_a_damaged_image_is_named_in_training_in_evaluation_and_in_a_description(box):
    for split in ("train", "test"):
        for i in range(6):
            box.write(f"cut/{split}/{i}.png", flat_png((32, 32), (9 * i, 1, 2)))
    box.write("cut/test/3.png", flat_png((32, 32), (1, 2, 3))[:60])
    train = ("train", "dcgan", "--dataset", "cut", "--steps", "1", "--width", "0.05", "--num-samples", "4", "--batch", "4",
             "--device", "cpu", "--out", "run")
    box.run(*train).fails(3, "cut/test/3.png", "a whole PNG image")
    assert not os.path.exists(box.path("run", "settings.json"))
    box.run("data", "describe", "cut").fails(3, "1 damaged files", printing=True).says("damaged", "3.png")


def test_generated_sets_need_no_home(box):
    del box.environment["HOME"], box.environment["XDG_CACHE_HOME"]
    box.run("data", "list").succeeds().says("no data folder", "GANSELECT_DATA")
    box.run("train", "dcgan", "--dataset", "embedded", "--steps", "1", "--width", "0.05", "--num-samples", "4", "--batch", "4",
            "--device", "cpu", "--out", "run").succeeds()
    box.run("train", "dcgan", "--dataset", "cifar10", "--steps", "1", "--out", "other").fails(2, "GANSELECT_DATA")


class _WrongFile(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"not the archive"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_download_of_another_content_is_refused_and_not_kept(box):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _WrongFile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    mirror = f"http://127.0.0.1:{server.server_address[1]}/"
    box.run("data", "fetch", "cifar10", "--data-dir", "data", "--mirror", mirror).fails(3, "cifar-10-binary.tar.gz")
    server.shutdown()
    box.run("data", "verify", "cifar10", "--data-dir", "data").fails(3, "6 of 6", printing=True)


def test_a_mirror_that_does_not_answer_is_named(box):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _WrongFile) as closed:
        mirror = f"http://127.0.0.1:{closed.server_address[1]}/"
    box.run("data", "fetch", "cifar10", "--data-dir", "data", "--mirror", mirror).fails(1, "127.0.0.1")
