#!/usr/bin/env python3
"""Writes tests/golden/measures.json: small inputs and what each sample measure makes of them.

Independent of the C++ code: each measure is written as its paper prints it, as plain loops over 60-digit numbers (mpmath);
only the order of shuffled rows comes from NumPy, since that order is what is to be matched.

usage: tests/golden/metric_goldens.py [--check] [FILE]     (needs mpmath and numpy)
"""
import json
import pathlib
import random
import sys

import numpy
from mpmath import eig, eigsy, erfc, exp, log, matrix, mp, mpf, sqrt

mp.dps = 60


def exact(rows):
    return [[mpf(str(v)) for v in row] for row in rows]


def mean(values):
    values = list(values)
    return sum(values, mpf(0)) / len(values)


def moments(rows):
    n, d = len(rows), len(rows[0])
    centre = [mean(row[i] for row in rows) for i in range(d)]
    spread = matrix(d, d)
    for i in range(d):
        for j in range(d):
            spread[i, j] = sum((row[i] - centre[i]) * (row[j] - centre[j]) for row in rows) / (n - 1)
    return centre, spread


def fid(real, fake):
    (m1, s1), (m2, s2) = moments(real), moments(fake)
    d = len(m1)
    # tr (S1 S2)^(1/2) is the sum of the roots of the eigenvalues of S1 S2, which are real and at least 0.
    values = eig(s1 * s2, left=False, right=False)
    root = sum(sqrt(max(mp.re(v), mpf(0))) for v in values)
    return sum((a - b) ** 2 for a, b in zip(m1, m2)) + sum(s1[i, i] + s2[i, i] for i in range(d)) - 2 * root


