"""The program from outside, as a user runs it: exit statuses, streams, messages, cut-off runs.

  pytest tests/cli --program=build/release/ganselect [-k WORDS]

Each case gets a Sandbox of its own. Standard library and pytest alone; scripts/test runs all of them.
"""

import os
import pathlib
import tempfile

import pytest
from sandbox import Sandbox, remove_folder

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "build" / "release" / "ganselect"


def pytest_addoption(parser):
    parser.addoption("--program", default=str(PROGRAM), help="the program under test")


@pytest.fixture
def box(request):
    program = os.path.abspath(request.config.getoption("--program"))
    if not os.access(program, os.X_OK):
        pytest.exit(f"no program at {program}: run scripts/build, or name one by --program", returncode=2)
    folder = tempfile.mkdtemp(prefix="ganselect-cli-")
    yield Sandbox(program, folder)
    remove_folder(folder)
