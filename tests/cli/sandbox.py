"""A folder of its own for one case, the program run in it, and what can be asked of the outcome."""

import functools
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import zlib

import pytest

WAIT_S = 600  # far beyond what any run here needs, so that a hang ends as a failure
CLEANUP_S = 10


Skip = pytest.skip.Exception  # the machine cannot run this case; the text says why


@functools.cache
def python_with(module, variable, setup):
    """A Python that can import `module`: the one that the environment's `variable` names, this one, or .venv's."""
    for python in (os.environ.get(variable), sys.executable, os.path.join(os.path.dirname(__file__), "../../.venv/bin/python3")):
        if python and os.path.exists(python) and subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0:
            return python
    raise Skip(f"no Python that can import {module} ({setup} puts it into .venv; {variable} may name one)")


def remove_folder(path):
    """Helpers of a process that was ended outlive it by a moment and may still write there, so a folder that is not empty is tried again."""
    deadline = time.monotonic() + CLEANUP_S
    while os.path.exists(path) and time.monotonic() < deadline:
        shutil.rmtree(path, ignore_errors=True)
        if os.path.exists(path):
            time.sleep(0.1)


class Outcome:
    """How a run ended: status, standard output and standard error."""

    def __init__(self, command, status, out, err):
        self.command, self.status, self.out, self.err = " ".join(map(str, command)), status, out, err

    def __str__(self):
        return f"{self.command}\n  status {self.status}\n  out: {self.out[-1500:]}\n  err: {self.err[-3000:]}"

    def succeeds(self):
        assert self.status == 0, f"expected status 0 of {self}"
        return self

    def fails(self, status, *fragments, printing=False):
        """Ends with `status`; the last line of standard error is the one line of the error and holds the fragments.

        Nothing stands on standard output, unless the finding itself is the result (`printing`).
        """
        assert self.status == status, f"expected status {status} of {self}"
        assert (self.out != "") == printing, f"expected {'a' if printing else 'no'} result on standard output of {self}"
        lines = self.err.strip().splitlines()
        assert lines and re.match(r"ganselect: \[.+\] ", lines[-1]), f"expected `ganselect: [where] ...` as last line of {self}"
        for fragment in fragments:
            assert fragment in lines[-1], f"expected '{fragment}' in the last line of {self}"
        return self

    def says(self, *fragments):
        for fragment in fragments:
            assert fragment in self.out, f"expected '{fragment}' on standard output of {self}"
        return self

    def json(self):
        self.succeeds()
        try:
            return json.loads(self.out)
        except ValueError as why:
            raise AssertionError(f"standard output is no JSON ({why}) of {self}") from why


class Sandbox:
    """One temporary folder; the program sees no data sets, no cache and no settings but those made here."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.environment = {key: value for key, value in os.environ.items()
                            if key in ("PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")}
        self.environment.update(HOME=folder, XDG_CACHE_HOME=os.path.join(folder, "cache"), TERM="dumb",
                                OMP_NUM_THREADS="1", OMP_WAIT_POLICY="passive")

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, content):
        """Writes text, bytes or (anything else) JSON; gives the path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if not isinstance(content, (str, bytes)):
            content = json.dumps(content)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return path

    def read(self, *parts):
        with open(self.path(*parts), "rb") as file:
            return file.read()

    def record(self, *parts):
        return json.loads(self.read(*parts, "record.json"))

    def files(self, name):
        """{path relative to the folder `name`: content}."""
        found = {}
        for folder, _, names in os.walk(self.path(name)):
            for one in names:
                path = os.path.join(folder, one)
                try:
                    found[os.path.relpath(path, self.path(name))] = self.read(path)
                except FileNotFoundError:
                    continue  # a running program renamed its temporary file meanwhile
        return found

    def start(self, *arguments, prefix=(), stdout=subprocess.PIPE, environment=None, program=None):
        command = [*prefix, program or self.program, *map(str, arguments)]
        return subprocess.Popen(command, cwd=self.folder, env={**self.environment, **(environment or {})},
                                stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True)

    def finish(self, process):
        try:
            out, err = process.communicate(timeout=WAIT_S)
        except subprocess.TimeoutExpired as late:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"still running after {WAIT_S} s: {Outcome(process.args, None, out or '', err)}") from late
        return Outcome(process.args, process.returncode, out or "", err)

    def run(self, *arguments, **options):
        return self.finish(self.start(*arguments, **options))

    def run_and_stop(self, number, ready, *arguments):
        """Sends signal `number` as soon as ready() holds; fails where the run ends before that."""
        process = self.start(*arguments)
        deadline = time.monotonic() + WAIT_S
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise AssertionError(f"ended before it could be stopped: {self.finish(process)}")
            time.sleep(0.01)
        process.send_signal(number)
        return self.finish(process)

    def kill_when(self, ready, *arguments):
        outcome = self.run_and_stop(signal.SIGKILL, ready, *arguments)
        assert outcome.status == -signal.SIGKILL, f"expected a kill of {outcome}"
        return outcome

    def run_on_small_disk(self, kilobytes, mount_point, *arguments):
        """Runs with `mount_point` on a file system of that size, in a mount namespace of its own."""
        os.makedirs(mount_point, exist_ok=True)
        script = f'mount -t tmpfs -o size={kilobytes}k tmpfs "$0" && exec "$@"'
        namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
        inside = [*namespace, "sh", "-c", script, mount_point]
        try:
            probe = subprocess.run([*inside, "true"], capture_output=True, check=False)
        except FileNotFoundError as why:
            raise Skip("no unshare here") from why
        if probe.returncode != 0:
            raise Skip(f"no small file system can be mounted here ({probe.stderr.decode().strip()})")
        return self.run(*arguments, prefix=inside)

    def run_on_terminal(self, *arguments):
        """The program with standard error on a terminal; the outcome's err is what the terminal got."""
        import pty  # not there on every system
        try:
            leader, follower = pty.openpty()
        except OSError as why:
            raise Skip(f"no terminal can be made here ({why})") from why
        process = subprocess.Popen([self.program, *map(str, arguments)], cwd=self.folder,
                                   env={**self.environment, "TERM": "xterm"}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=follower, text=True)
        os.close(follower)
        got = b""
        while True:
            try:
                chunk = os.read(leader, 65536)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            got += chunk
        os.close(leader)
        out, _ = process.communicate(timeout=WAIT_S)
        return Outcome(process.args, process.returncode, out, got.decode(errors="replace"))


def npy(values, shape, kind="<f8"):
    """The bytes of a .npy file of format 1.0; `values` are all elements in C order."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    letter = {"<f8": "d", "<f4": "f", "<i4": "i", "<i8": "q", "|u1": "B"}[kind]
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}{letter}", *values)


def tensors(content):
    """{name: (dtype, shape, bytes)} of a .safetensors file's content."""
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    body = content[8 + length:]
    return {name: (entry["dtype"], entry["shape"], body[entry["data_offsets"][0]:entry["data_offsets"][1]])
            for name, entry in header.items() if name != "__metadata__"}


sys.dont_write_bytecode = True


def png(values, channels, width, height):
    """An 8-bit PNG; `values` are all samples row by row, pixel by pixel; 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha."""
    rows = b"".join(b"\0" + bytes(values[y * width * channels:(y + 1) * width * channels]) for y in range(height))

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
