"""An installed program: it may be moved, it finds what it needs by one rule, and others build against it."""

import os
import re
import shutil
import stat
import subprocess
import sys

import pytest
from sandbox import Outcome, Skip

HERE = os.path.dirname(os.path.abspath(__file__))


@pytest.fixture(scope="module")
def prefix(request, tmp_path_factory):
    """What `cmake --install` puts down, at a place where it was not installed to: moved once."""
    build = os.path.dirname(request.config.getoption("--program"))
    if not os.path.exists(os.path.join(build, "cmake_install.cmake")) or shutil.which("cmake") is None:
        raise Skip(f"{build} is no build folder, or there is no cmake")
    first = tmp_path_factory.mktemp("install") / "first"
    done = subprocess.run(["cmake", "--install", build, "--prefix", str(first)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    moved = first.parent / "moved"
    first.rename(moved)
    yield str(moved)
    shutil.rmtree(moved.parent, ignore_errors=True)


def libtorch(program):
    """The folder of libraries that the build itself uses."""
    shown = subprocess.run(["readelf", "-d", os.path.join(os.path.dirname(program), "ganselect-torch")], capture_output=True, text=True).stdout
    found = re.search(r"R(?:UN)?PATH.*\[([^\]:]*torch/lib)", shown)
    if not found:
        raise Skip("the build does not say where its LibTorch lies")
    return found.group(1)


def run(prefix, *arguments, **environment):
    """From /, with a path that holds no python3 unless one is given."""
    command = [os.path.join(prefix, "bin/ganselect"), *map(str, arguments)]
    bare = {"PATH": "/nowhere", "HOME": "/nowhere", "TERM": "dumb", "OMP_WAIT_POLICY": "passive", **environment}
    done = subprocess.run(command, cwd="/", env=bare, capture_output=True, text=True, timeout=300)
    return Outcome(command, done.returncode, done.stdout, done.stderr)


def test_answers_come_from_any_folder_and_after_a_move(prefix):
    run(prefix, "ask", "stable").succeeds().says("Take ", "steady training", "seeds")
    run(prefix, "plans").succeeds().says("smoke", "paper")
    run(prefix, "literature", "list").succeeds()
    for folder, _, names in os.walk(os.path.join(prefix, "lib/cmake")):
        for name in names:
            with open(os.path.join(folder, name)) as file:
                assert os.path.dirname(HERE) not in file.read().replace("/usr", ""), f"{name} holds the place of the sources"


def test_no_program_looks_for_its_files_where_it_was_built(prefix, request):
    sources = os.path.realpath(os.path.join(HERE, "../.."))
    for name in ("bin/ganselect", "lib/ganselect/ganselect-torch"):
        shown = subprocess.run(["readelf", "-d", os.path.join(prefix, name)], capture_output=True, text=True).stdout
        for path in re.findall(r"R(?:UN)?PATH.*\[(.*)\]", shown):
            assert path.startswith("$ORIGIN"), f"{name} looks for libraries in {path}"
    assert not os.path.exists(os.path.join(prefix, "lib/ganselect/share_dir.txt"))
    build = os.path.dirname(request.config.getoption("--program"))
    with open(os.path.join(build, "share_dir.txt")) as file:
        assert file.read().strip() == sources


def test_libtorch_is_found_by_one_rule(prefix, request, tmp_path):
    run(prefix, "list").fails(1, "LibTorch", "setup-libtorch", "GANSELECT_LIBTORCH")
    run(prefix, "--version").succeeds().says("ganselect ")
    run(prefix, "--help").succeeds().says("ask", "setup-libtorch fetches it")
    there = libtorch(request.config.getoption("--program"))
    run(prefix, "list", GANSELECT_LIBTORCH=there).succeeds().says("dcgan", "wgan-gp")
    run(prefix, "list", GANSELECT_LIBTORCH=os.path.dirname(there)).succeeds().says("dcgan")
    run(prefix, "list", GANSELECT_LIBTORCH=tmp_path).fails(1, "GANSELECT_LIBTORCH", "none in")
    old = tmp_path / "old" / "torch"
    (old / "lib").mkdir(parents=True)
    (old / "lib" / "libtorch_cpu.so").write_bytes(b"")
    (old / "version.py").write_text("__version__ = '2.3.1+cpu'\n")
    run(prefix, "list", GANSELECT_LIBTORCH=old).fails(1, "version 2.3.1+cpu")
    # python3's own, through a python3 that knows the build's.
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python3"
    python.write_text(f"#!/bin/sh\necho {os.path.dirname(there)}\n")
    python.chmod(0o755)
    run(prefix, "list", PATH=f"{tmp_path}/bin:/usr/bin:/bin").succeeds().says("dcgan")
    # An older one is named, not used.
    python.write_text(f"#!/bin/sh\necho {old}\n")
    run(prefix, "list", PATH=f"{tmp_path}/bin:/usr/bin:/bin").fails(1, "version 2.3.1+cpu in")


def test_a_job_for_slurm_starts_the_installed_program(prefix, request):
    there = libtorch(request.config.getoption("--program"))
    script = run(prefix, "sweep", "smoke", "--slurm", "--print", GANSELECT_LIBTORCH=there).succeeds().out
    assert script.splitlines()[-2:] == ["cd / || exit 1", f"exec {os.path.realpath(prefix)}/bin/ganselect sweep smoke"], script
    assert os.path.realpath(os.path.join(HERE, "../..")) not in script


def test_setup_libtorch_fetches_the_pinned_wheels(prefix, request, tmp_path):
    shown = run(prefix, "setup-libtorch", "--print", "--into", tmp_path / "into").succeeds().out
    with open(os.path.join(HERE, "../../harness/cli/libtorch_wheels.txt")) as file:
        wheels = [line.strip() for line in file if not line.startswith("#")]
    assert len(wheels) >= 2 and shown.split()[-len(wheels):] == wheels and "--no-deps" in shown, shown
    run(prefix, "setup-libtorch", "--into", tmp_path / "into").fails(1, "setup-libtorch", "no python3", "python3-pip")
    # A python3 that does what pip would: its --target gets LibTorch.
    there = libtorch(request.config.getoption("--program"))
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python3"
    python.write_text('#!/bin/sh\n[ "$2" = pip ] || exit 0\n'
                      f'mkdir -p "$6" && ln -s {os.path.dirname(there)} "$6/torch" && echo fetched\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    path = f"{tmp_path}/bin:/usr/bin:/bin"
    fetched = run(prefix, "setup-libtorch", "--into", tmp_path / "into", PATH=path).succeeds()
    assert fetched.out == "" and "fetched" in fetched.err, fetched
    run(prefix, "list", GANSELECT_LIBTORCH=tmp_path / "into").succeeds().says("dcgan")
    # Into the user's data folder, where it is found without being named; a second call fetches nothing.
    home = {"PATH": path, "XDG_DATA_HOME": str(tmp_path / "data")}
    os.chmod(os.path.join(prefix, "lib/ganselect"), 0o555)
    run(prefix, "setup-libtorch", "--into", tmp_path / "data/ganselect/libtorch", **home).succeeds()
    os.chmod(os.path.join(prefix, "lib/ganselect"), 0o755)
    run(prefix, "list", XDG_DATA_HOME=home["XDG_DATA_HOME"]).succeeds().says("dcgan")
    assert "there already" in run(prefix, "setup-libtorch", **home).succeeds().err


def test_the_shell_completes_commands_and_flags(prefix):
    completions = os.path.join(prefix, "share/bash-completion/completions/ganselect")

    def completed(*words):
        script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ganselect; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, completions, *words], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return done.stdout.split()

    assert {"ask", "train", "sweep", "evaluate", "runs"} <= set(completed("ganselect", ""))
    assert completed("ganselect", "sw") == ["sweep"]
    assert completed("ganselect", "train", "dcgan", "--tensor") == ["--tensorboard"]
    assert "fetch" in completed("ganselect", "data", "") and "--quiet" in completed("ganselect", "data", "fetch", "--q")
    if shutil.which("zsh"):
        subprocess.run(["zsh", "-n", os.path.join(prefix, "share/zsh/site-functions/_ganselect")], check=True)


def test_the_man_page_has_every_command_and_flag(prefix, request):
    with open(os.path.join(prefix, "share/man/man1/ganselect.1")) as file:
        page = file.read()
    assert page.startswith(".TH GANSELECT 1"), page[:100]
    for command in ("ask", "train", "data fetch", "setup\\-libtorch"):
        assert f"\n.SS {command}\n" in page, command
    assert "\\-\\-tensorboard" in page
    assert not [line for line in page.splitlines() if line.startswith(".") and line.split()[0] not in (".TH", ".SH", ".SS", ".TP", ".B")]
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done.stderr[:1000]


def test_another_program_builds_against_it(prefix, box):
    done = subprocess.run(["cmake", "-S", os.path.join(HERE, "../install"), "-B", box.path("consumer"), "-G", "Ninja",
                           f"-DCMAKE_PREFIX_PATH={prefix}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    done = subprocess.run(["ninja", "-C", box.path("consumer")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    published = os.path.join(prefix, "share/ganselect/results/published/cifar10/paper-cpu")
    done = subprocess.run([box.path("consumer/consumer"), published, "stable"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    count = sum("record.json" in names for _, _, names in os.walk(published))
    assert done.stdout.startswith(f"{count} records, best FID "), done.stdout[:200]
    assert "understood as" in done.stdout, done.stdout[:1000]
    done = subprocess.run([box.path("consumer/consumer"), "/nowhere", "stable"], capture_output=True, text=True)
    assert done.returncode == 1 and "/nowhere" in done.stderr, done.stderr
