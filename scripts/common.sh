# Helpers of the shell scripts here and in benchmarks/tools; sourced, never run. Sets `root` and works from it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
name=$(basename "$0")
script=$(cd "$(dirname "$0")" && pwd -P)/$name
cd "$root"
venv=$root/.venv

say() { printf '%s: %s\n' "$name" "$*" >&2; }

# die WHAT HINT: one line that says what failed, one that says what to do.
die() {
  say "$1"
  if [ $# -gt 1 ]; then say "what to do: $2"; fi
  exit 1
}

# The comment block at the top of the script is its help text.
usage() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$script"; }

# quietly LOG COMMAND...: output goes to the log; a failure shows the end of it.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 25 "$log" >&2
    return 1
  fi
}

# Folders that hold the five CIFAR-10 training batches as the official binary files.
has_cifar10() {
  local i
  for i in 1 2 3 4 5; do
    [ -s "$1/cifar-10-batches-bin/data_batch_$i.bin" ] || return 1
  done
}

# Prints the data folder: GANSELECT_DATA, else what a `shared` folder beside the checkout can restore
# (kept in build/data), else the program's own cache. Prints nothing where none of them is there.
find_data() {
  local shared=$root/../shared/data/restore.py cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/ganselect/data
  if [ -n "${GANSELECT_DATA:-}" ]; then
    echo "$GANSELECT_DATA"
  elif has_cifar10 "$root/build/data"; then
    echo "$root/build/data"
  elif [ -f "$shared" ] && restore_data "$shared"; then
    echo "$root/build/data"
  elif has_cifar10 "$cache"; then
    echo "$cache"
  fi
}

# The restore script needs Pillow, which nothing else here does: it gets an environment of its own.
restore_data() {
  local python=$root/build/data-venv/bin/python3
  say "restoring the data sets from $(dirname "$1") into build/data"
  if [ ! -f "$root/build/data-venv/ready" ]; then
    quietly "$root/build/logs/data-venv.log" python3 -m venv "$root/build/data-venv" &&
      quietly "$root/build/logs/data-venv.log" "$python" -m pip install --disable-pip-version-check pillow &&
      touch "$root/build/data-venv/ready" ||
      { say "could not install Pillow; going on without the data sets"; return 1; }
  fi
  mkdir -p "$root/build/data"
  quietly "$root/build/logs/restore.log" "$python" "$1" "$root/build/data" ||
    { say "could not restore the data sets; going on without them"; return 1; }
}
