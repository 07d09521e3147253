#!/usr/bin/env python3
"""Holds the plain rules of the text: lengths, absolute paths, merge marks, white space.

usage: check_text.py [ROOT]       lists violations, exit status 1 where there are any
       check_text.py --self-test  plants violations and fails unless each is found

A source file has fewer than 500 lines, a function at most 60 (a table written as one long initializer may have more).
"""

import re

import tree

MAX_FILE_LINES = 499
MAX_FUNCTION_LINES = 60
README_LINES = 100
README_COLUMNS = 100
CODE = (".cpp", ".h", ".inc", ".py", ".sh", ".cmake", "CMakeLists.txt")
TEXT = CODE + (".md", ".json", ".txt", ".yml", ".clang-format", ".gitignore")
SCRIPTS = ("scripts/", "benchmarks/tools/", ".ci/")
# Measured or generated: their lines are not written by hand.
DATA = ("results/published/", "tests/golden/", "tests/approved/")
HOME = re.compile(r"(?<![\w.$}/-])/(work|root|home/\w|tmp/w)(?=[/\s\"'`:;,)]|$)")
FUNCTION = re.compile(r"^(?! |namespace|struct|class|enum|union|extern|#|//|\}|TEST_CASE|SCENARIO).*\).*\{$")


def function_violations(path, lines):
    """Long functions in clang-formatted code, where a body ends at the first line that starts with a brace."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and FUNCTION.match(line) and not line.endswith("= {"):
            start = number
        elif start is not None and line.startswith("}"):
            body = lines[start:number - 1]
            rows = sum(1 for text in body if text.lstrip().startswith((".", "{", "}", '"')))
            if number - start + 1 > MAX_FUNCTION_LINES and rows * 2 < len(body):
                yield f"{path}:{start}: a function of {number - start + 1} lines, at most {MAX_FUNCTION_LINES}"
            start = None


def readme_violations(lines):
    if len(lines) > README_LINES:
        yield f"README.md: {len(lines)} lines, at most {README_LINES}: what is longer lives in docs/"
    for number, line in enumerate(lines, 1):
        if len(line) > README_COLUMNS and not line.startswith(("|", "![", "<img")):
            yield f"README.md:{number}: {len(line)} columns, at most {README_COLUMNS}"


def file_violations(path, text):
    lines = text.splitlines()
    if path == "README.md":
        yield from readme_violations(lines)
    if path.endswith(CODE) or path.startswith(SCRIPTS):
        if len(lines) > MAX_FILE_LINES:
            yield f"{path}: {len(lines)} lines, at most {MAX_FILE_LINES}"
    if path.endswith(".cpp") and not path.startswith("tests/"):
        yield from function_violations(path, lines)
    for number, line in enumerate(lines, 1):
        if HOME.search(line):
            yield f"{path}:{number}: an absolute path of one machine"
        if re.match(r"(<{7}|>{7}|={7})( |$)", line):
            yield f"{path}:{number}: a merge mark"
        if line != line.rstrip() and not path.endswith(".md"):
            yield f"{path}:{number}: white space at the end of the line"
        if "\t" in line and path.endswith((".cpp", ".h", ".inc", ".py")):
            yield f"{path}:{number}: a tab"
    if text and not text.endswith("\n"):
        yield f"{path}: no newline at the end"


def check(root):
    found = []
    for path in tree.own_files(root):
        if path.startswith(DATA) or not (path.endswith(TEXT) or path.startswith(SCRIPTS)):
            continue
        found += file_violations(path, tree.read(root, path))
    return found


def self_test():
    tree.expect(check, {"base/a.cpp": "int f() {\n  return 1;\n}\n", "results/published/r.json": "x " * 9})
    path = "/" + "work/main"
    for name, text, expected in [
            ("base/a.cpp", "int x;\n" * 500, "500 lines"),
            ("base/a.cpp", "int f() {\n" + "  g();\n" * 60 + "}\n", "a function of 62 lines"),
            ("docs/a.md", f"lies in {path}\n", "absolute path"),
            ("scripts/run", f"cd {path}\n", "absolute path"),
            ("README.md", "x\n" * 101, "101 lines, at most 100"),
            ("README.md", "x" * 101 + "\n", "101 columns, at most 100"),
            ("base/a.cpp", "int x; \n", "white space"),
            ("base/a.cpp", "\tint x;\n", "a tab"),
            ("base/a.cpp", "<" * 7 + " ours\n", "merge mark"),
            ("base/a.cpp", "int x;", "no newline")]:
        tree.expect(check, {name: text}, expected)
    table = "const Rows& rows(int n) {\n" + "  {.name = 1},\n" * 80 + "}\n"
    tree.expect(check, {"base/a.cpp": table})


if __name__ == "__main__":
    tree.main(check, self_test)
