#!/usr/bin/env python3
"""Writes tests/golden/decision.json: random decision matrices with the scores that pymcdm gives them.

Run with numpy and pymcdm (1.4.0 wrote the file) installed:  decision_golden.py [COUNT [FILE [SEED]]]
SPOTIS there is a distance, so 1 - distance is stored; TOPSIS is told to scale by the column's 2-norm. The Pareto
front is found here by comparing every pair of rows.
"""
import importlib.metadata
import json
import pathlib
import sys

import numpy as np
from pymcdm.methods import SPOTIS, TOPSIS
from pymcdm.normalizations import vector_normalization


def front(values, types):
    signed = values * types
    worse = [any((other >= row).all() and (other > row).any() for other in signed) for row in signed]
    return [not w for w in worse]


def problem(random):
    alternatives, criteria = random.integers(2, 9), random.integers(2, 6)
    values = np.round(random.uniform(0.05, 1.0, (alternatives, criteria)), 3)
    types = random.choice([-1, 1], criteria)
    weights = random.uniform(0.05, 1.0, criteria)
    weights /= weights.sum()
    bounds = np.column_stack([np.zeros(criteria), 1.0 + np.round(random.uniform(0.0, 1.0, criteria), 3)])
    spotis = 1.0 - SPOTIS(bounds)(values, weights, types, validation=True)
    topsis = TOPSIS(normalization_function=vector_normalization)(values, weights, types)
    return {
        "values": values.tolist(), "weights": weights.tolist(), "types": types.tolist(),
        "low": bounds[:, 0].tolist(), "high": bounds[:, 1].tolist(),
        "spotis": np.asarray(spotis).tolist(), "topsis": np.asarray(topsis).tolist(), "front": front(values, types),
    }


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20260101
    random = np.random.default_rng(seed)
    cases = [problem(random) for _ in range(count)]
    golden = pathlib.Path(__file__).resolve().parent / "decision.json"
    path = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else golden
    lines = ",\n".join(json.dumps(case) for case in cases)
    recipe = (importlib.metadata.version("pymcdm"), seed)
    path.write_text('{"recipe": "tests/golden/decision_golden.py, pymcdm %s, seed %d",\n "cases": [\n' % recipe + lines + "]}\n")


if __name__ == "__main__":
    main()
