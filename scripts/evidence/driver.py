"""start, stop and the driver itself: one sweep after the other, each a plan with one seed, until all are done."""

import contextlib
import datetime
import os
import pathlib
import signal
import subprocess
import sys
import time

from evidence.home import Driver, git
from evidence.say import ROOT, die, read_json, say, write_json

ATTEMPTS = 3          # of a sweep that ends as no sweep should
POLL_S = 0.5
STATE_S = 10          # between two writes of the state
SWEEP_DONE = (0, 5)   # 5: a trial could not run; its record says why, the others have theirs
SWEEP_REFUSED = (2, 3, 4)
NOT_IN_CLONES = (".venv", "third_party")  # what scripts/setup makes, shared with this checkout


def start(home, args):
    driver = Driver(home)
    if driver.runs():
        if driver.process_state() == "T":
            driver.go_on()
            return say(f"the driver (process {driver.pid()}) was halted and goes on")
        if driver.process_state() is None:
            die(f"the driver is gone, but trials of its still run (process group {driver.pid()})",
                "scripts/benchmark stop, then start again")
        return say(f"the driver runs already (process {driver.pid()}); scripts/benchmark status says where it stands")
    for plan, seed in home.stages:
        home.stage_plan(plan, seed)  # a plan that is not there is said now, not in a log
    if home.commit and not (ROOT / ".venv").exists():
        die("LibTorch is not installed in .venv", "run scripts/setup")
    if not home.commit and not os.access(home.program, os.X_OK):
        die(f"{home.program} is not there", "run scripts/build")
    home.folder.mkdir(parents=True, exist_ok=True)
    command = ["nice", "-n", str(args.nice), sys.executable, str(ROOT / "scripts" / "benchmark"), "drive", *args.repeated]
    with open(home.log, "ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                   cwd=ROOT, env={**os.environ, **data_environment(home)})
    while driver.pid() != process.pid or not driver.runs():
        if process.poll() == 0:
            return say("every stage is done; the driver has nothing left to do")
        if process.poll() is not None:
            die(f"the driver ended at once with status {process.returncode}", f"its log says why: {home.log}")
        time.sleep(0.05)
    say(f"the driver runs (process {process.pid}), log {home.log}")


def data_environment(home):
    """Where the data sets lie, found as scripts/test finds them."""
    if not home.commit or os.environ.get("GANSELECT_DATA"):
        return {}
    found = subprocess.run(["bash", "-c", 'source "$1/scripts/common.sh"; find_data', "benchmark", str(ROOT)],
                           stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    return {"GANSELECT_DATA": found} if found else {}


def stop(home, args):
    driver = Driver(home)
    if not driver.runs():
        return say("no driver runs")
    pid = driver.pid()
    # The driver passes the first one on to its sweep, whose trials then save their state. A second would end them at once.
    driver.signal(signal.SIGTERM, group=driver.process_state() is None)
    driver.go_on()
    for patience, number in ((args.wait, signal.SIGTERM), (10, signal.SIGKILL), (10, None)):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not driver.runs():
                return say(f"the driver (process {pid}) has stopped; scripts/benchmark start goes on")
            time.sleep(0.1)
        if number:
            say(f"it still runs; sending {number.name}, which costs at most what came after the last checkpoints")
            driver.signal(number)
    die(f"process group {pid} does not end", "look at it with ps")


class Stopped(Exception):
    """Somebody wants an end."""


class Drive:
    def __init__(self, home, jobs):
        self.home, self.jobs = home, jobs or os.cpu_count() or 1
        self.state_path = home.folder / "state.json"
        self.state = {**read_json(self.state_path, {}), "jobs": self.jobs, "failures": {}}
        self.state.setdefault("busy_seconds", 0.0)
        self.sweep = None
        self.stop_asked = False

    def run(self):
        driver = Driver(self.home)
        self.lock = self.take_lock(driver)
        be_last()
        driver.pid_path.write_text(f"{os.getpid()}\n")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.ask_for_stop)
        try:
            self.note("preparing")
            self.prepare()
            for plan, seed in self.home.stages:
                self.run_stage(plan, seed)
            self.note("ended")
        except Stopped:
            self.note("stopped")
        except BaseException:
            self.note("failed", self.state.get("stage"))
            raise
        say(f"{self.state['phase']}, {len(self.state['failures'])} stages failed")
        sys.exit(1 if self.state["failures"] else 0)

    @staticmethod
    def take_lock(driver):
        for _ in range(30):  # who asks whether a driver runs holds the lock for a moment
            descriptor = driver.lock()
            if descriptor is not None:
                return descriptor
            time.sleep(0.1)
        return die("another driver has just started", "scripts/benchmark status")

    def ask_for_stop(self, *_):
        self.stop_asked = True

    def note(self, phase, stage=None):
        self.state.update(phase=phase, stage=stage, since=datetime.datetime.now(datetime.timezone.utc).isoformat("T", "seconds"))
        write_json(self.state_path, self.state)
        say(f"{self.state['since']} {phase} {stage or ''}".rstrip())

    def prepare(self):
        if self.home.commit:
            prepare_source(self.home, self.call)
        say(f"{self.home.import_published()} published trials taken over")

    def call(self, *command, folder=ROOT):
        """A command of the preparation, which ends with the driver."""
        self.sweep = subprocess.Popen([str(word) for word in command], cwd=folder, pass_fds=(self.lock,))
        status = self.wait()
        if self.stop_asked:
            raise Stopped
        if status:
            die(f"{' '.join(map(str, command))} ended with status {status}", "its messages are above; start again once mended")

    def wait(self, working=False):
        """The status of the running child; time is counted where it `works` on trials."""
        last = written = time.monotonic()
        told = False
        while (status := self.sweep.poll()) is None:
            if self.stop_asked and not told:
                self.sweep.send_signal(signal.SIGTERM)
                told = True
            time.sleep(POLL_S)
            now = time.monotonic()
            if working:
                self.state["busy_seconds"] += min(now - last, 4 * POLL_S)  # a halt is no work
            if working and now - written > STATE_S:
                write_json(self.state_path, self.state)
                written = now
            last = now
        return status

    def run_stage(self, plan, seed):
        wanted = self.home.stage_plan(plan, seed)
        if wanted is None or self.is_done(plan, seed, wanted):
            return
        target = self.home.stage_file(plan, seed, "json")
        write_json(target, wanted)
        for attempt in range(ATTEMPTS):
            if self.stop_asked:
                raise Stopped
            self.note("training", f"{plan} seed {seed}")
            status = self.run_sweep(plan, seed, target)
            if self.stop_asked:
                raise Stopped
            if status in SWEEP_DONE:
                break
            say(f"the sweep of {plan}, seed {seed}, ended with status {status}")
            if status in SWEEP_REFUSED:
                break
        if status != 0:
            self.state["failures"][f"{plan} seed {seed}"] = f"status {status}"

    def run_sweep(self, plan, seed, file):
        command = [self.home.program, "--quiet", "sweep", file, "--out", self.home.runs / plan, "--device", "cpu",
                   "--jobs", self.jobs, "--json"]
        outcome = self.home.stage_file(plan, seed, "outcome")
        be_last()  # again: whoever looks after the machine may have changed it
        with open(outcome.with_name(outcome.name + ".part"), "wb") as out:
            self.sweep = subprocess.Popen([str(word) for word in command], stdout=out, pass_fds=(self.lock,))
            status = self.wait(working=True)
        if status in SWEEP_DONE:
            outcome.with_name(outcome.name + ".part").rename(outcome)
        write_json(self.state_path, self.state)
        return status

    def is_done(self, plan, seed, wanted):
        """Has it been run to its end as it is wanted, and are its trials' records still there?"""
        outcome = read_json(self.home.stage_file(plan, seed, "outcome"))
        if not outcome or read_json(self.home.stage_file(plan, seed, "json")) != wanted:
            return False
        return all(trial["status"] == "skipped" or (trial["status"] != "failed" and (
            self.home.runs / plan / trial["trial_id"] / "record.json").exists()) for trial in outcome["trials"])


def be_last():
    """To a scheduler that groups processes by session, niceness counts within one alone; so the session gets the driver's."""
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/self/autogroup").write_text(str(os.nice(0)), encoding="utf-8")


def prepare_source(home, call):
    """A clone of the frozen commit with a build of its own."""
    if not home.source.exists():
        part = home.source.with_name("source.part")
        call("rm", "-rf", part)
        call("git", "clone", "--quiet", "--no-checkout", ROOT, part)
        call("git", "-C", part, "checkout", "--quiet", "--detach", home.commit)
        part.rename(home.source)
    for name in NOT_IN_CLONES:
        if (ROOT / name).exists() and not (home.source / name).exists():
            (home.source / name).unlink(missing_ok=True)  # of a checkout that has moved
            (home.source / name).symlink_to(ROOT / name)
    if git("rev-parse", "HEAD", folder=home.source) != home.commit or git("status", "--porcelain", "-uno", folder=home.source):
        die(f"{home.source} is not the commit {home.commit[:12]} as it was committed", "remove that folder; it is made again")
    call(home.source / "scripts" / "build", "release", "--target", "ganselect", folder=home.source)
