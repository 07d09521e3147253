#!/usr/bin/env python3
"""Holds the dependency rule between folders: who may include whom, and which libraries.

usage: check_layers.py [ROOT]       lists violations, exit status 1 where there are any
       check_layers.py --self-test  plants violations and fails unless each is found

A layer, or a room of one, is a path prefix; the longest one wins. A quoted include is a path from the repository root
and names the room itself or one in its row, `x/*` being the layer x with all its rooms; a library header appears only
where its library is listed. Rows only name what stands above them, so no arrow runs back up.
"""

import os
import re

import tree

BASE = ["base/", "base/torch/"]
FLOOR = BASE + ["datasets/*", "models/*", "metrics/*", "harness/train/*", "results/*"]
EVERYTHING = FLOOR + ["selection/*"]
PLAIN = ["fmt", "nlohmann_json"]
TORCH = PLAIN + ["torch"]
FILES = TORCH + ["image codecs", "archive"]
ANSWERS = PLAIN + ["boost"]

# prefix: (layers and rooms it may include, libraries it may use)
LAYERS = {
    "base/": ([], PLAIN + ["spdlog", "openssl", "simdjson"]),
    "base/torch/": (["base/"], TORCH + ["archive"]),
    "datasets/formats/": (BASE, FILES),
    "datasets/fetch/": (BASE, FILES + ["curl"]),
    "datasets/": (BASE + ["datasets/*"], FILES),
    "models/backbones/": (BASE, TORCH),
    "models/": (BASE + ["models/*"], TORCH),
    "harness/train/capture/": (BASE, TORCH),
    "harness/train/": (BASE + ["datasets/*", "models/*", "harness/train/*"], TORCH + ["boost"]),
    "harness/cuda/": (BASE + ["harness/train/*"], TORCH),
    "metrics/metrics.inc": ([], []),  # names and rows alone, for metrics/ and metrics/spec.
    "metrics/spec.": (["base/", "metrics/metrics.inc"], PLAIN),
    "metrics/numerics/": (BASE, TORCH),
    "metrics/detectors/": (BASE + ["datasets/*", "metrics/numerics/"], TORCH),
    "metrics/": (BASE + ["datasets/*", "metrics/*"], TORCH),
    "results/records/": (["base/", "metrics/spec."], ANSWERS + ["image codecs"]),
    "results/literature/": (["base/", "metrics/spec."], ANSWERS),
    "results/tables/": (["base/", "metrics/spec.", "results/records/"], ANSWERS),
    "results/report/": (["base/", "metrics/spec.", "results/records/", "results/tables/"], ANSWERS + ["image codecs"]),
    "selection/query/": (["base/", "results/*", "metrics/spec."], ANSWERS),
    "selection/criteria/": (["base/", "results/*", "metrics/spec.", "selection/query/"], ANSWERS),
    "selection/evidence/": (["base/", "results/*", "metrics/spec.", "selection/query/", "selection/criteria/"], ANSWERS + ["eigen"]),
    "selection/ranking/": (["base/", "results/*", "metrics/spec.", "selection/query/", "selection/criteria/",
                            "selection/evidence/"], ANSWERS),
    "selection/race/": (["base/", "results/*", "metrics/spec.", "selection/query/", "selection/criteria/",
                         "selection/evidence/"], ANSWERS + ["eigen"]),
    "selection/survey/": (["base/", "results/*", "metrics/spec.", "selection/query/", "selection/criteria/",
                           "selection/evidence/", "selection/ranking/"], ANSWERS),
    "selection/advice/": (["base/", "results/*", "metrics/spec.", "selection/*"], ANSWERS),
    "harness/cli/": (["base/", "results/*", "selection/*", "metrics/spec."], PLAIN + ["CLI11"]),
    "harness/tags/": (BASE + ["datasets/*", "models/*", "harness/train/*"], TORCH),
    "harness/evaluate/": (FLOOR, TORCH),
    "harness/sweep/": (EVERYTHING + ["harness/evaluate/"], TORCH),
    "harness/validate/": (FLOOR + ["harness/cli/"], TORCH),
    "harness/race/": (EVERYTHING + ["harness/evaluate/", "harness/sweep/", "harness/validate/"], TORCH),
    "harness/commands/": (EVERYTHING + ["harness/*", "benchmarks/"], TORCH + ["CLI11"]),
    "benchmarks/": (EVERYTHING, TORCH + ["benchmark"]),
    "tests/fuzz_answers/": (["base/", "results/*", "selection/*", "metrics/spec.", "tests/support/"], PLAIN),
    "tests/install/": (["base/", "results/*", "selection/*"], PLAIN),
    "tests/support/": (EVERYTHING, TORCH + ["catch2"]),
    "tests/fuzz/": (BASE + ["datasets/*", "tests/support/", "tests/datasets/*"], TORCH),
    "tests/base/": (["base/"], PLAIN),
    "tests/base_torch/": (BASE, TORCH),
    "tests/datasets/": (BASE + ["datasets/*"], TORCH),
    "tests/models/": (BASE + ["models/*"], TORCH),
    "tests/metrics/": (BASE + ["datasets/*", "metrics/*"], TORCH),
    "tests/results/": (["base/", "metrics/spec.", "results/*"], ANSWERS),
    "tests/selection/": (["base/", "metrics/spec.", "results/*", "selection/*"], ANSWERS + ["eigen"]),
    "tests/harness/train/": (BASE + ["datasets/*", "models/*", "harness/train/*"], TORCH),
    "tests/harness/": (EVERYTHING + ["harness/*"], TORCH),
    "tests/accelerator/": (EVERYTHING + ["harness/*"], TORCH),
}
for _tests in [prefix for prefix in LAYERS if prefix.startswith("tests/") and "/fuzz" not in prefix]:
    if _tests != "tests/support/":
        _beside = ["tests/support/", "tests/fuzz/", "tests/fuzz_answers/", "tests/harness/train/"]
        LAYERS[_tests] = (LAYERS[_tests][0] + _beside, LAYERS[_tests][1] + ["catch2", "image codecs"])

