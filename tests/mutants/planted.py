"""Sources with planted errors behind a switch, compiled and linked by a build's own commands; the sources themselves stay as they are.

The environment's PLANTED_ERROR is the number of the one error that acts; PLANTED_REACHED names a file to which the number of
each error that was come by is written.
"""
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

SWITCH = r"""#ifndef PLANTED_SWITCH
#define PLANTED_SWITCH
#include <atomic>
#include <cstdio>
#include <cstdlib>
static bool planted(int number) {
  static const char* wanted = std::getenv("PLANTED_ERROR");
  static const char* reached = std::getenv("PLANTED_REACHED");
  if (reached != nullptr) {
    static std::atomic<bool> seen[100000];
    if (!seen[number].exchange(true)) {
      if (std::FILE* file = std::fopen(reached, "a")) {
        std::fprintf(file, "%d\n", number);
        std::fclose(file);
      }
    }
  }
  return wanted != nullptr && std::atoi(wanted) == number;
}
#endif
"""


def stop(where, expected, got, hint):
    sys.exit(f"[{where}] expected {expected}, got {got}; {hint}")


def compile_commands(build):
    file = build / "compile_commands.json"
    if not file.exists():
        stop(build, "a configured build", "none", "run scripts/build release")
    return json.loads(file.read_text())


def unit_of(commands, source):
    """The entry of the file that is compiled for `source`: itself, or the unity file that includes it; None where nothing is."""
    included = f'#include "{ROOT / source}"'
    for entry in commands:
        if entry["file"] == str(ROOT / source):
            return entry
        if "/Unity/" in entry["file"] and included in pathlib.Path(entry["file"]).read_text():
            return entry
    return None


def compile_planted(build, texts, folder, said=None):
    """Compiles every unit that has a source of `texts` ({path under the root: text}); the objects. What the compiler says of
    a unit that it refuses is handed to `said`; without it that is an error."""
    commands, units = compile_commands(build), {}
    for source, text in texts.items():
        copy = folder / source.replace("/", "__")
        copy.write_text(SWITCH + f'#line 1 "{source}"\n' + text)
        entry = unit_of(commands, source)
        if entry is None:
            stop(build, f"a compile command for {source}", "none", "run scripts/build release")
        units.setdefault(entry["file"], (entry, {}))[1][str(ROOT / source)] = str(copy)
    objects = []
    for entry, copies in units.values():
        name = re.sub(r"\W+", "_", entry["file"].removeprefix(str(ROOT)))
        unit = copies.get(entry["file"])
        if unit is None:
            unit = str(folder / f"{name}.unit.cpp")
            text = pathlib.Path(entry["file"]).read_text()
            for original, copy in copies.items():
                text = text.replace(f'"{original}"', f'"{copy}"')
            pathlib.Path(unit).write_text(text)
        objects.append(folder / f"{name}.o")
        key = hashlib.sha256("".join(texts[s] for s in sorted(texts) if str(ROOT / s) in copies).encode()).hexdigest()
        made = folder / f"{name}.key"
        if made.exists() and made.read_text() == key:
            continue
        made.unlink(missing_ok=True)
        words = shlex.split(entry["command"])
        words[words.index("-o") + 1] = str(objects[-1])
        words = [unit if word == entry["file"] else word for word in words]
        done = subprocess.run(words, cwd=build, capture_output=True, text=True)
        if done.returncode != 0 and said is None:
            stop(unit, "a source that compiles", done.stderr[-2000:], "the errors follow the formulas")
        if done.returncode != 0:
            said(done.stderr)
        else:
            made.write_text(key)
    return objects


def link_planted(build, objects, test_program, out):
    listed = subprocess.run(["ninja", "-C", build, "-t", "commands", "-s", test_program], check=True,
                            capture_output=True, text=True).stdout.strip().splitlines()[-1]
    words = [word for word in shlex.split(listed) if word not in (":", "&&")]
    words[words.index("-o") + 1] = str(out)
    # Before the libraries: their own copies of these objects are then never pulled in.
    at = words.index("-o")
    subprocess.run(words[:at] + [str(o) for o in objects] + words[at:], check=True, cwd=build)