def kid(real, fake):
    d = len(real[0])

    def kernel(x, y):
        return (sum(a * b for a, b in zip(x, y)) / d + 1) ** 3

    def within(rows):
        n = len(rows)
        return sum(kernel(rows[i], rows[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))

    return within(real) + within(fake) - 2 * mean(kernel(x, y) for x in real for y in fake)


def distance(x, y):
    return sqrt(sum((a - b) ** 2 for a, b in zip(x, y)))


def radii(rows, k):
    return [sorted(distance(x, y) for j, y in enumerate(rows) if j != i)[k - 1] for i, x in enumerate(rows)]


def manifolds(real, fake, k, inside):
    real_radii, fake_radii = radii(real, k), radii(fake, k)
    d = [[distance(r, f) for f in fake] for r in real]
    n, m = range(len(real)), range(len(fake))
    return {"precision": mean(any(inside(d[i][j], real_radii[i]) for i in n) for j in m),
            "recall": mean(any(inside(d[i][j], fake_radii[j]) for j in m) for i in n),
            "density": mean(sum(inside(d[i][j], real_radii[i]) for i in n) for j in m) / k,
            "coverage": mean(any(inside(d[i][j], real_radii[i]) for j in m) for i in n)}


def memorization(train, heldout, fake, quantile):
    fresh = sorted(min(distance(h, t) for t in train) for h in heldout)
    threshold = fresh[int(quantile * len(fresh))]
    return mean(min(distance(f, t) for t in train) < threshold for f in fake)


def gaussian_mmd(real, fake, bandwidth):
    def kernel(x, y):
        return exp(-sum((a - b) ** 2 for a, b in zip(x, y)) / (2 * bandwidth ** 2))

    def within(rows):
        n = len(rows)
        return sum(kernel(rows[i], rows[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))

    return within(real) + within(fake) - 2 * mean(kernel(x, y) for x in real for y in fake)


def median_distance(rows):
    n = len(rows)
    ordered = sorted(distance(rows[i], rows[j]) for i in range(n) for j in range(i))
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def vendi(rows, order):
    n = len(rows)
    norms = [sqrt(sum(a * a for a in row)) for row in rows]
    kernel = matrix(n, n)
    for i in range(n):
        for j in range(n):
            kernel[i, j] = sum(a * b for a, b in zip(rows[i], rows[j])) / (norms[i] * norms[j]) / n
    values = [v for v in eigsy(kernel, eigvals_only=True) if v > mpf(10) ** -40]
    if order == 1:
        return exp(-sum(v * log(v) for v in values))
    return sum(v ** order for v in values) ** (1 / (1 - order))


def authenticity(train, samples):
    gaps = radii(train, 1)

    def authentic(sample):
        nearest = min(distance(sample, t) for t in train)
        return all(gap < nearest for t, gap in zip(train, gaps) if distance(sample, t) == nearest)

    return mean(authentic(sample) for sample in samples)


def inception_scores(probabilities, splits):
    n, scores = len(probabilities), []
    for i in range(splits):
        part = probabilities[i * n // splits:(i + 1) * n // splits]
        marginal = [mean(row[c] for row in part) for c in range(len(part[0]))]
        scores.append(exp(mean(sum(p * log(p / q) for p, q in zip(row, marginal) if p > 0) for row in part)))
    return scores


def mean_and_spread(scores):
    centre = mean(scores)
    return centre, sqrt(mean((s - centre) ** 2 for s in scores))


def bins(real, fake):
    n, m = mpf(sum(real)), mpf(sum(fake))
    different, jsd = 0, mpf(0)
    for r, f in zip(real, fake):
        p, q, pooled = r / n, f / m, (r + f) / (n + m)
        if 0 < pooled < 1:
            z = abs(p - q) / sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
            different += bool(erfc(z / sqrt(mpf(2))) < mpf("0.05"))
        for share in (p, q):
            if share > 0:
                jsd += share * log(share / ((p + q) / 2)) / 2
    return {"ndb": different, "jsd": jsd}


def feature_case(name, draw, n, m, d, shift, scale):
    def rows(count, offset, spread):
        return [[round(draw.gauss(offset * (i + 1), spread / (i + 1)), 3) for i in range(d)] for _ in range(count)]

    real, fake, heldout = rows(n, 0, 1), rows(m, shift, scale), rows(20, 0, 1)
    fake[:2] = real[:2]  # two copies, so that ties at distance 0 occur
    a, b, c = exact(real), exact(fake), exact(heldout)
    values = {"fid": fid(a, b), "kid_exact": kid(a, b), **manifolds(a, b, 5, lambda x, r: x < r)}
    closed = manifolds(a, b, 3, lambda x, r: x <= r)
    values.update(precision_k3=closed["precision"], recall_k3=closed["recall"],
                  memorization=memorization(a, c, b, 0.1), mmd_gaussian=gaussian_mmd(a, b, median_distance(a)),
                  authenticity=authenticity(a, b), authenticity_heldout=authenticity(a, c))
    scores = {side: {order: vendi(rows, mpf(order)) for order in ("0.5", "1", "2", "30")} for side, rows in (("real", a), ("fake", b))}
    return {"name": name, "real": real, "fake": fake, "heldout": heldout, "values": values, "vendi": scores,
            "median_distance": median_distance(a), "mmd_bandwidth_0.7": gaussian_mmd(a, b, mpf("0.7"))}


def score_case(draw, n, classes, splits):
    logits = [[round(draw.gauss(0, 2) + 3 * (i * classes // n == c), 3) for c in range(classes)] for i in range(n)]
    weights = [[exp(v) for v in row] for row in exact(logits)]
    probabilities = [[w / sum(row) for w in row] for row in weights]
    order = numpy.random.RandomState(2020).permutation(n)
    ordered, shuffled = (mean_and_spread(inception_scores(p, splits))
                         for p in (probabilities, [probabilities[i] for i in order]))
    return {"logits": logits, "splits": splits, "order": [int(i) for i in order],
            "values": {"in_order": list(ordered), "shuffled": list(shuffled),
                       "one_split": inception_scores(probabilities, 1)[0]}}


def label_case(draw, n, classes):
    labels = [min(int(draw.expovariate(0.5)), classes - 1) for _ in range(n)]
    counts = [labels.count(c) for c in range(classes)]
    shares = [mpf(c) / n for c in counts]
    return {"labels": labels, "classes": classes,
            "values": {"modes": sum(c > 0 for c in counts),
                       "mode_entropy": -sum(p * log(p) for p in shares if p > 0),
                       "mode_kl": sum(p * log(p * classes) for p in shares if p > 0)}}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value if isinstance(value, (str, int, float)) else float(value)


def goldens():
    draw = random.Random(20)
    counts = ([30, 0, 0, 12, 58], [11, 4, 0, 13, 12])
    return plain({
        "recipe": "tests/golden/metric_goldens.py: the papers' formulas as plain loops over 60-digit numbers",
        "features": [feature_case("more samples than dimensions", draw, 30, 24, 3, 0.2, 0.8),
                     feature_case("fewer samples than dimensions", draw, 7, 9, 10, 0.1, 1.3)],
        "scores": score_case(draw, 23, 4, 5),
        "labels": label_case(draw, 40, 9),
        "bins": {"real": counts[0], "fake": counts[1], "values": bins(*counts)},
    })


def main(arguments):
    check = "--check" in arguments
    files = [a for a in arguments if not a.startswith("--")]
    path = pathlib.Path(files[0]) if files else pathlib.Path(__file__).resolve().parent / "measures.json"
    text = json.dumps(goldens()).replace('], "', '],\n "').replace('}, "', '},\n "') + "\n"
    if not check:
        path.write_text(text)
    elif path.read_text() != text:
        sys.exit(f"{path} differs from what {sys.argv[0]} writes")


if __name__ == "__main__":
    main(sys.argv[1:])
