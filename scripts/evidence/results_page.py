"""docs/results.md: what the published records measured, table by table, and nothing that is not in them."""

import collections
import json
import statistics

from evidence.say import PUBLISHED, ROOT, die, protocol_of, say

PAGE = ROOT / "docs" / "results.md"
HEAD = """# Results

Written by `scripts/benchmark results` from the records in [results/published](../results/published); `scripts/check` holds it
to them. Trials of one table share data, budget, detector and program; scores of different tables do not compare. A
cell with several numbers has one a seed, in the order of the seeds. What the numbers say and what they do not:
[findings](findings.md). What a column means: [measures](measures.md).
"""


def number(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"


def mean(values):
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


class Arm:
    """The trials of one candidate in one folder, by seed."""

    def __init__(self, trials):
        self.trials = sorted(trials, key=lambda trial: trial["seed"])
        self.name = trials[0]["candidate"]["name"]

    def values(self, key):
        return [trial["measures"].get(key) for trial in self.trials]

    def by_seed(self, key, digits):
        return ", ".join(number(value, digits) for value in self.values(key))

    def label(self):
        ended = collections.Counter(trial["status"] for trial in self.trials)
        collapsed = sum(trial["measures"].get("collapsed") == 1.0 for trial in self.trials)
        told = [f"{count} {status}" for status, count in sorted(ended.items()) if status != "finished"]
        told += [f"collapsed in {collapsed} of {len(self.trials)}"] if collapsed else []
        return f"`{self.name}`" + (f" ({', '.join(told)})" if told else "")


# (heading, the cell of an arm); None as a key's value leaves "-".
IMAGE_COLUMNS = [
    ("candidate", Arm.label),
    ("fid[{detector}]", lambda arm: arm.by_seed("fid", 1)),
    ("best on the way", lambda arm: number(mean(arm.values("fid_best")), 1)),
    ("precision", lambda arm: number(mean(arm.values("precision")), 3)),
    ("recall", lambda arm: number(mean(arm.values("recall")), 3)),
    ("coverage", lambda arm: number(mean(arm.values("coverage")), 3)),
    ("modes", lambda arm: arm.by_seed("modes", 0)),
]
POINT_COLUMNS = [
    ("candidate", Arm.label),
    ("{modes}", lambda arm: arm.by_seed("modes", 0)),
    ("share near a center", lambda arm: arm.by_seed("high_quality_share", 3)),
]


def first_known(values, otherwise):
    known = mean(values)
    return otherwise if known is None else known


def is_points(trials):
    return any(trial["measures"].get("high_quality_share") is not None for trial in trials)


def best_first(arm):
    points = is_points(arm.trials)
    return (-first_known(arm.values("modes"), -1) if points else 0, first_known(arm.values("fid"), float("inf")), arm.name)


def told(values):
    return ", ".join(f"{value:g}" if isinstance(value, (int, float)) else str(value) for value in sorted(set(values)))


def alike(trial):
    """What trials of one table share."""
    protocol = protocol_of(trial)
    return (-trial["budget"]["steps"], protocol.get("detector", "-"), protocol.get("n_fake", 0), trial.get("training_version", 0))


def section(folder, trials):
    detector = told(protocol_of(trial).get("detector", "-") for trial in trials)
    commits = {trial["provenance"]["commit"][:10] for trial in trials}
    versions = {trial.get("training_version") for trial in trials} - {None}
    arms = collections.defaultdict(list)
    for trial in trials:
        settings = {key: value for key, value in trial["settings"].items() if key != "seed"}
        arms[trial["candidate"]["name"], json.dumps(settings, sort_keys=True)].append(trial)
    columns = POINT_COLUMNS if is_points(trials) else IMAGE_COLUMNS
    # Records without an evaluation version count a mode as soon as one point is near its center.
    modes = "modes" if all("evaluation_version" in trial for trial in trials) else "modes touched"
    link = f"../results/published/{folder}"
    steps = trials[0]["budget"]["steps"]
    lines = [f"## {folder}, {steps:,} updates", "",
             f"[Records]({link}) of {len(trials)} trials: {told(t['dataset']['name'] for t in trials)}, "
             f"{told(t['dataset']['count'] for t in trials)} training samples, {told(t['budget']['steps'] for t in trials)} "
             f"updates, width {told(t['budget']['width'] for t in trials)}, {told(protocol_of(t).get('n_fake', 0) for t in trials)} "
             f"samples measured by {detector}; program {'version ' + told(versions) if versions else told(commits)}.", ""]
    lines += ["| " + " | ".join(heading.format(detector=detector, modes=modes) for heading, _ in columns) + " |", "| --- " * len(columns) + "|"]
    lines += ["| " + " | ".join(cell(arm) for _, cell in columns) + " |"
              for arm in sorted((Arm(trials) for trials in arms.values()), key=best_first)]
    return "\n".join(lines) + "\n"


def page(published):
    folders = collections.defaultdict(list)
    for path in sorted(published.rglob("record.json")):
        trial = json.loads(path.read_text(encoding="utf-8"))
        folders[str(path.parent.parent.relative_to(published)), alike(trial)].append(trial)
    if not folders:
        die(f"no record.json below {published}", "scripts/benchmark publish brings records there")
    return HEAD + "".join("\n" + section(folder, trials) for (folder, _), trials in sorted(folders.items()))


def run(args):
    text = page(PUBLISHED)
    if not args.check:
        PAGE.write_text(text, encoding="utf-8")
        return say(f"wrote {PAGE.relative_to(ROOT)}")
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        return die(f"{PAGE.relative_to(ROOT)} is not what the records say", "scripts/benchmark results")
    return 0
