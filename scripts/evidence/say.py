"""What every part of scripts/benchmark and scripts/gpu-kit needs: messages, whole files, the places of the checkout."""

import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PUBLISHED = ROOT / "results" / "published"
PROGRAM = ROOT / "build" / "release" / "ganselect"
COST_FILE = "cost_alone.json"


def say(text):
    print(f"{pathlib.Path(sys.argv[0]).name}: {text}", file=sys.stderr, flush=True)


def die(text, hint=None):
    say(text)
    if hint:
        say(f"what to do: {hint}")
    sys.exit(1)


def write_whole(path, content):
    """The file is there as a whole or not at all, also after a kill or a loss of power."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def write_json(path, value):
    write_whole(path, (json.dumps(value, indent=2) + "\n").encode())


def read_json(path, default=None):
    """None, or `default`, where the file is not there or is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return default


def protocol_of(trial, part=None):
    """Of the trial or a part of it (a checkpoint, another detector's measures). Records name a protocol by its short id where they write each once."""
    protocol = (part or trial)["protocol"]
    return trial["protocols"][protocol] if isinstance(protocol, str) else protocol
