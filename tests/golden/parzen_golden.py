#!/usr/bin/env python3
"""Writes tests/golden/parzen.json: Gaussian Parzen windows and what scikit-learn's KernelDensity makes of them.

usage: tests/golden/parzen_golden.py [FILE]     (needs numpy and scikit-learn)
"""
import json
import pathlib
import sys

import numpy
import sklearn
from sklearn.neighbors import KernelDensity


def case(seed, windows, points, dimensions, deviation):
    random = numpy.random.RandomState(seed)
    w = numpy.round(random.uniform(0, 1, (windows, dimensions)), 3)
    x = numpy.round(random.uniform(0, 1, (points, dimensions)), 3)
    density = KernelDensity(kernel="gaussian", bandwidth=deviation, atol=0, rtol=0).fit(w)
    return {"deviation": deviation, "windows": w.tolist(), "points": x.tolist(),
            "log_likelihoods": density.score_samples(x).tolist()}


def main():
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("parzen.json")
    golden = {"recipe": f"tests/golden/parzen_golden.py: scikit-learn {sklearn.__version__}, KernelDensity, kernel gaussian",
              "cases": [case(1, 7, 5, 2, 0.2), case(2, 40, 6, 30, 0.129), case(3, 12, 4, 9, 1.0)]}
    path.write_text(json.dumps(golden) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
