"""The project's own files, and the way every checker reports: shared by the scripts named check_*."""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED_FOLDERS = {"build", ".git", ".venv", "third_party", "runs", "__pycache__"}


def own_files(root):
    """Paths relative to `root`: what git tracks or would add; without git, every file outside build folders."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    top = subprocess.run(["git", "-C", root, "rev-parse", "--show-toplevel"],
                         capture_output=True, text=True, check=False).stdout.strip()
    if listed.returncode == 0 and os.path.realpath(top or "/") == os.path.realpath(root):
        files = listed.stdout.splitlines()
    else:
        files = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            files += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(name for name in files if os.path.isfile(os.path.join(root, name)))


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def main(check, self_test):
    """`check(root)` gives the violations as lines; `--self-test` shows that planted ones are found."""
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        print("every planted violation was found")
        return
    violations = check(sys.argv[1] if len(sys.argv) > 1 else ROOT)
    for line in violations:
        print(line)
    if violations:
        sys.exit(f"{len(violations)} violation(s)")


def expect(check, files, *expected):
    """In a tree of `files` (path: text), `check` finds one violation per fragment in `expected`, in that order."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)) or root, exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        found = check(root)
    if len(found) != len(expected) or any(want not in got for want, got in zip(expected, found)):
        sys.exit(f"self-test: expected {list(expected)}, got {found}")
