#!/usr/bin/env python3
"""Runs every test there is and counts the cases.

usage: run_tests.py BUILD_FOLDER [--fast]   all tests_* programs there, tests/cli by pytest, and scripts/check
       run_tests.py --self-test             against made-up test programs: one passes, one fails, one crashes

Test programs run whole, in a few pieces: each start of one that links LibTorch takes a third of a second, which ctest
(`ctest --test-dir BUILD_FOLDER -R WORDS` runs cases by name) pays for every case.

--fast: only cases tagged [fast] and the checks. The last line is `N passed, N failed, N skipped`;
exit status 1 where a case failed or a program ended badly.
"""

import argparse
import concurrent.futures
import contextlib
import glob
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "checks"))
import tree  # noqa: E402

SHARDS = 4            # a test program runs in this many pieces, so that two long ones can share the processors
TIME_LIMIT_S = 1800   # for one piece; far beyond what any needs
SLOWEST = 12


class Case:
    """One counted test: status is "passed", "failed" or "skipped"; detail says why."""

    def __init__(self, name, status, seconds=0.0, detail=""):
        self.name, self.status, self.seconds, self.detail = name, status, seconds, detail


def how_it_ended(code):
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def run(command):
    """(exit status, output, seconds); a command over the time limit is killed and ends with SIGKILL's status."""
    start = time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=TIME_LIMIT_S, check=False)
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        code, output = -signal.SIGKILL, (late.output or b"") + f"\nkilled after {TIME_LIMIT_S} s".encode()
    return code, output.decode(errors="replace"), time.monotonic() - start


def read_catch2_xml(path, program):
    """The cases of a Catch2 XML report; a report cut off by a crash gives the cases that it holds, the last as failed."""
    cases, open_case = [], None
    try:
        for event, node in ElementTree.iterparse(path, events=("start", "end")):
            if node.tag == "TestCase" and event == "start":
                open_case = node.get("name")
            elif node.tag == "TestCase":
                result = node.find("OverallResult")
                failed, skipped = result.get("success") != "true", int(result.get("skips", "0")) > 0
                reasons = "; ".join(" ".join((skip.text or "").split()) for skip in node.iter("Skip"))
                cases.append(Case(f"{program}: {open_case}", "failed" if failed else "skipped" if skipped else "passed",
                                  float(result.get("durationInSeconds", "0")), reasons))
                open_case = None
    except (ElementTree.ParseError, OSError, AttributeError):
        pass
    if open_case is not None:
        cases.append(Case(f"{program}: {open_case}", "failed", detail="the program ended inside this case"))
    return cases


def run_catch2(program, shard, fast):
    """One piece of a Catch2 program. Cases are spread over the pieces by a fixed shuffle."""
    name = os.path.basename(program)
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.xml")
        command = [program, "--reporter", f"xml::out={report}", "--reporter", "console", "--durations", "yes",
                   "--order", "rand", "--rng-seed", "1", "--allow-running-no-tests",
                   "--shard-count", str(SHARDS), "--shard-index", str(shard)]
        code, output, _ = run(command + (["[fast]"] if fast else []))
        cases = read_catch2_xml(report, name)
    if code != 0 and not any(case.status == "failed" for case in cases):
        cases.append(Case(f"{name} {shard + 1}/{SHARDS}", "failed", detail=how_it_ended(code)))
    return cases, output if any(case.status == "failed" for case in cases) else ""


def read_junit(path, program):
    """The cases of a JUnit report, as pytest writes it."""
    cases = []
    try:
        for node in ElementTree.parse(path).iter("testcase"):
            skip = node.find("skipped")
            failed = node.find("failure") is not None or node.find("error") is not None
            cases.append(Case(f"{program}: {node.get('name')}",
                              "failed" if failed else "skipped" if skip is not None else "passed",
                              float(node.get("time", "0")), skip.get("message", "") if skip is not None else ""))
    except (ElementTree.ParseError, OSError):
        pass
    return cases


def run_pytest(python, program, path):
    """One file of black-box cases."""
    name = os.path.splitext(os.path.basename(path))[0]
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.xml")
        code, output, _ = run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--program={program}",
                               f"--junitxml={report}", path])
        cases = read_junit(report, name)
    if code != 0 and not any(case.status == "failed" for case in cases):
        cases.append(Case(name, "failed", detail=how_it_ended(code)))
    return cases, output if any(case.status == "failed" for case in cases) else ""


def python_with_pytest():
    """The first on the path, or the distribution's, that has pytest."""
    for python in ("python3", "/usr/bin/python3"):
        if run([python, "-c", "import pytest"])[0] == 0:
            return python
    return sys.exit("run_tests: no python3 has pytest; scripts/setup installs it")


def run_check(name):
    code, output, seconds = run([os.path.join(tree.ROOT, "scripts/check"), name])
    return [Case(f"check: {name}", "passed" if code == 0 else "failed", seconds)], output if code else ""


