#!/usr/bin/env python3
"""fid_bench.py - the Frechet distance of two feature sets: scipy's matrix root, as FID's reference code takes it, against `ganselect`.

From features: both start from the same two .npy files of float32 features and end with the distance. From statistics: both
start from the same means and covariances, where the root is nearly all of the work (`root`: scipy.linalg.sqrtm alone). Ours is
`ganselect metrics`, whose time includes the start of the program, theirs begins after Python and scipy are loaded. Blocks
alternate; prints one JSON object. Needs numpy and scipy; set OMP_NUM_THREADS before, for both.

  fid_bench.py --program GANSELECT [--dimensions 2048] [--samples 10000] [--rounds 3] [--threads 1]
"""
import argparse, json, os, statistics, subprocess, sys, tempfile, time

import numpy as np
import scipy
from scipy import linalg


def features(n, d, seed):
    """Of a spectrum that decays as features of natural images do, none negative."""
    random = np.random.default_rng(seed)
    mix = random.standard_normal((d, d)) * (np.arange(1, d + 1) ** -0.75)[:, None] / np.sqrt(d)
    return np.maximum(random.standard_normal((n, d)) @ mix + 0.02 * random.standard_normal((n, d)) + 0.01 * seed, 0).astype(np.float32)


def statistics_of(path):
    x = np.load(path).astype(np.float64)
    return x.mean(0), np.cov(x, rowvar=False)


def theirs(paths):
    """The distance, and the seconds from features, from statistics, and of the root alone."""
    start = time.perf_counter()
    (m1, s1), (m2, s2) = (statistics_of(p) for p in paths)
    begin = time.perf_counter()
    root = linalg.sqrtm(s1 @ s2)
    root_seconds = time.perf_counter() - begin
    distance = ((m1 - m2) ** 2).sum() + np.trace(s1) + np.trace(s2) - 2 * np.trace(root).real
    end = time.perf_counter()
    return float(distance), end - start, end - begin, root_seconds


def ours(program, paths, kind):
    start = time.perf_counter()
    out = subprocess.run([program, "metrics", "--real" + kind, paths[0], "--fake" + kind, paths[1], "--only", "fid", "--json"],
                         capture_output=True, text=True, check=True).stdout
    return json.loads(out)["fid"], time.perf_counter() - start


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", required=True)
    p.add_argument("--dimensions", type=int, default=2048)
    p.add_argument("--samples", type=int, default=10000)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != str(a.threads):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OMP_NUM_THREADS": str(a.threads), "OPENBLAS_NUM_THREADS": str(a.threads)})
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"{i}.npy") for i in (0, 1)]
        for i, path in enumerate(paths): np.save(path, features(a.samples, a.dimensions, i))
        sums = [os.path.join(folder, f"{i}.npz") for i in (0, 1)]
        for path, target in zip(paths, sums):
            mu, sigma = statistics_of(path)
            np.savez(target, mu=mu, sigma=sigma)
        blocks = []
        for _ in range(a.rounds):
            block = {}
            block["ours"], block["ours_seconds"] = ours(a.program, paths, "")
            block["ours_of_statistics"], block["ours_statistics_seconds"] = ours(a.program, sums, "-statistics")
            block["theirs"], block["theirs_seconds"], block["theirs_statistics_seconds"], block["root_seconds"] = theirs(paths)
            blocks.append(block)
    median = {key: statistics.median(b[key] for b in blocks) for key in blocks[0] if key.endswith("seconds")}
    print(json.dumps(dict(samples=a.samples, dimensions=a.dimensions, threads=a.threads, scipy=scipy.__version__, numpy=np.__version__, **median, blocks=blocks)))


if __name__ == "__main__":
    sys.exit(main())
