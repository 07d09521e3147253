"""What the kit's calls brought back, into results/published: what was verified, what was timed, and finished trials."""

import datetime
import json
import pathlib
import re
import tarfile
import tempfile

from evidence import publish
from evidence.say import die, say, write_json

COUNTERS = ("updates/s", "images/s", "FLOP/s", "share_of_matrix_rate", "peak_memory_bytes", "flops_per_update", "published_flops_per_update")


def unpack(folder, into):
    archives = sorted(folder.glob("*.tar.gz"))
    if not archives:
        die(f"no CALL.tar.gz in {folder}", "bring back what the kit's `run` names")
    for archive in archives:
        with tarfile.open(archive) as tar:
            tar.extractall(into, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # of Python 3.12 and mended older ones
    return sorted(path for path in into.iterdir() if path.is_dir())


class Step:
    """One step's end and its output."""

    def __init__(self, file):
        told = json.loads(file.read_text(encoding="utf-8"))
        self.name, self.status, self.seconds, self.limit = told["step"], told["status"], told["seconds"], told["limit_seconds"]
        self.text = file.with_suffix(".out").read_text(encoding="utf-8", errors="replace")
        self.errors = file.with_suffix(".err").read_text(encoding="utf-8", errors="replace")

    def ended(self):
        if self.status in (124, 137):
            return f"ran out of its {self.limit} s"
        return "done" if self.status == 0 else f"status {self.status}"

    def rows(self):
        """Its output as JSON; of a list that was cut off, the rows that were there."""
        try:
            return json.loads(self.text)
        except ValueError:
            pass
        try:
            return json.loads(self.text.rstrip().rstrip(",") + "]")
        except ValueError:
            return None

    def summary(self):
        last = self.errors.strip().splitlines()[-1:] if self.status else []
        return {"step": self.name, "ended": self.ended(), "seconds": self.seconds, "limit_seconds": self.limit, "said": last[0] if last else None}


def steps_of(calls):
    return {step.name: step for call in calls for step in (Step(file) for file in sorted(call.glob("*.json")))}


def head(steps, kind):
    """Date, device, versions and matrix rate, from the step that measured the last."""
    told = steps["matrix"].rows() if "matrix" in steps and steps["matrix"].status == 0 else None
    context = told["context"] if told else {}
    gpu = steps["device"].text.strip().splitlines() if "device" in steps and steps["device"].status == 0 else []
    rate = {"dtype": context["matrix_rate_dtype"], "flops_per_second": float(context["matrix_rate_flops_per_second"])} if told else None
    return {"kind": kind, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "device": context.get("device"),
            "gpu": gpu or None, "versions": {key: context.get(f"ganselect_{key}") for key in ("version", "commit", "libtorch")}, "matrix_rate": rate}


def timings(step, precision):
    rows = []
    for row in (step.rows() or {}).get("benchmarks", []):
        found = re.match(r"train/([^/]+)", row["name"])
        if found:
            rows.append({"case": row["name"], "candidate": found[1], "precision": precision, **{key: row[key] for key in COUNTERS if key in row}})
    return rows


def captured(steps):
    checks = {p: steps[f"capture-{p}"].rows() for p in ("fp32", "bf16") if f"capture-{p}" in steps}
    rows = [row for part in checks.values() for row in part or []]
    if not rows:
        return None
    passed = sum(row["right"] for row in rows)
    cut = [p for p in checks if steps[f"capture-{p}"].status in (124, 137)]
    return {"text": f"{passed} of {len(rows)} checks (candidates x {', '.join(checks)}, 20 steps) within the precision's rounding"
                    + (f"; {', '.join(cut)} cut off" if cut else ""), "checks": checks}


def collect(folder, target):
    if not folder.is_dir():
        die(f"{folder} is no folder")
    with tempfile.TemporaryDirectory() as place:
        calls = unpack(folder, pathlib.Path(place))
        steps = steps_of(calls)
        benchmarks = target / "benchmarks"
        verified = steps["verify"].rows() if "verify" in steps else None
        rows = [row for name in ("training", "concurrent") if name in steps for row in timings(steps[name], "bf16")]
        write_json(benchmarks / "gpu-kit.json", {**head(steps, "kit"), "steps": [step.summary() for step in steps.values()], "verify": verified, "training": rows})
        if (checks := captured(steps)) is not None:
            write_json(benchmarks / "gpu-captured.json", {**head(steps, "captured"), **checks})
        for step in steps.values():
            say(f"{step.name}: {step.ended()} ({step.seconds} s)")
        say(f"{len(rows)} timings, {len(verified or [])} checks in {benchmarks}")
        for call in calls:
            if any(call.glob("trials/*/*/record.json")):
                publish.publish_trials(call / "trials", target)
    say("benchmarks/tools/bench-report makes the page of the benchmarks")
    return 0