def lines_of(command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def tasks(build, fast):
    """(label, function, arguments) of every piece of work, the long ones first."""
    found = []
    programs = sorted(path for path in glob.glob(os.path.join(build, "tests_*")) if os.access(path, os.X_OK))
    if not programs:
        sys.exit(f"run_tests: no test programs in {build}; run scripts/build")
    program = os.path.join(build, "ganselect")
    if not fast and os.path.exists(program):
        python = python_with_pytest()
        found += [(os.path.splitext(os.path.basename(path))[0], run_pytest, (python, program, path))
                  for path in sorted(glob.glob(os.path.join(tree.ROOT, "tests/cli/test_*.py")))]
    found += [(f"{os.path.basename(path)} {shard + 1}/{SHARDS}", run_catch2, (path, shard, fast))
              for path in programs for shard in range(SHARDS)]
    found += [(f"check {name}", run_check, (name,)) for name in lines_of([os.path.join(tree.ROOT, "scripts/check"), "--list"])]
    return found, {os.path.basename(path) for path in programs}


def run_all(work, programs, durations_path):
    """Runs the work on all processors, prints as it goes, returns the cases."""
    durations = {}
    if os.path.exists(durations_path):
        with open(durations_path, encoding="utf-8") as file:
            durations = json.load(file)
    work = sorted(work, key=lambda task: -durations.get(task[0], 0.0))
    cases, took = [], {}

    def timed(function, arguments):
        start = time.monotonic()
        return (*function(*arguments), time.monotonic() - start)

    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        waiting = {pool.submit(timed, function, arguments): label for label, function, arguments in work}
        for number, future in enumerate(concurrent.futures.as_completed(waiting), 1):
            label, (new, output, seconds) = waiting[future], future.result()
            cases += new
            took[label] = seconds
            counts = ", ".join(f"{sum(case.status == status for case in new)} {status}"
                               for status in ("passed", "failed", "skipped") if any(case.status == status for case in new))
            print(f"[{number:3}/{len(work)}] {seconds:6.1f} s  {label}: {counts or 'nothing to run'}", flush=True)
            if output:
                print(output, flush=True)
    for program in sorted(programs):
        if not any(case.name.startswith(f"{program}: ") for case in cases):
            cases.append(Case(program, "failed", detail="the program ran no case at all"))
    with open(durations_path, "w", encoding="utf-8") as file:
        json.dump(took, file, indent=1)
    return cases


def summarize(cases):
    """Prints what is worth reading and the closing line; the number of failed cases."""
    by_status = {status: [case for case in cases if case.status == status] for status in ("passed", "failed", "skipped")}
    print("\nslowest:")
    for case in sorted(cases, key=lambda case: -case.seconds)[:SLOWEST]:
        print(f"  {case.seconds:7.1f} s  {case.name}")
    for status in ("skipped", "failed"):
        for case in by_status[status]:
            print(f"{status}: {case.name}{': ' + case.detail if case.detail else ''}")
    print(", ".join(f"{len(by_status[status])} {status}" for status in by_status), flush=True)
    return len(by_status["failed"])


def self_test():
    """Counts come out right for programs that pass, fail, skip, crash in a case and end badly without one."""
    def report(*bodies, end="</Catch2TestRun>"):
        return "<Catch2TestRun>" + "".join(bodies) + end

    def case(name, success="true", skips="0", inner=""):
        return (f'<TestCase name="{name}">{inner}<OverallResult success="{success}" skips="{skips}" '
                'durationInSeconds="0.1"/></TestCase>')

    skip = case("c", skips="1", inner="<Skip>no data</Skip>")
    expected = {
        "tests_good": (report(case("a"), case("b"), skip), "exit 0", "2 passed, 0 failed, 1 skipped"),
        "tests_bad": (report(case("a"), case("b", "false")), "exit 1", "1 passed, 1 failed, 0 skipped"),
        "tests_crash": (report(case("a"), '<TestCase name="b">', end=""), "kill -9 $$", "1 passed, 1 failed, 0 skipped"),
        "tests_leak": (report(case("a")), "exit 3", "1 passed, 1 failed, 0 skipped"),
        "tests_none": (report(), "exit 0", "0 passed, 1 failed, 0 skipped"),
    }
    for name, (text, ending, line) in expected.items():
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, name)
            with open(program, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\nout=${{2#xml::out=}}\nprintf '%s' '{text}' > \"$out\"\n{ending}\n")
            os.chmod(program, 0o755)
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                failed = summarize(run_all([(name, run_catch2, (program, 0, False))], {name},
                                           os.path.join(folder, "durations.json")))
        last = printed.getvalue().splitlines()[-1]
        if last != line or (failed > 0) != (" 0 failed" not in line) or not re.fullmatch(r"\d+ \w+, \d+ \w+, \d+ \w+", last):
            sys.exit(f"self-test: {name}: expected {line}, got {last}")
    print("every made-up program was counted right")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", nargs="?")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        self_test()
        return
    # One thread a process: the pieces fill the processors, and spinning threads would make each many times slower.
    os.environ.update(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="passive")
    work, programs = tasks(options.build, options.fast)
    failed = summarize(run_all(work, programs, os.path.join(options.build, "test_durations.json")))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
