#!/usr/bin/env python3
"""Holds `ganselect metrics` against torch-fidelity and prdc on the same features. Run by benchmarks/tools/compare-metrics.

usage: compare_metrics.py [--time [--case NAME]...] [--out FILE.json] PROGRAM
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from importlib import metadata

import numpy

import peer_metrics
import time_metrics

RELATIVE = 1e-3  # of FID, KID and inception score
# Shares of samples, compared as counts; torch-fidelity hands its own back as float32.
EXACT = {"precision": 1e-12, "recall": 1e-12, "density": 1e-12, "coverage": 1e-12,
         "precision_k3": 1e-7, "recall_k3": 1e-7}


def ours(program, real, fake, logits, subsets):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        files = []
        for flag, array in (("--real", real), ("--fake", fake), ("--fake-logits", logits)):
            numpy.save(folder / f"{flag[2:]}.npy", array)
            files += [flag, folder / f"{flag[2:]}.npy"]
        out = subprocess.run([program, "metrics", *files, "--kid-subsets", str(subsets), "--json"], check=True,
                             stdout=subprocess.PIPE)
    return json.loads(out.stdout)


def theirs(real, fake, logits, subsets):
    """(package, measures) in the order of the table."""
    yield "torch-fidelity", peer_metrics.fidelity_fid(real, fake)
    yield "torch-fidelity", peer_metrics.fidelity_kid(real, fake, subsets)
    yield "torch-fidelity", peer_metrics.fidelity_inception_score(logits)
    yield "torch-fidelity", peer_metrics.fidelity_precision_recall(real, fake)
    yield "prdc", peer_metrics.prdc_scores(real, fake)


def compare_set(program, index):
    name, _, _, _, _, _, subsets = peer_metrics.SETS[index]
    real, fake, logits = peer_metrics.draw_set(index)
    measured = ours(program, real, fake, logits, subsets)
    for package, values in peer_metrics.quiet(lambda: list(theirs(real, fake, logits, subsets))):
        for measure, peer in values.items():
            own = measured[measure]
            if own is None:
                raise SystemExit(f"compare-metrics: {measure} of {name} is missing: {measured['reason'][measure]}")
            difference = abs(own - peer)
            if measure in EXACT:
                right = difference <= EXACT[measure]
            else:
                difference /= max(abs(peer), 1e-300)
                right = difference <= RELATIVE
            yield {"features": name, "measure": measure, "ganselect": own, "package": package, "theirs": peer,
                   "difference": difference, "kind": "absolute" if measure in EXACT else "relative", "right": right}


def print_row(row):
    print(f"{row['features']:18} {row['measure']:21} {row['ganselect']:<22.16g} {row['theirs']:<22.16g} "
          f"{row['package']:15} {row['difference']:9.1e} {row['kind']:9} {'' if row['right'] else 'MISS'}", flush=True)


def compare(program, out):
    print(f"{'features':18} {'measure':21} {'ganselect':22} {'theirs':22} {'package':15} difference")
    rows = []
    for index in range(len(peer_metrics.SETS)):
        for row in compare_set(program, index):
            print_row(row)
            rows.append(row)
    misses = sum(not row["right"] for row in rows)
    largest = max(row["difference"] for row in rows if row["kind"] == "relative")
    unequal = sum(row["difference"] > EXACT[row["measure"]] for row in rows if row["kind"] == "absolute")
    print(f"\n{len(rows)} values, {misses} beyond tolerance; FID, KID and inception score differ by at most {largest:.1e} "
          f"relative; {unequal} shares differ")
    if out:
        document = {"schema_version": 1, "packages": packages(), "relative_tolerance": RELATIVE, "rows": rows}
        pathlib.Path(out).write_text(json.dumps(document, indent=2) + "\n")
    return 1 if misses else 0


def packages():
    return {name: metadata.version(name) for name in ("torch-fidelity", "prdc", "numpy", "scipy", "torch")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--out")
    flags = parser.parse_args()
    program = os.path.abspath(flags.program)
    if flags.time:
        return time_metrics.run(program, flags.case, flags.out, packages())
    return compare(program, flags.out)


if __name__ == "__main__":
    sys.exit(main())
