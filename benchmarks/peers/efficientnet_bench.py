#!/usr/bin/env python3
"""efficientnet_bench.py - features of 32x32 images by the detector efficientnet-lite0 and by the Python package of that network.

Both start from uint8 images in memory, resize them by anti-aliased bicubic interpolation and end with features in memory;
ours computes class scores as well. The package runs as it comes and channels-last, at several batch sizes, and its fastest
block of a round counts. Blocks alternate, one thread each; prints one JSON object with medians. Needs
efficientnet-lite-pytorch 0.1.0 and torch.

  efficientnet_bench.py --program GANSELECT --weights WEIGHTS.pth [--size 64] [--images 512] [--rounds 5]
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

import torch
from efficientnet_lite_pytorch import EfficientNet

BATCHES = (16, 32, 64)


def resized(images, size):
    x = torch.nn.functional.interpolate(images.float(), (size, size), mode="bicubic", align_corners=False, antialias=True)
    return (x.clamp(0, 255) / 255 - 0.498) / 0.502


def theirs(network, images, size, batch, layout):
    """Images a second."""
    start = time.perf_counter()
    with torch.inference_mode():
        torch.cat([network.extract_features(resized(part, size).contiguous(memory_format=layout)).mean((2, 3)) for part in images.split(batch)])
    return len(images) / (time.perf_counter() - start)


def ours(program, size, count):
    out = subprocess.run([program, "bench", "--kind", "detectors", "--detector", f"efficientnet-lite0@{size}", "--samples", str(count),
                          "--repetitions", "3", "--threads", "1", "--device", "cpu", "--json"], capture_output=True, text=True, check=True).stdout
    rates = [row["images/s"] for row in json.loads(out)["benchmarks"] if row["name"].startswith("detect/") and row["run_type"] == "iteration"]
    return statistics.median(rates)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", required=True)
    p.add_argument("--weights", required=True)
    p.add_argument("--size", type=int, default=64)
    p.add_argument("--images", type=int, default=512)
    p.add_argument("--rounds", type=int, default=5)
    a = p.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OMP_NUM_THREADS": "1"})
    torch.set_num_threads(1)
    layouts = {"as it comes": torch.contiguous_format, "channels-last": torch.channels_last}
    networks = {}
    for name, layout in layouts.items():
        with open(os.devnull, "w") as quiet:  # the package prints
            sys.stdout, kept = quiet, sys.stdout
            networks[name] = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=a.weights).eval().to(memory_format=layout)
            sys.stdout = kept
    images = torch.randint(0, 256, (a.images, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    rounds = []
    for _ in range(a.rounds):
        one = {"ours": ours(a.program, a.size, a.images)}
        for name, layout in layouts.items():
            one[name] = max(theirs(networks[name], images, a.size, batch, layout) for batch in BATCHES)
        rounds.append(one)
    medians = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    ratios = {name: statistics.median(one["ours"] / one[name] for one in rounds) for name in layouts}
    print(json.dumps({"size": a.size, "images": a.images, "torch": torch.__version__, "images_per_second": medians, "ratio": ratios, "rounds": rounds}))


if __name__ == "__main__":
    sys.exit(main())
