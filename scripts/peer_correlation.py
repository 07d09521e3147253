#!/usr/bin/env python3
"""usage: scripts/peer_correlation.py RESULTS_FOLDER [--json]

Rank correlation of the records' judge FID with the FIDs that StudioGAN and Mimicry publish for the same candidates on CIFAR-10.
Theirs are in Inception's feature space and ours are not: orders are compared, never values. Spearman's coefficient and its exact
permutation p-value (two-sided), from the mean over seeds of each candidate; nothing is said below four candidates in common.
"""
import argparse
import itertools
import json
import pathlib
import statistics

# StudioGAN's CIFAR-10 table and Mimicry's 50k/50k table. Candidates whose published figure is of another network or of
# class-conditional training are left out: their order would say nothing of ours.
PUBLISHED = {
    "StudioGAN": {"dcgan": 48.29, "lsgan": 40.22, "geometric-gan": 43.16, "wgan": 107.68, "wgan-gp": 53.98, "dragan": 34.69},
    "Mimicry": {"dcgan": 28.95, "wgan-gp-resnet": 22.29, "sngan-resnet": 16.77, "projection-cgan": 10.84},
}
MOST_EXACT = 9  # candidates up to which all orders are counted


def ranks(values):
    """Ranks from 1, ties by their mean."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    result = [0.0] * len(values)
    for _, group in itertools.groupby(enumerate(order), key=lambda pair: values[pair[1]]):
        group = list(group)
        for _, index in group:
            result[index] = statistics.mean(position + 1 for position, _ in group)
    return result


def spearman(a, b):
    ra, rb = ranks(a), ranks(b)
    ma, mb = statistics.mean(ra), statistics.mean(rb)
    top = sum((x - ma) * (y - mb) for x, y in zip(ra, rb))
    bottom = (sum((x - ma) ** 2 for x in ra) * sum((y - mb) ** 2 for y in rb)) ** 0.5
    return top / bottom if bottom else None


def p_value(a, b):
    seen = abs(spearman(a, b))
    orders = list(itertools.permutations(b))
    return sum(abs(spearman(a, order)) >= seen - 1e-12 for order in orders) / len(orders)


def judge_fids(folder):
    """Candidate -> finite final FIDs, one a trial; trials of unlike scale are not mixed."""
    found, scales = {}, set()
    for path in sorted(pathlib.Path(folder).glob("**/record.json")):
        record = json.loads(path.read_text())
        entry = record["measures"].get("fid")
        value = entry["value"] if isinstance(entry, dict) else entry
        if value is None:
            continue
        scales.add((record["budget"]["steps"], record["budget"]["width"], record["dataset"]["digest"]))
        found.setdefault(record["candidate"]["name"], []).append(value)
    if len(scales) > 1:
        raise SystemExit(f"{folder}: trials of {len(scales)} scales; name a folder of one plan")
    return found


def compare(ours):
    rows = []
    for source, published in PUBLISHED.items():
        common = sorted(set(ours) & set(published))
        row = {"source": source, "candidates": common, "spearman": None, "p_value": None, "reason": None}
        if len(common) < 4:
            row["reason"] = f"{len(common)} candidates in common, at least 4 are needed"
        else:
            a = [statistics.mean(ours[name]) for name in common]
            b = [published[name] for name in common]
            row.update(spearman=spearman(a, b), p_value=p_value(a, b) if len(common) <= MOST_EXACT else None)
        rows.append(row)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", help="folder of a plan's trials, as results/published/cifar10/paper")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = compare(judge_fids(args.results))
    if args.json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        if row["reason"]:
            print(f"{row['source']}: {row['reason']}")
        else:
            print(f"{row['source']}: Spearman {row['spearman']:.2f}, p {row['p_value']:.3f}, over {', '.join(row['candidates'])}")


if __name__ == "__main__":
    main()
