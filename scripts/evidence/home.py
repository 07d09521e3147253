"""Where the evidence is made: a folder of one frozen commit, outside of the work tree.

COMMIT/source   clone of that commit with a build of its own
COMMIT/runs     PLAN/TRIAL folders, unfinished ones with their checkpoints
COMMIT/stages   the plans, one seed at a time, and what became of them
COMMIT/driver.* the driver's lock, process, state and log
"""

import fcntl
import functools
import json
import os
import pathlib
import re
import signal
import subprocess

from evidence.say import PUBLISHED, ROOT, die, read_json, write_json

# In this order, seed by seed, so that each finished seed is a whole comparison.
STAGES = [(plan, seed) for seed in (0, 1, 2) for plan in ("paper-cpu", "modes-cpu")]
STAGES += [(plan, seed) for plan in ("questions-cpu", "scarce-cpu", "pacgan-ring") for seed in (0, 1, 2)]
VERSIONS = {"training_version": ("harness/train/training_version.h", r"kTrainingVersion = (\d+);"),
            "evaluation_version": ("metrics/evaluation_version.h", r"kEvaluationVersion = (\d+);")}


def git(*words, folder=ROOT):
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def evidence_commit(path):
    """The commit that `path` names on its first line; lines that follow are comments."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError:
        die(f"{path} is not there", "write the commit to train with into it: git rev-parse HEAD")
    word = lines[0].strip()
    if not re.fullmatch(r"[0-9a-f]{7,40}", word):
        die(f"{path} begins with '{word[:60]}', not with a commit", "its first line is a commit's hash alone")
    commit = git("rev-parse", "--verify", "--quiet", word + "^{commit}")
    if commit is None:
        die(f"the commit {word} of {path} is not in this repository", "git fetch, or name another commit")
    return commit


def default_folder():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(cache) / "ganselect" / "evidence"


class Home:
    """`commit` is None where a program was named: it then trains by the plans of this checkout, or of `plans`."""

    def __init__(self, args):
        self.commit = None if args.program else evidence_commit(args.evidence)
        self.folder = (args.home or default_folder()).resolve() / (self.commit or "program")
        self.source = self.folder / "source"
        self.program = args.program.resolve() if args.program else self.source / "build" / "release" / "ganselect"
        self.plans = args.plans.resolve() if args.plans else None
        self.stages = args.stages or STAGES
        self.runs = self.folder / "runs"
        self.log = self.folder / "driver.log"

    def plan(self, name):
        """The plan as the frozen program has it."""
        if self.plans or not self.commit:
            folder = self.plans or ROOT / "harness" / "plans"
            text = (folder / f"{name}.json").read_text(encoding="utf-8") if (folder / f"{name}.json").exists() else None
        else:
            text = git("show", f"{self.commit}:harness/plans/{name}.json")
        if text is None:
            die(f"there is no plan {name} to train by", "name a commit or a folder that has it, or other --stages")
        return json.loads(text)

    def stage_file(self, plan, seed, kind):
        return self.folder / "stages" / f"{plan}-seed{seed}.{kind}"

    def stage_plan(self, name, seed):
        """The plan with that seed alone; None where the plan does not have it."""
        plan = self.plan(name)
        seeds = plan.get("seeds", [0])
        arms = []
        for arm in plan.get("arms", []):
            if seed in (arm.pop("seeds", None) or seeds):
                arms.append(arm)
        plan.update(seeds=[seed], arms=arms, points=plan.get("points", []) if seed in seeds else [])
        return plan if plan["points"] or arms else None

    @functools.cached_property
    def versions(self):
        """{name: number} of the frozen program; empty where it has none, or is not a commit's."""
        found = {}
        for key, (path, form) in VERSIONS.items():
            match = re.search(form, (git("show", f"{self.commit}:{path}") if self.commit else None) or "")
            if match:
                found[key] = int(match[1])
        return found if len(found) == len(VERSIONS) else {}

    def is_own(self, record):
        """Does the record come from the frozen program, or from one that trains and measures alike?"""
        if self.versions:
            return all(record.get(key) == number for key, number in self.versions.items())
        return self.commit is not None and record.get("provenance", {}).get("commit") == self.commit

    def import_published(self):
        """Trials that are published count as done; the number of those that were not known here."""
        known = {plan for plan, _ in self.stages}
        count = 0
        imported = set(read_json(self.folder / "imported.json", []))
        for path in sorted(PUBLISHED.glob("*/*/*/record.json")):
            plan, trial = path.parent.parent.name, path.parent.name
            target = self.runs / plan / trial
            record = read_json(path)
            if plan not in known or (target / "record.json").exists() or not record or not self.is_own(record):
                continue
            imported.add(f"{plan}/{trial}")
            write_json(self.folder / "imported.json", sorted(imported))
            target.mkdir(parents=True, exist_ok=True)
            for name in ("settings.json", "curve.csv", "record.json"):  # the record last: it says that the rest is there
                if (path.parent / name).exists():
                    (target / f"{name}.part").write_bytes((path.parent / name).read_bytes())
                    (target / f"{name}.part").rename(target / name)
            count += 1
        return count


class Driver:
    """The driver's process as others see it. The lock is held as long as the driver or one of its sweeps lives."""

    def __init__(self, home):
        self.lock_path = home.folder / "driver.lock"
        self.pid_path = home.folder / "driver.pid"

    def lock(self):
        """The lock's descriptor, or None where another holds it."""
        self.lock_path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.lock_path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def runs(self):
        if not self.lock_path.exists():
            return False
        descriptor = self.lock()
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def pid(self):
        """The driver's, which is its group's too; None before it has said so."""
        try:
            return int(self.pid_path.read_text())
        except (OSError, ValueError):
            return None

    def process_state(self):
        """The letter of /proc for the driver's own process: T where it is halted; None where it is no more."""
        try:
            text = pathlib.Path(f"/proc/{self.pid()}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        letter = text.rpartition(")")[2].split()[0]
        return None if letter in "ZX" else letter

    def signal(self, number, group=True):
        """False where there is nobody to be signalled."""
        pid = self.pid()
        if pid is None or not self.runs():
            return False
        try:
            (os.killpg if group else os.kill)(pid, number)
        except ProcessLookupError:
            return False
        return True

    def halt(self):
        return self.signal(signal.SIGSTOP)

    def go_on(self):
        return self.signal(signal.SIGCONT)
