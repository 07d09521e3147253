#!/usr/bin/env python3
"""Holds the dependency rule between folders: who may include whom, and which libraries.

usage: check_layers.py [ROOT]       lists violations, exit status 1 where there are any
       check_layers.py --self-test  plants violations and fails unless each is found

A layer is a path prefix, the longest one wins. A quoted include is a path from the repository root
and names the layer itself or one in its row; a library header appears only where its library is listed.
"""

import os
import re

import tree

BASE = ["base/", "base/torch/"]
EVERYTHING = BASE + ["datasets/", "models/", "metrics/", "metrics/spec.", "harness/train/", "results/", "selection/"]
PLAIN = ["fmt", "nlohmann_json"]

# prefix: (layers it may include, libraries it may use)
LAYERS = {
    "base/": ([], PLAIN + ["spdlog", "openssl", "simdjson"]),
    "base/torch/": (["base/"], PLAIN + ["torch", "archive"]),
    "datasets/": (BASE, PLAIN + ["torch", "image codecs", "curl", "archive"]),
    "models/": (BASE, PLAIN + ["torch"]),
    "harness/train/": (BASE + ["datasets/", "models/"], PLAIN + ["torch"]),
    "harness/cuda/": (BASE + ["harness/train/"], PLAIN + ["torch"]),
    "metrics/": (BASE + ["datasets/", "metrics/spec."], PLAIN + ["torch"]),
    "metrics/spec.": (["base/"], PLAIN),
    "results/": (["base/", "metrics/spec."], PLAIN + ["boost", "image codecs"]),
    "selection/": (["base/", "results/", "metrics/spec."], PLAIN + ["boost", "eigen"]),
    "harness/cli/": (["base/", "results/", "selection/", "metrics/spec."], PLAIN + ["CLI11"]),
    "harness/run/": (EVERYTHING + ["harness/cli/", "benchmarks/"], PLAIN + ["torch", "CLI11"]),
    "benchmarks/": (EVERYTHING, PLAIN + ["torch", "benchmark"]),
    "tests/fuzz_answers/": (["base/", "results/", "selection/", "metrics/spec.", "tests/support/"], PLAIN),
    "tests/support/": (EVERYTHING, PLAIN + ["torch", "catch2"]),
    "tests/fuzz/": (BASE + ["datasets/", "tests/support/", "tests/datasets/"], PLAIN + ["torch"]),
}
TESTED = {"base": "base/", "base_torch": "base/torch/", "datasets": "datasets/", "models": "models/",
          "train": "harness/train/", "metrics": "metrics/", "results": "results/", "selection": "selection/",
          "run": "harness/run/"}
LAYERS["tests/accelerator/"] = (EVERYTHING + ["harness/run/", "tests/support/", "tests/train/"],
                                PLAIN + ["torch", "catch2"])
for _name, _layer in TESTED.items():
    LAYERS[f"tests/{_name}/"] = ([_layer, "tests/support/", "tests/fuzz/", "tests/fuzz_answers/", *LAYERS[_layer][0]],
                                 LAYERS[_layer][1] + ["catch2"])

# Made by CMake in the build folder.
GENERATED = {"generated/provenance_values.h": "base/"}

LIBRARIES = [
    ("torch", r"torch/|ATen/|c10/|caffe2/|cuda_runtime"), ("fmt", r"fmt/"), ("spdlog", r"spdlog/"),
    ("nlohmann_json", r"nlohmann/"), ("simdjson", r"simdjson\.h$"), ("openssl", r"openssl/"), ("curl", r"curl/"),
    ("archive", r"archive(_entry)?\.h$"), ("image codecs", r"png\.h$|jpeglib\.h$|jerror\.h$|turbojpeg\.h$|webp/"),
    ("CLI11", r"CLI/"), ("catch2", r"catch2/"), ("benchmark", r"benchmark/"), ("boost", r"boost/"), ("eigen", r"Eigen/"),
]
SYSTEM = re.compile(r"[a-z_0-9]+$|(sys|netinet|arpa|linux)/\w+\.h$|"
                    r"(unistd|fcntl|signal|dlfcn|poll|termios|pthread|sched|pwd|netdb|glob|dirent|malloc|omp)\.h$")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
