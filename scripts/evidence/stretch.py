"""scripts/benchmark [stretch] --time 25min ...: a stretch of time on a machine that is lent, as one with a GPU.

Runs as much of the plans as the time allows, most informative first, and packs what came of it into a few files that a later
stretch, also on another machine, takes up from.

  scripts/benchmark --time 25min --device cuda --out runs/benchmark --packs packs/1
  scripts/benchmark --time 25min --device cuda --out runs/benchmark --from packs/1 --packs packs/2
  scripts/benchmark --publish results/published --from packs/1 packs/2

Stages are parts of plans, one seed at a time: every candidate once before any has two seeds. A trial that would be cut off by
the end of the time is not started, since packs hold no checkpoints: only whole trials cross from machine to machine.
--publish copies the packs' records to FOLDER/DATA_SET/PLAN as scripts/benchmark publish does; trains nothing.
--from also takes what --publish wrote, as FOLDER/DATA_SET: the records are there, and they are what says that a trial is done.
"""
import argparse
import json
import lzma
import pathlib
import re
import shutil
import subprocess
import tarfile
import time

from evidence.publish import PNG, WEBP, finished_trials, publish_trials
from evidence.say import COST_FILE, PROGRAM, ROOT, die, say, write_json, write_whole

PLANS = ROOT / "harness" / "plans"
# What results/published holds of a trial, and what a pack holds (statistics are 0.5 MB a trial).
PUBLISHED = ("record.json", "settings.json", "curve.csv", PNG, WEBP)
KEPT = ("record.json", "settings.json", "curve.csv", PNG, "statistics.safetensors")
LARGEST_PACK = 15_000_000  # bytes, so that a pack stays below 16 MB with its tar headers
ORDERS = {
    "gpu": [("paper", 0), ("paper-resnet", 0), ("questions", 0), ("scarce", 0), ("paper", 1),
            ("paper-resnet", 1), ("questions", 1), ("sensitivity", 0), ("paper", 2), ("paper-resnet", 2), ("questions", 2), ("scarce", 1), ("scarce", 2)],
    "cpu": [("paper-cpu", 0), ("questions-cpu", 0), ("paper-cpu", 1), ("questions-cpu", 1), ("paper-cpu", 2),
            ("questions-cpu", 2)],
}
WIDTHS = {"gpu": "1", "cpu": "0.25"}  # of the scales' plans
RESERVE_SECONDS = 20  # for packing at the end


def seconds_of(text):
    found = re.fullmatch(r"([0-9.]+)(s|min|h|)", text)
    if not found or float(found[1]) <= 0:
        die(f"--time {text} is no time", "write 1500s, 25min or 2h")
    return float(found[1]) * {"": 1, "s": 1, "min": 60, "h": 3600}[found[2]]


def unpack(folders, out):
    """Trials of earlier stretches into `out`; what is there already stays."""
    count = 0
    for folder in folders:
        packs = sorted(pathlib.Path(folder).glob("*.tar.xz"))
        published = sorted(pathlib.Path(folder).glob("*/*/record.json"))
        if not packs and not published:
            die(f"no pack and no trial in {folder}", "name the folder that an earlier stretch's --packs or --publish wrote")
        for record in published:
            trial = out / record.parent.parent.name / record.parent.name
            if not (trial / "record.json").exists():
                trial.mkdir(parents=True, exist_ok=True)
                for name in reversed(PUBLISHED):  # the record last: it says that the rest is there
                    if (record.parent / name).exists():
                        write_whole(trial / name, (record.parent / name).read_bytes())
                count += 1
        for pack in packs:
            try:
                with tarfile.open(pack) as tar:
                    for member in tar:
                        parts = pathlib.PurePosixPath(member.name).parts
                        safe = member.isfile() and ".." not in parts and not member.name.startswith("/")
                        if not safe or parts[-1] not in (*KEPT, COST_FILE):
                            die(f"{pack}: unexpected member {member.name}", "the pack was not made by this script")
                        target = out.joinpath(*parts)
                        if target.exists():
                            continue
                        target.parent.mkdir(parents=True, exist_ok=True)
                        write_whole(target, tar.extractfile(member).read())
                        count += parts[-1] == "record.json"
            except (tarfile.TarError, lzma.LZMAError, EOFError) as error:
                die(f"{pack} is damaged: {error}", "copy it again from where it was made")
    return count


