"""Data sets that are missing, damaged, or cannot be fetched."""

import http.server
import threading

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