# Made by CMake in the build folder.
GENERATED = {"generated/provenance_values.h": "base/"}

LIBRARIES = [
    ("torch", r"torch/|ATen/|c10/|caffe2/|cuda_runtime"), ("fmt", r"fmt/"), ("spdlog", r"spdlog/"),
    ("nlohmann_json", r"nlohmann/"), ("simdjson", r"simdjson\.h$"), ("openssl", r"openssl/"), ("curl", r"curl/"),
    ("archive", r"archive(_entry)?\.h$"),
    ("image codecs", r"png\.h$|jpeglib\.h$|jerror\.h$|turbojpeg\.h$|webp/|tiffio\.h$|stb/|libexif/"),
    ("CLI11", r"CLI/"), ("catch2", r"catch2/"), ("benchmark", r"benchmark/"), ("boost", r"boost/"), ("eigen", r"Eigen/"),
]
SYSTEM = re.compile(r"[a-z_0-9]+$|(sys|netinet|arpa|linux)/\w+\.h$|"
                    r"(unistd|fcntl|signal|dlfcn|poll|termios|pthread|sched|pwd|netdb|glob|dirent|malloc|omp)\.h$")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
SOURCE = (".h", ".cpp", ".inc", ".hpp", ".cc", ".cu")


def layer_of(path):
    prefixes = [prefix for prefix in LAYERS if path.startswith(prefix)]
    return max(prefixes, key=len, default=None)


def may_include(layer, target):
    rows = LAYERS[layer][0]
    above = [row[:-1] for row in rows if row.endswith("*")]
    return target == layer or target in rows or any(target.startswith(prefix) for prefix in above)


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
        if not may_include(layer, target):
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
            "results/records/r.h": '#pragma once\n#include "metrics/spec.h"\n',
            "tests/results/r_test.cpp": '#include "results/records/r.h"\n#include <catch2/catch_test_macros.hpp>\n'}
    tree.expect(check, good)
    planted = [
        ("results/records/b.cpp", '#include "metrics/fid.h"\n', "is of layer metrics/", {"metrics/fid.h": "#pragma once\n"}),
        ("results/records/b.cpp", "#include <torch/torch.h>\n", "is of torch", {}),
        ("base/b.cpp", '#include "results/records/r.h"\n', "is of layer results/records/", {}),
        ("metrics/b.cpp", '#include "models/m.h"\n', "is of layer models/", {"models/m.h": "#pragma once\n"}),
        ("results/tables/b.cpp", '#include "results/report/p.h"\n', "is of layer results/report/",
         {"results/report/p.h": "#pragma once\n"}),
        ("results/b.cpp", "int x;\n", "belongs to no layer", {}),
        ("tests/results/b_test.cpp", "#include <torch/torch.h>\n", "is of torch", {}),
        ("results/records/b.cpp", '#include "../base/a.h"\n', "no file of the project", {}),
        ("base/b.cpp", '#include "a.h"\n', "no file of the project", {}),
        ("extra/b.cpp", "int x;\n", "belongs to no layer", {}),
        ("base/b.h", "#pragma once\nusing namespace std;\n", "using namespace", {}),
        ("base/b.h", "int f();\n", "no #pragma once", {}),
        ("models/b.cpp", "#include <CLI/CLI.hpp>\n", "is of CLI11", {}),
        ("base/b.cpp", "#include <left/pad.h>\n", "does not know", {}),
    ]
    for path, text, expected, more in planted:
        tree.expect(check, {**good, **more, path: text}, expected)


if __name__ == "__main__":
    tree.main(check, self_test)
