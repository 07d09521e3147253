"""Messages and places of scripts/gpu-kit."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PUBLISHED = ROOT / "results" / "published"


def say(text):
    print(f"gpu-kit: {text}", file=sys.stderr, flush=True)


def die(text, hint=None):
    say(text)
    if hint:
        say(f"what to do: {hint}")
    sys.exit(1)
