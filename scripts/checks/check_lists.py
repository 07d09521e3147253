#!/usr/bin/env python3
"""Holds the *.inc tables against the code: no line without its function, no function without its line.

usage: check_lists.py [ROOT]       lists violations, exit status 1 where there are any
       check_lists.py --self-test  plants violations and fails unless each is found

The first comment of a list says what a line stands for, and is what is checked:
  // ... METRIC(id) stands for `MetricRow id_metric();` in metrics/id.cpp
The place may be left out; the function then is in any .cpp of the list's folder. A list may also hold rows of a table,
which a line like `// ROW(...) is a row of ...` announces.
"""

import collections
import os
import re

import tree

FORM = re.compile(r"^//.*?\b([A-Z_]+)\(id\) stands for `(\w[\w:<>]*) (\w*id\w*)\(\);`(?: in (\S+\.cpp))?", re.MULTILINE)


ROWS = re.compile(r"^// ([A-Z]+)\(\.\.\.\) is a row of ", re.MULTILINE)


def list_violations(path, root, sources):
    text = tree.read(root, path)
    form = FORM.search(text)
    if not form:
        return [f"{path}: no comment of the form // NAME(id) stands for `Type id_suffix();`"]
    macro, result, function, place = form.groups()
    before, after = function.split("id", 1)
    ids = re.findall(rf"^{macro}\((\w+)\)$", text, re.MULTILINE)
    found = [f"{path}: {macro}({name}) stands there twice" for name, n in collections.Counter(ids).items() if n > 1]
    for row in ROWS.findall(text):  # the compiler reads them
        text = re.sub(rf"^{row}\((?:.|\n)*?\)\n(?=[A-Z]|\n|\Z)", "", text, flags=re.MULTILINE)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("//") and not re.fullmatch(rf"{macro}\(\w+\)", line):
            found.append(f"{path}:{number}: expected {macro}(id), got {line}")
    definition = re.compile(rf"^{result} {before}(\w+?){after}\(\) *{{", re.MULTILINE)
    defined = {}
    for source in sources:
        if os.path.dirname(source) == os.path.dirname(path):
            defined.update((name, source) for name in definition.findall(tree.read(root, source)))
    for name in ids:
        wanted = re.sub(r"\bid\b", name, place) if place else None
        if name not in defined:
            found.append(f"{path}: {macro}({name}) has no function {before}{name}{after}()")
        elif wanted and defined[name] != wanted:
            found.append(f"{path}: {before}{name}{after}() is in {defined[name]}, belongs in {wanted}")
    for name, source in sorted(defined.items()):
        if name not in ids:
            found.append(f"{source}: {before}{name}{after}() has no line {macro}({name}) in {path}")
    if not any(f'#include "{path}"' in tree.read(root, source) for source in sources):
        found.append(f"{path}: is included nowhere")
    return found


def check(root):
    files = tree.own_files(root)
    sources = [path for path in files if path.endswith((".cpp", ".h"))]
    found = []
    for path in files:
        if path.endswith(".inc"):
            found += list_violations(path, root, sources)
    return found


def self_test():
    head = "// One line each: SET(id) stands for `Spec id_set();` in data/id.cpp.\n"
    good = {"data/sets.inc": head + "SET(ring)\n", "data/ring.cpp": "Spec ring_set() {\n}\n",
            "data/table.cpp": '#include "data/sets.inc"\n'}
    tree.expect(check, good)
    for change, expected in [
            ({"data/sets.inc": head + "SET(ring)\nSET(grid)\n"}, "SET(grid) has no function"),
            ({"data/grid.cpp": "Spec grid_set() {\n}\n"}, "grid_set() has no line"),
            ({"data/sets.inc": head + "SET(ring)\nSET(ring)\n"}, "twice"),
            ({"data/sets.inc": head + "SET(ring)\nset(x)\n"}, "expected SET(id)"),
            ({"data/ring.cpp": "", "data/b.cpp": "Spec ring_set() {\n}\n"}, "belongs in data/ring.cpp"),
            ({"data/table.cpp": ""}, "included nowhere"),
            ({"data/sets.inc": "SET(ring)\n"}, "no comment of the form")]:
        tree.expect(check, {**good, **change}, expected)


if __name__ == "__main__":
    tree.main(check, self_test)
