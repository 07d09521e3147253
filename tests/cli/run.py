#!/usr/bin/env python3
"""Runs the program from outside, as a user does: exit statuses, streams, messages, cut-off runs.

usage: run.py --list           names of all cases, one a line
       run.py PROGRAM NAME...  runs these cases (all without a name)

Exit status 0: passed, 77: skipped, 1: failed; the last line says why. Standard library only.
Cases are functions named case_* in the *_cases.py files beside this one; each gets a Sandbox.
"""

import importlib
import os
import sys
import tempfile
import traceback

from sandbox import Sandbox, Skip, remove_folder

MODULES = ("usage_cases", "data_cases", "evaluate_cases", "train_cases", "sweep_cases", "answer_cases", "report_cases",
           "benchmark_cases", "literature_cases")


def all_cases():
    cases = {}
    for module in MODULES:
        for name, function in vars(importlib.import_module(module)).items():
            if name.startswith("case_"):
                cases[name[len("case_"):]] = function
    return cases


def run_case(program, name, function):
    folder = tempfile.mkdtemp(prefix="ganselect-cli-")
    try:
        function(Sandbox(program, folder))
    except Skip as why:
        print(f"skipped {name}: {why}")
        return 77
    except AssertionError as why:
        traceback.print_exc(file=sys.stdout)
        print(f"FAILED {name}: {why}")
        return 1
    finally:
        remove_folder(folder)
    print(f"passed {name}")
    return 0


def main():
    cases = all_cases()
    if sys.argv[1:] == ["--list"]:
        print("\n".join(cases))
        return
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    names = sys.argv[2:] or list(cases)
    unknown = [name for name in names if name not in cases]
    if unknown:
        sys.exit(f"no case named {', '.join(unknown)}; the cases are {', '.join(cases)}")
    statuses = [run_case(os.path.abspath(sys.argv[1]), name, cases[name]) for name in names]
    sys.exit(1 if 1 in statuses else 77 if 77 in statuses else 0)


if __name__ == "__main__":
    main()
