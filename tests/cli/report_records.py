"""Made-up records of several seeds for tests of the report: evaluations along training, curves, sample grids, missing
measures, and trials that diverged, collapsed or failed. The same names and numbers every time."""

import json
import math
import os
import random
import struct
import zlib

STEPS = 400
# name: seeds, quality, diversity, device, needs labels
CANDIDATES = {
    "dcgan": (5, 0.62, 0.55, "cpu", False),
    "wgan-gp": (4, 0.70, 0.62, "cpu", False),
    "lsgan": (3, 0.58, 0.66, "cpu", False),
    "rsgan": (5, 0.66, 0.50, "cpu", False),
    "fgan-kl": (3, 0.35, 0.30, "cpu", False),
    "geometric-gan": (1, 0.55, 0.52, "cpu", False),
    "sngan": (4, 0.74, 0.58, "cuda:0", False),
    "labelled": (3, 0.60, 0.60, "cpu", True),
}


def png(width, height, colour):
    """A grid of 32 x 32 tiles with two-pixel gaps; colour(x, y) gives three bytes."""
    rows = b"".join(b"\0" + b"".join(bytes(colour(x, y)) for x in range(width)) for y in range(height))

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def grid(number):
    def colour(x, y):
        if x % 34 < 2 or y % 34 < 2:
            return (255, 255, 255)
        tile = x // 34 + 8 * (y // 34)
        return ((37 * tile + 29 * number) % 256, (x * 5 + 11 * number) % 256, (y * 3 + 17 * tile) % 256)

    return png(274, 274, colour)


def protocol(n_fake, seed):
    return {"detector": "judge-cifar10", "detector_digest": "a" * 64, "data": "cifar10", "data_digest": "d" * 64, "split": "train",
            "n_real": 2000, "n_fake": n_fake, "seed": 1000 + seed, "mode": "eval",
            "measures": {"ndb": {"bins": 100}, "modes": {"classes": 10}, "coverage": {"k": 5}}}


def measures(chance, quality, diversity):
    q = min(1.0, max(0.0, quality + chance.gauss(0, 0.03)))
    d = min(1.0, max(0.0, diversity + chance.gauss(0, 0.03)))
    fid = 60 - 50 * q
    return {"fid": fid, "kid_mean": fid / 400, "precision": 0.3 + 0.6 * q, "density": 0.3 + 0.6 * q, "recall": 0.1 + 0.8 * d,
            "coverage": 0.1 + 0.8 * d, "mode_kl": 0.5 * (1 - d), "modes": 10.0 if d > 0.4 else 8.0, "ndb": round(90 - 60 * d) * 1.0,
            "memorization": 0.01 + 0.02 * chance.random(), "fid_gap": 0.5 + chance.random(), "fid_best": fid, "fid_last": fid * 1.03,
            "oscillation_fid": 1 + chance.random(), "vanishing_share": 0.0, "collapsed": 0.0, "critic_accuracy_real": 0.8,
            "critic_accuracy_heldout": 0.74, "updates_per_second": 9 + 3 * chance.random(), "train_seconds": 40 + 5 * chance.random(),
            "peak_memory_bytes": 5e8, "parameters_g": 370000.0, "parameters_d": 170000.0}


def candidate(name, needs_labels):
    return {"name": name, "architecture": "sngan-cnn" if name == "sngan" else "dcgan",
            "loss": {"dcgan": "non-saturating", "wgan-gp": "wasserstein", "sngan": "non-saturating"}.get(name, name),
            "regularization": {"wgan-gp": ["gradient-penalty"], "sngan": ["spectral-norm"]}.get(name, []),
            "divergence": "kl" if name == "fgan-kl" else None, "minimizes": "Jensen-Shannon", "critic_formula": "E s(-real) + E s(fake)",
            "generator_formula": "E s(-fake)", "optimizer": {"kind": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999},
            "n_critic": 1, "needs_labels": needs_labels, "tables": [1], "extension": False, "source": "made up for tests"}


def record(name, seed, chance):
    _, quality, diversity, device, needs_labels = CANDIDATES[name]
    values = measures(chance, quality, diversity)
    status, step, why, reason = "finished", None, None, {}
    if name == "lsgan":
        values["recall"], reason["recall"] = None, "left out on purpose"
    if name == "fgan-kl":
        status, step, why = [("finished", None, None), ("diverged", 220, "loss is not a number"), ("failed", 30, "out of memory")][seed]
    if name == "rsgan" and seed == 4:
        status, step, why = "collapsed", 350, "samples alike"
        values["collapsed"] = 1.0
    if status in ("diverged", "failed"):
        values = {key: None for key in values}
        reason = {key: f"the trial {status}" for key in values}
    points = [] if status == "failed" else [
        {"step": at, "seconds": at / 10, "measures": {"fid": (values["fid"] or 50.0) + 60 * math.exp(-at / 120), "modes": 7.0 + at / 200},
         "protocol": protocol(1000, 0), "reason": {}, "warnings": []}
        for at in range(50, (step or STEPS) + 1, 50)]
    return {"schema_version": 1, "kind": "trial", "trial_id": f"{name}-cifar10-s{seed}", "plan": "made-up",
            "candidate": candidate(name, needs_labels),
            "settings": {"point": name, "dataset": "cifar10", "seed": seed, "steps": STEPS, "width": 0.25, "batch": 64, "device": device,
                         "precision": "fp32", "ema_decay": 0.0},
            "seed": seed, "budget": {"steps": STEPS, "batch": 64, "width": 0.25},
            "dataset": {"name": "cifar10", "split": "train", "digest": "d" * 64, "count": 50000},
            "provenance": {"commit": "0123456789abcdef0123456789abcdef01234567", "dirty": False, "compiler": "test",
                           "libtorch": "2.11.0", "device": device, "threads": 1, "date": "2026-01-02T03:04:05Z"},
            "status": status, "status_detail": {"step": step, "reason": why}, "measures": values, "protocol": protocol(2000, seed),
            "reason": reason, "warnings": [], "checkpoints": points, "files": {"curve": "curve.csv", "samples": "samples.png"}}


def curve(chance, until):
    lines = ["step,seconds,loss_d,loss_g,grad_norm_d,grad_norm_g,critic_accuracy_real,sample_diversity"]
    for step in range(10, until + 1, 10):
        far = math.exp(-step / 150)
        row = [0.6 + far + 0.05 * chance.random(), 1.2 + far + 0.2 * chance.random(), 1 + 5 * far, 3 + 9 * far + chance.random(),
               0.9 - 0.2 * far, 0.9 * (1 - far)]
        lines.append(",".join([str(step), f"{step / 10}", *(f"{value:.6f}" for value in row)]))
    return "\n".join(lines) + "\n"


def make_records(folder):
    """Writes one folder a trial under `folder`."""
    for number, (name, (seeds, *_)) in enumerate(CANDIDATES.items()):
        for seed in range(seeds):
            chance = random.Random(f"{name} {seed}")
            made = record(name, seed, chance)
            trial = os.path.join(folder, made["trial_id"])
            os.makedirs(trial)
            until = made["status_detail"]["step"] or STEPS
            for path, content in (("record.json", json.dumps(made, indent=1).encode()), ("curve.csv", curve(chance, until).encode()),
                                  ("samples.png", grid(10 * number + seed))):
                with open(os.path.join(trial, path), "wb") as file:
                    file.write(content)
