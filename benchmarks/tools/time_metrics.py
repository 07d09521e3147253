#!/usr/bin/env python3
"""Time and peak memory of `ganselect metrics` and of torch-fidelity and prdc on the same feature files, one thread each.

Run by `benchmarks/tools/compare-metrics --time`. Time is CPU time, which other programs on the machine change little. The packages'
is that of the computation alone, features in memory and modules loaded; ganselect's is that of the whole process, which
starts, reads the files, measures and prints. Memory is the peak of the whole process for both, and its growth over what
the process holds before it measures. Runs alternate; medians.
"""
import json
import multiprocessing
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}

# name: samples a side, dimensions, runs, families of `ganselect metrics --only`, and the packages' functions
CASES = {
    "fid-50000x2048": (50000, 2048, 3, "fid", ["fidelity_fid"]),
    "precision-recall-10000x256": (10000, 256, 3, "prdc", ["fidelity_precision_recall", "prdc_scores"]),
    "precision-recall-10000x512": (10000, 512, 3, "prdc", ["fidelity_precision_recall", "prdc_scores"]),
    "precision-recall-10000x2048": (10000, 2048, 3, "prdc", ["fidelity_precision_recall", "prdc_scores"]),
    "kid-10000x512": (10000, 512, 3, "kid", ["fidelity_kid"]),
}
KID_SUBSETS = 100


def draw(path, n, d, seed, shift):
    """Features like a network's: 256 independent causes, mixed, rectified, with noise of their own; float32."""
    random = numpy.random.default_rng(seed)
    mixing = numpy.random.default_rng(1).standard_normal((256, d), numpy.float32) / 16
    features = random.standard_normal((n, 256), numpy.float32) @ mixing + numpy.float32(shift)
    features += numpy.float32(0.2) * random.standard_normal((n, d), numpy.float32)
    numpy.save(path, numpy.maximum(features, 0))


def status_bytes(key):
    """VmRSS or VmHWM of this process, in bytes."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"time_metrics: no {key} in /proc/self/status")


def run_package(function, real, fake):
    """In a process of its own: one computation of a package, as JSON on standard output."""
    import torch

    import peer_metrics
    torch.set_num_threads(1)
    call = getattr(peer_metrics, function)
    extra = (KID_SUBSETS,) if function == "fidelity_kid" else ()
    small = numpy.random.default_rng(0).standard_normal((1000, 8)).astype(numpy.float32)
    peer_metrics.quiet(lambda: call(small, small + 1, *extra))  # loads what is loaded at the first call
    real, fake = numpy.load(real), numpy.load(fake)
    before = status_bytes("VmRSS")
    start = time.process_time()
    values = peer_metrics.quiet(lambda: call(real, fake, *extra))
    seconds = time.process_time() - start
    peak = status_bytes("VmHWM")
    print(json.dumps({"seconds": seconds, "peak_bytes": peak, "growth_bytes": peak - before, "values": values}))


def time_package(function, files):
    out = subprocess.run([sys.executable, __file__, function, *files], check=True, stdout=subprocess.PIPE,
                         env={**os.environ, **THREADS})
    return json.loads(out.stdout)


def run_program(command):
    """(CPU seconds, peak bytes, standard output) of one process."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **THREADS})
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"time_metrics: {' '.join(map(str, command))} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text


def time_ours(program, family, files, idle_bytes):
    command = [program, "metrics", "--real", files[0], "--fake", files[1], "--only", family, "--json",
               "--kid-subsets", str(KID_SUBSETS)]
    seconds, peak, text = run_program(command)
    values = {name: value for name, value in json.loads(text).items() if isinstance(value, float)}
    return {"seconds": seconds, "peak_bytes": peak, "growth_bytes": peak - idle_bytes, "values": values}


def summary(name, package, runs):
    return {"name": name, "package": package, "seconds": statistics.median(run["seconds"] for run in runs),
            "seconds_of_runs": [round(run["seconds"], 3) for run in runs],
            "peak_bytes": int(statistics.median(run["peak_bytes"] for run in runs)),
            "growth_bytes": int(statistics.median(run["growth_bytes"] for run in runs)), "values": runs[0]["values"]}


