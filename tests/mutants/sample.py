#!/usr/bin/python3
"""Plants small errors all over the sources and counts how many the unit tests notice.

usage: tests/mutants/sample.py [--each N] [--seed S] [--folders F ...] [--home DIR] [--build DIR]

Of each folder N errors are drawn: a comparison that includes its bound or not, one arithmetic operation for another, `and` for
`or`, a number that is another, a truth that is its opposite, a minimum for a maximum, a statement that is left out. All errors of a folder are
compiled at once, each behind a switch, so that a thousand cost a few compilations; then the folder's test programs run once for each error that they
come by at all. An error that no program notices is named with its place.
Goes on where it was stopped; a changed source, seed or number begins its folder anew. Needs python3-clang of the compiler's version.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import re
import shlex
import subprocess
import sys
import time

from clang import cindex
from clang.cindex import CursorKind as Kind
from planted import ROOT, compile_commands, compile_planted, link_planted, stop, unit_of

# What lies in a folder with a row of its own is that row's.
PROGRAMS = {"base": ["tests_base"], "base/torch": ["tests_base_torch"], "selection": ["tests_selection"], "results": ["tests_results"], "metrics": ["tests_metrics"],
            "datasets": ["tests_datasets"], "models": ["tests_models"], "harness/train": ["tests_train"],
            "harness": ["tests_harness"]}
OTHER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "/", "/": "*", "&&": "||", "||": "&&"}
NUMBERS = {cindex.TypeKind.INT, cindex.TypeKind.LONG, cindex.TypeKind.LONGLONG, cindex.TypeKind.UINT, cindex.TypeKind.ULONG,
           cindex.TypeKind.ULONGLONG, cindex.TypeKind.DOUBLE, cindex.TypeKind.FLOAT, cindex.TypeKind.BOOL}
FIXED = {Kind.CASE_STMT, Kind.STATIC_ASSERT, Kind.ENUM_DECL, Kind.TEMPLATE_REF}  # whatever is in these is known to the compiler
TEST_LIMIT = 300  # seconds


def is_number(cursor):
    return cursor.type.get_canonical().kind in NUMBERS


class Finder:
    """The places of one source where an error can stand: (start, end, text as it is, text as it is not, line)."""

    def __init__(self, source, words):
        self.text = (ROOT / source).read_bytes()
        self.file = str(ROOT / source)
        self.found = []
        unit = cindex.Index.create().parse(self.file, args=words)
        if any(d.severity >= cindex.Diagnostic.Error for d in unit.diagnostics):
            stop(source, "a source that parses by itself", str(next(iter(unit.diagnostics))), "the version of libclang is the compiler's")
        for cursor in unit.cursor.get_children():
            if cursor.location.file is not None and cursor.location.file.name == self.file:
                self.visit(cursor, False)

    def span(self, cursor):
        a, b = cursor.extent.start, cursor.extent.end
        if a.file is None or b.file is None or a.file.name != self.file or b.file.name != self.file:
            return None
        return a.offset, b.offset

    def code(self, span):
        return self.text[span[0]:span[1]].decode()

    def visit(self, cursor, inside):
        span = self.span(cursor)
        if cursor.kind in FIXED or span is None and cursor.kind != Kind.NAMESPACE:
            return
        words = self.code(span)[:200] if span else ""
        head = re.split(r"[{(=]", words)[0]
        if cursor.kind == Kind.IF_STMT and words.startswith("if constexpr"):
            return
        if re.search(r"\b(constexpr|consteval)\b", head):
            self.constant(cursor)
            return
        if cursor.kind == Kind.COMPOUND_STMT:
            inside = True
        if inside:
            self.expression(cursor, span)
        for child in cursor.get_children():
            if inside and cursor.kind == Kind.COMPOUND_STMT:
                self.statement(child)
            self.visit(child, inside)

    def add(self, span, right, wrong, cursor):
        self.found.append({"start": span[0], "end": span[1], "right": right, "wrong": wrong, "line": cursor.location.line})

    def constant(self, cursor):
        """A named constant of type double in a source: never part of a type, so it may be made at the start."""
        if cursor.kind != Kind.VAR_DECL or cursor.type.get_canonical().kind != cindex.TypeKind.DOUBLE:
            return
        span = self.span(cursor)
        match = re.fullmatch(r"constexpr double (\w+)\s*=\s*([-0-9.e]+)", self.code(span))
        if match:
            name, value = match.groups()
            self.add(span, f"const double {name} = ({value})", f"const double {name} = 2 * ({value})", cursor)

    def statement(self, cursor):
        span = self.span(cursor)
        if span is None or cursor.kind not in (Kind.CALL_EXPR, Kind.COMPOUND_ASSIGNMENT_OPERATOR):
            return
        text = self.code(span)
        if not re.match(r"(fail|throw|check|require|print|log|spdlog|fmt)", text):
            self.add(span, text, "(void)0", cursor)

    def expression(self, cursor, span):
        text = self.code(span)
        children = list(cursor.get_children())
        if cursor.kind == Kind.BINARY_OPERATOR and len(children) == 2:
            left, right = self.span(children[0]), self.span(children[1])
            if left is None or right is None:
                return
            sign = self.code((left[1], right[0])).strip()
            if sign in OTHER and (sign in ("&&", "||") or all(map(is_number, children))):
                self.add(span, text, f"({self.code(left)}) {OTHER[sign]} ({self.code(right)})", cursor)
        elif cursor.kind == Kind.INTEGER_LITERAL and re.fullmatch(r"\d+", text):
            self.add(span, text, str(int(text) + 1), cursor)
        elif cursor.kind == Kind.FLOATING_LITERAL and re.fullmatch(r"[0-9.]+(e-?\d+)?", text):
            self.add(span, text, f"(2 * {text} + 0.1)" if float(text) == 0 else f"(2 * {text})", cursor)
        elif cursor.kind == Kind.CXX_BOOL_LITERAL_EXPR and text in ("true", "false"):
            self.add(span, text, "false" if text == "true" else "true", cursor)
        elif cursor.kind == Kind.CALL_EXPR and (match := re.match(r"std::(min|max)\b", text)):
            self.add(span, text, f"std::{'max' if match[1] == 'min' else 'min'}" + text[8:], cursor)


def parse_words(entry):
    words, kept, skip = shlex.split(entry["command"])[1:], [], 0
    for word, after in zip(words, words[1:] + [""]):
        if skip:
            skip -= 1
        elif word == "-Xclang":
            skip = 1
        elif word in ("-o", "-c"):
            skip = word == "-o"
        elif not word.endswith((".cpp", ".cxx")):
            kept.append(word)
    builtin = subprocess.run(["clang++", "-print-resource-dir"], capture_output=True, text=True, check=True).stdout.strip()
    return [*kept, "-resource-dir", builtin, "-w"]


def drawn(folder, args, commands):
    """N places of a folder, none inside another; at most four of one source, so that many sources are seen."""
    random.seed(f"{args.seed} {folder}")
    inner = tuple(f"{other}/" for other in PROGRAMS if other.startswith(f"{folder}/"))
    sources = sorted(str(p.relative_to(ROOT)) for p in (ROOT / folder).rglob("*.cpp"))
    sources = [s for s in sources if not s.startswith(inner)]
    random.shuffle(sources)
    errors = []
    for source in sources[:args.each // 3 + 3]:
        entry = unit_of(commands, source)
        if entry is None:  # not of this build, as those of a GPU
            continue
        found = Finder(source, parse_words(entry)).found
        random.shuffle(found)
        taken = []
        for place in found:
            if len(taken) < 4 and all(place["end"] <= t["start"] or t["end"] <= place["start"] for t in taken):
                taken.append({"source": source, **place})
        errors += taken
    random.shuffle(errors)
    return [{"number": n, **e} for n, e in enumerate(errors[:args.each], start=1)]


def planted_texts(errors):
    texts = {}
    for source in {e["source"] for e in errors}:
        text = (ROOT / source).read_bytes()
        for e in sorted((e for e in errors if e["source"] == source), key=lambda e: -e["start"]):
            right, wrong = e["right"], e["wrong"]
            if wrong == "(void)0":
                new = f"if (!planted({e['number']})) {right}"
            elif right.startswith("const double"):
                name, value = re.match(r"(const double \w+) = (.*)", right).groups()
                new = f"{name} = planted({e['number']}) ? {wrong.split(' = ')[1]} : {value}"
            else:
                new = f"(planted({e['number']}) ? ({wrong.replace(chr(10), ' ')}) : ({right}))"
            text = text[:e["start"]] + new.encode() + text[e["end"]:]
            assert new.count("\n") == right.count("\n")  # errors of the compiler are told by their line
        texts[source] = text.decode()
    return texts


def compiled(errors, build, work):
    """The objects of all errors that compile, and those errors."""
    for _ in range(8):
        refused = set()

        def said(messages):
            refused.update((m[1], int(m[2])) for m in re.finditer(r"^(?:\S*?/)?(\S+?):(\d+):\d+: (?:fatal )?error", messages, re.M))
            if not refused:
                stop("compiler", "an error with its place", messages[-1500:], "mend tests/mutants/sample.py")
        objects = compile_planted(build, planted_texts(errors), work, said)
        if not refused:
            return objects, errors
        kept = [e for e in errors if not any(e["source"].endswith(f) and abs(e["line"] - line) <= e["right"].count("\n")
                                             for f, line in refused)]
        if len(kept) == len(errors):
            stop("compiler", "errors at planted places", str(sorted(refused)[:5]), "mend tests/mutants/sample.py")
        errors = kept
    stop("compiler", "sources that compile after eight rounds", str(len(errors)), "mend tests/mutants/sample.py")


def run(program, number, reached=None, limit=TEST_LIMIT):
    environment = dict(os.environ, PLANTED_ERROR=str(number), OMP_NUM_THREADS="1", OMP_WAIT_POLICY="passive")
    if reached:
        environment["PLANTED_REACHED"] = str(reached)
    start = time.time()
    try:
        done = subprocess.run([program, "~[slow]", *([] if reached else ["--abort"])], env=environment, capture_output=True, timeout=limit,
                              cwd=ROOT / "build")
    except subprocess.TimeoutExpired:
        return False, time.time() - start
    return done.returncode == 0, time.time() - start


def planted_program(args, program):
    """Beside the one without errors, from where it finds what the tests read."""
    return args.build / f"planted_{program}"


def try_folder(folder, args, commands):
    work = args.home / folder
    work.mkdir(parents=True, exist_ok=True)
    file = work / "state.json"
    texts = hashlib.sha256(b"".join(p.read_bytes() for p in sorted((ROOT / folder).rglob("*.cpp")))).hexdigest()
    key = f"{args.each} {args.seed} {texts}"
    state = json.loads(file.read_text()) if file.exists() else {}
    if state.get("key") != key:
        objects, errors = compiled(drawn(folder, args, commands), args.build, work)
        state = {"key": key, "errors": errors, "limits": {}}
        (work / "reached").unlink(missing_ok=True)
        for program in PROGRAMS[folder]:
            link_planted(args.build, objects, program, planted_program(args, program))
            passed, seconds = run(planted_program(args, program), 0, work / "reached")
            if not passed:
                stop(program, "success without a planted error", "failure", "mend the tests first")
            state["limits"][program] = 5 * seconds + 20
        come_by = set(map(int, (work / "reached").read_text().split())) if (work / "reached").exists() else set()
        for e in errors:
            if e["number"] not in come_by:
                e["noticed"], e["why"] = False, "no test comes by"
        file.write_text(json.dumps(state, indent=1))
    for e in state["errors"]:
        if "noticed" not in e:
            e["noticed"] = not all(run(planted_program(args, p), e["number"], limit=state["limits"][p])[0] for p in PROGRAMS[folder])
            file.write_text(json.dumps(state, indent=1))
            if not e["noticed"]:
                print(f"MISSED  {e['source']}:{e['line']}: {e['right']!r} -> {e['wrong']!r}", flush=True)
    return state["errors"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folders", nargs="+", choices=list(PROGRAMS), default=list(PROGRAMS))
    parser.add_argument("--home", type=pathlib.Path, default=ROOT / "build" / "mutants")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    args = parser.parse_args()
    commands = compile_commands(args.build)
    for folder in args.folders:
        errors = try_folder(folder, args, commands)
        noticed = sum(e["noticed"] for e in errors)
        print(f"{folder}: noticed {noticed} of {len(errors)}, no test comes by {sum('why' in e for e in errors)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