SOURCE = (".h", ".cpp", ".inc", ".hpp", ".cc", ".cu")


def layer_of(path):
    prefixes = [prefix for prefix in LAYERS if path.startswith(prefix)]
    return max(prefixes, key=len, default=None)


def library_of(header):
    return next((name for name, pattern in LIBRARIES if re.match(pattern, header)), None)


def include_violation(layer, quote, header, files):
    """Why a file of `layer` may not include `header`; None where it may."""
    layers, libraries = LAYERS[layer]
    if quote == '"':
        target = GENERATED.get(header) or (layer_of(header) if header in files else None)
        if header not in files and header not in GENERATED:
            return "is no file of the project named from its root"
        if target is None:
            return "belongs to no layer"
        if target != layer and target not in layers:
            return f"is of layer {target}, layer {layer} may include {', '.join([layer, *layers])}"
        return None
    library = library_of(header)
    if library is None:
        return None if SYSTEM.match(header) else "is of a library that check_layers.py does not know: add it there"
    if library not in libraries:
        return f"is of {library}, layer {layer} may use {', '.join(libraries)}"
    return None


def check(root):
    files = [path for path in tree.own_files(root) if path.endswith(SOURCE)]
    known = set(files)
    found = []
    for path in files:
        layer = layer_of(path)
        if layer is None:
            found.append(f"{path}: belongs to no layer; the layers are {', '.join(sorted(LAYERS))}")
            continue
        text = tree.read(root, path)
        for match in INCLUDE.finditer(text):
            why = include_violation(layer, match[1], match[2], known)
            if why:
                line = text.count("\n", 0, match.start(2)) + 1
                found.append(f"{path}:{line}: {match[2]} {why}")
        if path.endswith((".h", ".hpp")):
            if "#pragma once" not in text:
                found.append(f"{path}: has no #pragma once")
            if re.search(r"^\s*using namespace", text, re.MULTILINE):
                found.append(f"{path}: has `using namespace` in a header")
    return found


def self_test():
    good = {"base/a.h": "#pragma once\n#include <fmt/format.h>\n#include <vector>\n",
            "metrics/spec.h": '#pragma once\n#include "base/a.h"\n',
            "metrics/fid.cpp": '#include "metrics/spec.h"\n#include <torch/torch.h>\n',
            "results/r.h": '#pragma once\n#include "metrics/spec.h"\n',
            "tests/results/r_test.cpp": '#include "results/r.h"\n#include <catch2/catch_test_macros.hpp>\n'}
    tree.expect(check, good)
    planted = [
        ("results/b.cpp", '#include "metrics/fid.h"\n', "is of layer metrics/", {"metrics/fid.h": "#pragma once\n"}),
        ("results/b.cpp", "#include <torch/torch.h>\n", "is of torch", {}),
        ("base/b.cpp", '#include "results/r.h"\n', "is of layer results/", {}),
        ("metrics/b.cpp", '#include "models/m.h"\n', "is of layer models/", {"models/m.h": "#pragma once\n"}),
        ("tests/results/b_test.cpp", "#include <torch/torch.h>\n", "is of torch", {}),
        ("results/b.cpp", '#include "../base/a.h"\n', "no file of the project", {}),
        ("base/b.cpp", '#include "a.h"\n', "no file of the project", {}),
        ("extra/b.cpp", "int x;\n", "belongs to no layer", {}),
        ("base/b.h", "#pragma once\nusing namespace std;\n", "using namespace", {}),
        ("base/b.h", "int f();\n", "no #pragma once", {}),
        ("models/b.cpp", "#include <CLI/CLI.hpp>\n", "is of CLI11", {}),
        ("results/b.cpp", "#include <Eigen/Dense>\n", "is of eigen", {}),
        ("base/b.cpp", "#include <left/pad.h>\n", "does not know", {}),
    ]
    for path, text, expected, more in planted:
        tree.expect(check, {**good, **more, path: text}, expected)


if __name__ == "__main__":
    tree.main(check, self_test)