def check_values(case, own, peers):
    """A fast wrong answer is none: both sides must have computed the same."""
    for peer in peers:
        for measure, value in peer["values"].items():
            tolerance = 1e-3 * abs(value) if measure in ("fid", "kid_mean", "kid_std") else 2e-4
            if abs(own["values"][measure] - value) > tolerance:
                raise SystemExit(f"time_metrics: {case}: {measure} is {own['values'][measure]} here, {value} there")


def draw_apart(*arguments):
    """In a process of its own: a process that is started counts its starter's peak as its own."""
    drawing = multiprocessing.Process(target=draw, args=arguments)
    drawing.start()
    drawing.join()
    if drawing.exitcode != 0:
        raise SystemExit(f"time_metrics: drawing features ended with {drawing.exitcode}")


def time_case(program, case, folder):
    n, d, repeats, family, functions = CASES[case]
    files = [str(folder / "real.npy"), str(folder / "fake.npy")]
    draw_apart(files[0], n, d, 2, 0.0)
    draw_apart(files[1], n, d, 3, 0.05)
    tiny = [str(folder / "tiny.npy")] * 2
    numpy.save(tiny[0], numpy.random.default_rng(0).standard_normal((100, 8)).astype(numpy.float32))
    _, idle_bytes, _ = run_program([program, "metrics", "--real", tiny[0], "--fake", tiny[1], "--only", family, "--json"])
    runs = {function: [] for function in ["ganselect", *functions]}
    for _ in range(repeats):
        runs["ganselect"].append(time_ours(program, family, files, idle_bytes))
        for function in functions:
            runs[function].append(time_package(function, files))
    own = summary("ganselect", "ganselect", runs["ganselect"])
    peers = [summary(function, "prdc" if function == "prdc_scores" else "torch-fidelity", runs[function])
             for function in functions]
    check_values(case, own, peers)
    return {"case": case, "samples": n, "dimensions": d, "dtype": "float32", "threads": 1, "runs": repeats,
            "ganselect": own, "peers": peers}


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def megabytes(count):
    return f"{count / 1e6:,.0f}"


def table(document):
    lines = ["# Time and memory of the measures", "",
             f"CPU time of one thread on {document['processor']}, medians; the same float32 feature files for all. The packages: "
             + ", ".join(f"{name} {version}" for name, version in document["packages"].items()) + ".",
             "Their time is the computation alone; ganselect's the whole process, which reads the files too. `prdc` covers "
             "precision, recall, density and coverage at once; ganselect's row of it computes these and the two of k = 3.", "",
             "| features | what | ganselect CPU s | theirs CPU s | times faster | peak MB | theirs | share | growth MB | theirs |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in document["cases"]:
        own = row["ganselect"]
        for peer in row["peers"]:
            lines.append(
                f"| {row['case']} | {peer['package']} | {own['seconds']:.2f} | {peer['seconds']:.2f} | "
                f"{peer['seconds'] / own['seconds']:.1f} | {megabytes(own['peak_bytes'])} | "
                f"{megabytes(peer['peak_bytes'])} | {own['peak_bytes'] / peer['peak_bytes']:.0%} | "
                f"{megabytes(own['growth_bytes'])} | {megabytes(peer['growth_bytes'])} |")
    return "\n".join(lines) + "\n"


def run(program, cases, out, packages):
    """Times the named cases (none: all); rows of other cases that `out` holds already stay."""
    out = pathlib.Path(out) if out else None
    document = {"schema_version": 1, "processor": processor(), "packages": packages, "cases": []}
    if out and out.exists():
        document["cases"] = json.loads(out.read_text())["cases"]
    for case in cases or CASES:
        if case not in CASES:
            raise SystemExit(f"compare-metrics: no case is named {case}; the cases are {', '.join(CASES)}")
        with tempfile.TemporaryDirectory() as folder:
            row = time_case(program, case, pathlib.Path(folder))
        document["cases"] = [other for other in document["cases"] if other["case"] != case] + [row]
        print(f"{case}: done", file=sys.stderr)
    document["cases"].sort(key=lambda row: list(CASES).index(row["case"]))
    print(table(document), end="")
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(document, indent=2) + "\n")
        out.with_suffix(".md").write_text(table(document))
    return 0


if __name__ == "__main__":
    run_package(*sys.argv[1:4])
