"""A Slurm of one node, started for one case: real munged, slurmctld and slurmd, all in one folder."""

import os
import shutil
import signal
import socket
import subprocess
import time

from sandbox import CLEANUP_S, WAIT_S, Skip

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scancel", "scontrol")
TASKS = 4  # that the node takes at once, whatever the machine has
CONFIGURATION = """ClusterName=ganselect
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdTimeout=10
ReturnToService=2
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs={tasks} State=UNKNOWN
PartitionName=work Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def find_programs():
    """{name: path}, also from where only root looks."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = {name: shutil.which(name, path=path) for name in PROGRAMS}
    missing = sorted(name for name, place in found.items() if place is None)
    if missing:
        raise Skip(f"no {', '.join(missing)} here: scripts/setup --slurm installs them")
    if os.geteuid() != 0:
        raise Skip("slurmd runs as root only")
    return found


def free_ports(count):
    opened = [socket.socket() for _ in range(count)]
    for one in opened:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in opened]
    for one in opened:
        one.close()
    return ports


def children_of(process):
    """Of all below it, parents first."""
    below = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == process:
            below += [int(entry), *children_of(int(entry))]
    return below


class Cluster:
    def __init__(self, folder):
        self.programs = find_programs()
        self.folder, self.running = folder, {}
        for name in ("", "state", "spool"):
            os.makedirs(os.path.join(folder, name), mode=0o700, exist_ok=True)
        with open(self.path("munge.key"), "wb") as file:
            file.write(os.urandom(1024))
        os.chmod(self.path("munge.key"), 0o600)
        with open(self.path("slurm.conf"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(folder=folder, host=socket.gethostname().split(".")[0], ports=free_ports(2), tasks=TASKS))
        self.environment = {"SLURM_CONF": self.path("slurm.conf")}
        try:
            # --force: a temporary folder that others may list is no error.
            self.start("munged", "--foreground", "--force", f"--key-file={self.path('munge.key')}", f"--socket={self.path('munge.socket')}",
                       f"--pid-file={self.path('munged.pid')}", f"--log-file={self.path('munged.log')}", f"--seed-file={self.path('munged.seed')}")
            self.wait("munged", lambda: os.path.exists(self.path("munge.socket")))
            self.start("slurmctld", "-D")
            self.start("slurmd", "-D")
            self.wait("an idle node", lambda: "idle" in self.ask("scontrol", "show", "node").lower())
        except BaseException:
            self.stop()
            raise

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def start(self, name, *arguments):
        with open(self.path(name + ".out"), "ab") as out:
            self.running[name] = subprocess.Popen([self.programs[name], *arguments], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                                  env={**os.environ, **self.environment}, cwd=self.folder, start_new_session=True)

    def ask(self, name, *arguments):
        done = subprocess.run([self.programs[name], *arguments], env={**os.environ, **self.environment}, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else ""

    def wait(self, what, holds):
        deadline = time.monotonic() + WAIT_S
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {WAIT_S} s for {what}\n{self.log()}")
            time.sleep(0.2)

    def log(self):
        text = ""
        for name in ("slurmctld.log", "slurmd.log"):
            if os.path.exists(self.path(name)):
                with open(self.path(name), encoding="utf-8", errors="replace") as file:
                    text += f"--- {name}\n{file.read()[-3000:]}"
        return text

    def states(self, job):
        """{task: state} of an array, finished ones too."""
        found = {}
        for block in self.ask("scontrol", "show", "job", job, "--oneliner").splitlines():
            words = dict(word.split("=", 1) for word in block.split() if "=" in word)
            found[words.get("ArrayTaskId", "")] = words.get("JobState")
        return found

    def steps(self):
        """The daemons of the jobs that run, which slurmd leaves to themselves."""
        found = []
        for entry in os.listdir("/proc"):
            try:
                with open(f"/proc/{entry}/environ", "rb") as file:
                    mine = b"SLURM_CONF=" + self.path("slurm.conf").encode() in file.read()
                with open(f"/proc/{entry}/comm", encoding="utf-8") as file:
                    named = file.read().strip() == "slurmstepd"
            except OSError:
                continue
            if mine and named:
                found.append(int(entry))
        return found

    def lose_node(self):
        """As where the power fails: slurmd and all it started are gone, and nobody is told."""
        lost = [self.running.pop("slurmd")]
        steps = self.steps()
        for process in [lost[0].pid, *steps, *[child for step in steps for child in children_of(step)]]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        lost[0].wait()
        return len(steps)

    def stop(self):
        for step in self.steps():
            for process in [*children_of(step), step]:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        for name in ("slurmd", "slurmctld", "munged"):
            process = self.running.pop(name, None)
            if process is None:
                continue
            process.terminate()
            try:
                process.wait(timeout=CLEANUP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
