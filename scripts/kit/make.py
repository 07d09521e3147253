"""Makes the kit: programs, the libraries that a bare system lacks, weights and plans, so that it may lie anywhere."""

import json
import lzma
import pathlib
import re
import shutil
import subprocess
import tarfile

from evidence.say import ROOT, die, say

LIMIT_MB = 30
PACKED = "programs.tar.gz"
PROGRAMS = ("ganselect", "ganselect-torch", "ganselect_cuda.so")
# Of glibc and the compiler: every system has its own, and newer ones serve older programs.
SYSTEM = re.compile(r"^(ld-linux.*|lib(c|m|dl|rt|util|pthread|resolv|stdc\+\+|gcc_s)\.so.*|linux-vdso.*)$")
# Come with torch.
TORCH = re.compile(r"^lib(torch.*|c10.*|cudart|cupti|cublas.*|cudnn.*|cufft|curand|cusparse.*|cusolver|nccl|nvrtc.*|gomp)\.so.*$")
# Of CIFAR-10, to be brought together; the test images, all or the first thousand, are what a critic is held to.
BATCHES = (("data_batch_1", "data_batch_2"), ("data_batch_3", "data_batch_4"), ("data_batch_5", "test_batch", "test_batch_first1000"))


def output(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        die(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def of_the_kit(name):
    return not SYSTEM.match(name) and not TORCH.match(name)


def needed(file):
    """{name: path, or None where it is not found} of the libraries that the file needs and a bare system with torch lacks, through
    others too; what torch needs it brings."""
    paths = {}
    for line in output("ldd", file).splitlines():
        match = re.match(r"\s*(\S+) => (\S+)", line)
        if match:
            paths[match[1]] = None if match[2] == "not" else pathlib.Path(match[2])
    found, left = {}, [file]
    while left:
        for name in output("patchelf", "--print-needed", left.pop()).split():
            if of_the_kit(name) and name not in found:
                found[name] = paths.get(name)
                left += [found[name]] if found[name] else []
    return found


def copy_programs(build, kit):
    (kit / "bin").mkdir(parents=True)
    (kit / "lib").mkdir()
    libraries = {}
    for name in PROGRAMS:
        if not (build / name).exists():
            die(f"{build / name} is not there", "scripts/build makes it; the module of CUDA needs LibTorch with its headers (scripts/setup)")
        shutil.copy2(build / name, kit / "bin" / name)
        output("strip", kit / "bin" / name)
        libraries.update(needed(build / name))
    shutil.copy2(build / "catalogue.json", kit / "bin")
    for name, path in sorted(libraries.items()):
        if path is None:
            die(f"{name} is needed and not found here", "scripts/setup")
        shutil.copy2(path.resolve(), kit / "lib" / name)
        (kit / "lib" / name).chmod(0o755)
        output("patchelf", "--set-rpath", "$ORIGIN", kit / "lib" / name)
    for name in PROGRAMS:
        output("patchelf", "--set-rpath", "$ORIGIN/../lib", kit / "bin" / name)
    return len(libraries)


def check_alone(kit):
    """Everything but the system's and torch's is found in the kit."""
    for name in PROGRAMS:
        for library, path in needed(kit / "bin" / name).items():
            if path is None or kit not in path.parents:
                die(f"bin/{name} finds {library} at {path}, not in the kit")


def copy_share(kit):
    """Plans, and the weights that `verify` and the plans' measures ask for."""
    weights = kit / "share" / "metrics" / "detectors" / "weights"
    weights.mkdir(parents=True)
    for file in sorted((ROOT / "metrics" / "detectors" / "weights").glob("*.safetensors")):
        shutil.copy2(file, weights)
    shutil.copytree(ROOT / "harness" / "plans", kit / "share" / "harness" / "plans")
    (kit / "plans").mkdir()
    for name in ("paper", "paper-resnet"):
        plan = json.loads((ROOT / "harness" / "plans" / f"{name}.json").read_text(encoding="utf-8"))
        plan["seeds"] = plan["seeds"][:1]
        plan["train"]["precision"] = "bf16"
        (kit / "plans" / f"{name}.json").write_text(json.dumps(plan, indent=2) + "\n", encoding="utf-8")
    for name in ("run", "steps.tsv"):
        shutil.copy2(ROOT / "scripts" / "kit" / name, kit)


def pack_programs(kit):
    """bin, lib and share as one file, which `run` unpacks: the kit is smaller by half so."""
    with tarfile.open(kit / PACKED, "w:gz") as tar:
        for name in ("bin", "lib", "share"):
            tar.add(kit / name, name)
            shutil.rmtree(kit / name)


def size_mb(folder):
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6


def pack_data(data, kit):
    """[(folder, MB)] of the packed batches."""
    folder = data / "cifar-10-batches-bin" if (data / "cifar-10-batches-bin").is_dir() else data
    parts = []
    for number, batches in enumerate(BATCHES, 1):
        part = kit.with_name(f"{kit.name}-data{number}")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for batch in batches:
            source = folder / f"{batch}.bin"
            if not source.exists() and batch.startswith("test"):
                continue
            if not source.exists():
                die(f"{source} is not there", "--data names the folder of CIFAR-10's binary files")
            (part / f"{source.name}.xz").write_bytes(lzma.compress(source.read_bytes(), preset=6))
        parts.append((part, size_mb(part)))
    if not any(folder.glob("test_batch*.bin")):
        say(f"warning: no test_batch in {folder}: no critic will be held to images that it was not shown")
    return parts


def print_calls(kit, parts):
    calls = []
    for line in (kit / "steps.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            call, _, limit, _ = line.split("\t")
            if not calls or calls[-1][0] != call:
                calls.append([call, 0])
            calls[-1][1] += int(limit)
    lines = [f"The kit: {kit} ({size_mb(kit):.1f} MB). Bring it to the machine, then call there, from wherever it lies:", ""]
    brought = iter(parts)
    for call, seconds in calls:
        if call == "cpu":
            continue
        if call == "proof":
            for part, size in brought:
                lines.append(f"  (bring {part.name} beside it: {size:.1f} MB)")
        lines.append(f"  {kit.name}/run --out OUT {call:<8} # {seconds} s at most; bring back OUT/{call}.tar.gz")
    if not parts:
        lines.append("  (proof, small and resnet need CIFAR-10's batches: scripts/gpu-kit --data FOLDER packs them)")
    lines += ["", f"Without a GPU, {kit.name}/run cpu tries what needs none. Back here: scripts/gpu-kit --collect FOLDER"]
    print("\n".join(lines))


def warn_of_changes(build):
    """What a program of uncommitted sources trains cannot be published, so it is said before a machine is lent."""
    built = build / "generated" / "provenance_values.h"
    if not built.exists() or "GANSELECT_DIRTY true" in built.read_text(encoding="utf-8"):
        say("warning: the programs were built from sources that are not committed: what they train cannot be published; commit and scripts/build first")


def make(out, build, data):
    if shutil.which("patchelf") is None:
        die("patchelf is not installed", "run scripts/setup")
    kit = out.with_name(out.name + ".part")
    shutil.rmtree(kit, ignore_errors=True)
    count = copy_programs(build, kit)
    check_alone(kit)
    copy_share(kit)
    whole = size_mb(kit)
    pack_programs(kit)
    if size_mb(kit) >= LIMIT_MB:
        die(f"the kit is {size_mb(kit):.1f} MB, more than {LIMIT_MB}", f"{kit / PACKED} shows what takes them")
    shutil.rmtree(out, ignore_errors=True)
    kit.rename(out)
    say(f"{len(PROGRAMS)} programs, {count} libraries; {size_mb(out):.1f} MB, unpacked {whole:.1f}")
    warn_of_changes(build)
    print_calls(out, pack_data(data, out) if data else [])
    return 0