def pack(out, packs):
    packs.mkdir(parents=True, exist_ok=True)
    for old in packs.glob("*.tar.xz*"):
        old.unlink()
    groups, size = [[]], 0
    items = finished_trials(out) + [path for path in [out / COST_FILE] if path.exists()]
    for item in items:
        files = [item] if item.is_file() else [item / name for name in KEPT if (item / name).exists()]
        packed = sum(len(lzma.compress(file.read_bytes(), preset=6)) + 600 for file in files)
        if size + packed > LARGEST_PACK and groups[-1]:
            groups.append([])
            size = 0
        groups[-1] += files
        size += packed
    for number, files in enumerate(groups, 1):
        target = packs / f"benchmark-{number:03}.tar.xz"
        with tarfile.open(target.with_name(target.name + ".part"), "w:xz", preset=6) as tar:
            for file in files:
                tar.add(file, file.relative_to(out).as_posix(), filter=anonymous)
        target.with_name(target.name + ".part").rename(target)
    total = sum(file.stat().st_size for file in packs.glob("*.tar.xz"))
    say(f"{len(finished_trials(out))} trials in {len(groups)} packs, {total / 1e6:.1f} MB, in {packs}")


def anonymous(info):
    """The same records give the same packs: no owner, no times."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mtime = 0
    return info


def stage_plan(out, name, seed):
    """The plan with that seed alone, as a file; None where the plan does not have the seed."""
    plan = json.loads((PLANS / f"{name}.json").read_text())
    if seed not in plan["seeds"]:
        return None
    plan["seeds"] = [seed]
    target = out / "plans" / f"{name}-seed{seed}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(plan, indent=2) + "\n")
    return target


def run_stages(args, program, end):
    for name, seed in ORDERS[args.scale]:
        left = end - time.monotonic() - RESERVE_SECONDS
        if left < 10:
            say("the time is used up")
            return
        plan = stage_plan(args.out, name, seed)
        if plan is None:
            continue
        say(f"{name}, seed {seed}, {left:.0f} s left")
        command = [program, "sweep", str(plan), "--out", str(args.out / name), "--device", args.device, "--whole-trials",
                   "--time-budget", f"{left:.0f}s", "--jobs", str(args.jobs)]
        if args.dataset:
            command += ["--dataset", args.dataset]
        status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
        if status not in (0, 5):  # 5: a trial could not run; the others have their records
            die(f"the sweep of {name} ended with status {status}", "its messages are above; the same command goes on")


def measure_cost(args, program, end):
    """Each candidate alone on the device: figures of trials that shared it are no cost of their own. At most a tenth of the
    stretch; a later one goes on."""
    target = args.out / COST_FILE
    cost = json.loads(target.read_text()) if target.exists() else {"benchmarks": []}
    done = {row["name"].split("/")[1] for row in cost["benchmarks"] if row["name"].startswith("train/")}
    stop = time.monotonic() + (end - time.monotonic()) / 10
    listed = json.loads(subprocess.run([program, "list", "--json"], stdout=subprocess.PIPE, check=True).stdout)
    names = [one["name"] for one in listed if not one.get("conditioning")]
    for name in names:
        if name in done:
            continue
        command = [program, "--quiet", "bench", "--kind", "training", "--json", "--device", args.device, "--candidate", name,
                   "--width", WIDTHS[args.scale], "--seconds", "1"]
        try:
            result = subprocess.run(command, stdout=subprocess.PIPE, timeout=max(1.0, stop - time.monotonic()))
        except subprocess.TimeoutExpired:
            return say(f"{len(done)} of {len(names)} candidates' costs measured; a later stretch goes on")
        if result.returncode != 0:
            say(f"measuring the cost of {name} ended with status {result.returncode}; going on without it")
            continue
        measured = json.loads(result.stdout)
        cost = {"context": measured["context"], "benchmarks": cost["benchmarks"] + measured["benchmarks"]}
        done.add(name)
        write_json(target, cost)


def publish(args):
    work = args.out / "unpacked" if args.from_packs else args.out
    if args.from_packs:
        shutil.rmtree(work, ignore_errors=True)
        unpack(args.from_packs, work)
    publish_trials(work, args.publish)


def main(words):
    parser = argparse.ArgumentParser(prog="scripts/benchmark stretch", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--time", default="25min", help="the stretch: 1500s, 25min, 2h")
    parser.add_argument("--scale", choices=sorted(ORDERS), default="gpu", help="gpu: plans at full width; cpu: quarter width")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--jobs", type=int, default=0, help="trials at once; 0: as fits the device")
    parser.add_argument("--dataset", default="", help="another data set than the plans'")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/benchmark"), help="folder of the trials")
    parser.add_argument("--from", dest="from_packs", nargs="+", default=[], help="folders of earlier stretches' packs")
    parser.add_argument("--packs", type=pathlib.Path, help="folder for this stretch's packs")
    parser.add_argument("--publish", type=pathlib.Path, help="copy records there; trains nothing")
    parser.add_argument("--program", default=str(PROGRAM))
    args = parser.parse_args(words)
    end = time.monotonic() + seconds_of(args.time)
    if not pathlib.Path(args.program).exists():
        die(f"{args.program} is not there", "run scripts/build")
    if args.publish:
        return publish(args)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.from_packs:
        say(f"{unpack(args.from_packs, args.out)} trials taken over")
    measure_cost(args, args.program, end)
    run_stages(args, args.program, end)
    if args.packs:
        pack(args.out, args.packs)

