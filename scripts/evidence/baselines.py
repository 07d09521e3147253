"""results/published/baselines.json: noise and real images measured as the published trials were, beside which scores are read."""

import json
import subprocess

from evidence.say import PROGRAM, PUBLISHED, die, protocol_of, say, write_json

FILE = PUBLISHED / "baselines.json"
KINDS = ("noise", "real")


def asked_for(published):
    """(data set, detector, samples) of every published trial; data that only one machine has are left out, said so."""
    found = set()
    for path in sorted(published.rglob("record.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        for part in (record, *record.get("measures_by_detector", {}).values()):
            protocol = protocol_of(record, part)
            data, detector, count = record["dataset"]["name"], protocol.get("detector"), protocol.get("n_fake")
            if detector and count and record["dataset"]["split"] == "train":
                found.add((data, detector, count))
    return sorted(found)


def measured(program, data, detector, count, kind):
    command = [str(program), "--quiet", "evaluate", "--baseline", kind, "--dataset", data, "--detector", detector,
               "--num-samples", str(count), "--device", "cpu", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        say(f"left out {kind} on {data} by {detector}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        return None
    return json.loads(done.stdout)


def run(args):
    program = args.program or PROGRAM
    if not program.is_file():
        return die(f"{program} is not there", "scripts/build, or name one by --program")
    entries = []
    for data, detector, count in asked_for(PUBLISHED):
        for kind in KINDS:
            measures = measured(program, data, detector, count, kind)
            if measures is not None:
                entries.append({"kind": kind, "dataset": data, "measures": measures})
    if not entries:
        return die("nothing could be measured", "GANSELECT_DATA names the folder of data sets")
    write_json(FILE, {"schema_version": 1, "made_by": "scripts/benchmark baselines", "baselines": entries})
    return say(f"{len(entries)} baselines in {FILE.relative_to(PUBLISHED.parent.parent)}")
