"""The command line itself: help, unknown words, wrong values, the rule of the streams."""

import json
import os

from sandbox import npy

COMMANDS = ("list", "explain", "data", "train", "sweep", "evaluate", "metrics", "ask", "recommend", "tables", "claims",
            "report", "literature", "sample", "export", "plans", "runs", "setup-libtorch", "completion", "manual", "judge", "bench", "validate", "embedding", "neighbors", "partition", "precision", "tags", "verify")

# arguments, exit status, what the one line of the error holds
MISUSES = [
    ([], 2, ["no command", "train, ", "--help"]),
    (["judge"], 2, ["no command", "train", "judge --help"]),
    (["lst"], 2, ["'lst'", "did you mean 'list'?"]),
    (["list", "--jsno"], 2, ["'--jsno'", "did you mean '--json'?"]),
    (["list", "extra"], 2, ["'extra'"]),
    (["train", "dcgan", "--stepz", "5"], 2, ["a flag of this command, got '--stepz'; did you mean '--steps'? Else flags among ", "--batch"]),
    (["train", "dcgan", "--flurble"], 2, ["flags among ", "--steps", "got '--flurble'"]),
    (["completion"], 2, ["[completion] expected shell: bash or zsh, got none"]),
    (["completion", "fish"], 2, ["bash, zsh", "'fish'"]),
    (["train"], 2, ["point: ", "got none", "train --help"]),
    (["race", "--budget", "3m"], 2, ["--data: a folder of images", "got none"]),
    (["race", "--data", "embedded", "--budget", "3m", "--width", "0"], 2, ["--width: expected a number above 0, got '0'"]),
    (["sweep", "smoke", "--jobs", "-1"], 2, ["--jobs: expected 0 or a number above it, got '-1'"]),
    (["list", "--table", "9"], 2, ["9"]),
    (["list", "--table", "one"], 2, ["one"]),
    (["train", "dcgn", "--dataset", "ring", "--steps", "1"], 2, ["'dcgn'", "did you mean 'dcgan'?"]),
    (["train", "dcgan/minimx", "--dataset", "ring", "--steps", "1"], 2, ["'minimx'", "minimax"]),
    (["train", "dcgan", "--dataset", "cifar11", "--steps", "1"], 2, ["'cifar11'", "cifar10"]),
    (["train", "dcgan", "--dataset", "ring", "--steps", "0"], 2, ["steps", "0"]),
    (["train", "dcgan", "--dataset", "ring", "--steps", "many"], 2, ["steps"]),
    (["train", "dcgan", "--dataset", "ring", "--steps", "1", "--width", "0"], 2, ["width", "0"]),
    (["train", "dcgan", "--dataset", "ring", "--steps", "1", "--device", "tpu"], 2, ["tpu"]),
    (["train", "dcgan", "--dataset", "ring", "--steps", "1", "--on-collapse", "cry"], 2, ["cry", "warn", "stop"]),
    (["train", "dcgan", "--dataset", "ring", "--steps", "1", "--seed", "-1"], 2, ["seed", "'-1'"]),
    (["train", "dcgan", "--dataset", "ring", "--steps", "1", "--seed", "18446744073709551616"], 2, ["18446744073709551616"]),
    (["train", "dcgan", "--dataset", "ring", "--steps", "1e20"], 2, ["1e20"]),
    (["train", "dcgan", "--dataset", "ring", "--steps", "010"], 2, ["'010'"]),
    (["train", "dcgan", "--dataset", "ring", "--steps", "1", "--num-samples", "1000000000000"], 2, ["num_samples", "1000000000000"]),
    (["train", "dcgan", "--dataset", "./no/where", "--steps", "1"], 3, ["leads nowhere"]),
    (["train", "dcgan", "--dataset", "ring", "--image-size", "64", "--steps", "1"], 2, ["image_size"]),
    (["sample", "missing", "--num", "100000000000", "--grid", "g.png"], 2, ["100000000000"]),
    (["sweep", "no-such-plan"], 2, ["'no-such-plan'", "smoke"]),
    (["sweep", "no-such-plan.json"], 2, ["no-such-plan.json"]),
    (["explain", "hing"], 2, ["'hing'", "did you mean 'hinge'?"]),
    (["bench", "--candidate", "sngn"], 2, ["'sngn'", "did you mean 'sngan'?"]),
    (["bench", "--kind", "trianing"], 2, ["trianing", "training"]),
    (["tables", "--format", "xls"], 2, ["xls"]),
    (["tables", "--table", "8", "--format", "md"], 2, ["8"]),
    (["ask"], 2, []),
    (["ask", "flurble grombit"], 2, ["flurble", "grombit"]),
    (["recommend", "--preset", "no-such-preset"], 2, ["no-such-preset"]),
    (["recommend", "--use-case", "missing.json"], 3, ["missing.json"]),
    (["data", "fetch", "cifar11"], 2, ["'cifar11'"]),
    (["metrics"], 2, ["nothing to measure"]),
    (["metrics", "--real", "missing.npy", "--fake", "missing.npy"], 3, ["missing.npy"]),
    (["evaluate", "--samples", "missing.npz", "--dataset", "ring"], 3, ["missing.npz"]),
    (["evaluate", "--run", "missing", "--dataset", "ring"], 3, ["missing"]),
    (["sample", "missing", "--num", "4", "--seed", "1", "--grid", "g.png"], 3, ["missing"]),
    (["tables", "--format", "md", "--results", "missing"], 3, ["missing"]),
    (["claims", "--results", "missing"], 3, ["missing"]),
    (["report", "--results", "missing", "--out", "r.html"], 3, ["missing"]),
    (["ask", "best quality", "--results", "missing"], 3, ["missing"]),
    (["literature"], 2, ["no command", "list", "literature --help"]),
    (["literature", "lst"], 2, ["'lst'"]),
    (["literature", "estimate", "--labels", "some"], 2, ["'some'", "mixed"]),
    (["literature", "list", "--studies", "missing"], 3, ["missing"]),
]


def test_misuse_gets_one_line_and_its_exit_status(box):
    wrong = []
    for arguments, status, fragments in MISUSES:
        try:
            box.run(*arguments).fails(status, *fragments)
        except AssertionError as why:
            wrong.append(str(why))
    assert not wrong, f"{len(wrong)} of {len(MISUSES)}:\n" + "\n".join(wrong)
    assert not box.files("."), "a refused command left files behind"


def test_help_names_every_command_and_flag_help_goes_to_standard_output(box):
    box.run("--help").succeeds().says(*COMMANDS)
    for command in COMMANDS:
        outcome = box.run(command, "--help").succeeds()
        assert outcome.out.strip() and outcome.err == "", f"expected help on standard output alone of {outcome}"
    box.run("--version").succeeds().says("ganselect ")


def test_list_json_has_the_published_keys(box):
    rows = box.run("list", "--json").json()
    names = [row["name"] for row in rows]
    assert len(names) == len(set(names)) and {"dcgan", "wgan-gp", "sngan", "rpgan-r1-r2"} <= set(names), names
    for row in rows:
        assert {"name", "architecture", "loss", "regularization", "divergence", "tables", "extension", "source"} <= set(row), row
        assert isinstance(row["regularization"], list) and isinstance(row["extension"], bool), row
    table3 = [row["name"] for row in box.run("list", "--table", "3", "--json").json()]
    assert set(table3) == {row["name"] for row in rows if 3 in row["tables"]} and len(table3) < len(names), table3


def test_list_space_counts_what_it_lists(box):
    outcome = box.run("list", "--space", "--json").json()
    text = json.dumps(outcome)
    assert "dcgan/" in text, f"expected points as ARCHITECTURE/LOSS in {text[:500]}"


def test_bench_reports_rates_of_one_candidate_alone_and_beside_others(box):
    result = box.run("bench", "--candidate", "fcgan", "--kind", "training", "--width", "0.05", "--batch", "4", "--seconds", "0.01",
                     "--device", "cpu", "--concurrent", "2", "--json").json()
    assert result["context"]["setting_width"] == "0.05" and result["context"]["ganselect_version"]
    rate = float(result["context"]["matrix_rate_flops_per_second"])
    rows = {row["name"]: row for row in result["benchmarks"]}
    alone = next(row for name, row in rows.items() if name.startswith("train/fcgan") and row["threads"] == 1)
    both = next(row for name, row in rows.items() if name.startswith("train/fcgan") and row["threads"] == 2)
    for row in (alone, both):
        assert abs(row["images/s"] / row["updates/s"] - 4) < 1e-6
        assert abs(row["FLOP/s"] / row["updates/s"] - row["flops_per_update"]) < 1e-6 * row["flops_per_update"]
        assert abs(row["share_of_matrix_rate"] - row["FLOP/s"] / rate) < 1e-4 * row["share_of_matrix_rate"]
    # What belongs to one trial is not summed over two; memory is.
    assert both["flops_per_update"] == alone["flops_per_update"] and both["parameters_g"] == alone["parameters_g"]
    assert 1.5 < both["peak_memory_bytes"] / alone["peak_memory_bytes"] < 2.5


def test_bench_times_a_detector(box):
    result = box.run("bench", "--kind", "detectors", "--detector", "judge-embedded", "--samples", "120", "--device", "cpu", "--json").json()
    rows = [row for row in result["benchmarks"] if row["name"].startswith("detect/judge-embedded/120")]
    assert len(rows) == 1, result["benchmarks"]
    seconds = rows[0]["real_time"] / 1000
    assert rows[0]["time_unit"] == "ms" and abs(rows[0]["images/s"] * seconds / 120 - 1) < 1e-3, rows[0]
    box.run("bench", "--kind", "detectors", "--detector", "judge-cifar", "--device", "cpu").fails(2, "judge-cifar10")


def test_bench_times_every_candidate(box):
    names = {candidate["name"] for candidate in box.run("list", "--json").json()}
    result = box.run("bench", "--kind", "training", "--width", "0.05", "--batch", "4", "--seconds", "0.001", "--device", "cpu", "--json").json()
    rows = {row["name"].split("/")[1]: row for row in result["benchmarks"] if row["name"].startswith("train/")}
    assert set(rows) == names, f"not timed: {sorted(names - set(rows))}"
    for name, row in rows.items():
        assert not row.get("error_occurred") and row["updates/s"] > 0, f"{name}: {row}"


def test_explain_has_formula_and_source(box):
    for name, fragment in [("wgan-gp", "Gulrajani"), ("hinge", "Lim"), ("gradient-penalty", "Gulrajani"), ("fid", "Heusel")]:
        box.run("explain", name).succeeds().says(fragment)
    box.run("explain", "sngan-resnet").succeeds().says("3546.3 as published")


def test_an_impossible_point_is_refused_with_the_rule(box):
    outcome = box.run("train", "dcgan/wasserstein/gradient-penalty+batch-norm-d", "--dataset", "ring", "--steps", "1",
                      "--out", "run")
    outcome.fails(2, "batch")
    assert not os.path.exists(box.path("run", "record.json"))


def test_results_that_cannot_be_written_fail(box):
    with open("/dev/full", "w", encoding="utf-8") as full:
        outcome = box.run("list", "--json", stdout=full)
    outcome.fails(1, "standard output")


def test_metrics_of_known_features(box):
    """Two point sets that differ by a shift alone: FID is the squared length of the shift, the rest of it cancels."""
    points = [float((7 * i * i + 3 * i) % 41) / 10 for i in range(120)]  # 60 x 2, no pattern shared by the columns
    box.write("real.npy", npy(points, (60, 2)))
    box.write("fake.npy", npy([value + (3.0 if i % 2 == 0 else 4.0) for i, value in enumerate(points)], (60, 2)))
    got = box.run("metrics", "--real", "real.npy", "--fake", "fake.npy", "--json").json()
    assert abs(got["fid"] - 25.0) < 1e-9, got["fid"]
    assert {"precision", "recall", "density", "coverage", "protocol"} <= set(got), sorted(got)
    assert got["kid_mean"] is None and "kid_mean" in got["reason"], "60 samples are too few for subsets of 1000"
    same = box.run("metrics", "--real", "real.npy", "--fake", "real.npy", "--json").json()
    assert abs(same["fid"]) < 1e-9 and same["precision"] == 1.0 and same["coverage"] == 1.0, same


def test_metrics_takes_the_options_that_a_missing_value_names(box):
    box.write("real.npy", npy([1.0] * 90 + [float(i) for i in range(10)], (50, 2)))
    box.write("fake.npy", npy([float(i % 7) for i in range(100)], (50, 2)))
    asked = ("metrics", "--real", "real.npy", "--fake", "fake.npy", "--only", "mmd", "--json")
    blind = box.run(*asked).json()
    assert blind["mmd_gaussian"] is None and "--metric-options mmd.bandwidth=S" in blind["reason"]["mmd_gaussian"], blind
    told = box.run(*asked, "--metric-options", "mmd.bandwidth=2").json()
    assert told["mmd_gaussian"] > 0 and told["protocol"]["measures"]["mmd_gaussian"]["bandwidth"] == 2, told
    box.run(*asked, "--metric-options", "mmd.width=2").fails(2, "'mmd.width'", "mmd.bandwidth")
    box.run(*asked, "--metric-options", "mmd.bandwidth").fails(2, "--metric-options", "KEY=NUMBER")


def test_metrics_of_counts_and_probabilities(box):
    box.write("p.npy", npy([0.7, 0.2, 0.1] * 20 + [0.1, 0.1, 0.8] * 20, (40, 3)))
    got = box.run("metrics", "--fake-probabilities", "p.npy", "--no-shuffle", "--json").json()
    assert got["inception_score_mean"] >= 1.0, got
    box.write("labels.npy", npy([0, 0, 1, 2, 2, 2], (6,), "<i4"))
    got = box.run("metrics", "--fake-labels", "labels.npy", "--classes", "5", "--json").json()
    assert got["modes"] == 3, got


def test_damaged_features_are_refused(box):
    good = npy([float(i % 7) for i in range(40)], (20, 2))
    box.write("good.npy", good)
    box.write("cut.npy", good[:-8])
    box.write("text.npy", "not an array")
    box.write("other.npy", npy([float(i) for i in range(60)], (20, 3)))
    box.write("nan.npy", npy([float("nan")] + [float(i) for i in range(39)], (20, 2)))
    for bad, fragment in [("cut.npy", "cut.npy"), ("text.npy", "text.npy"), ("other.npy", "3"), ("nan.npy", "finite")]:
        box.run("metrics", "--real", "good.npy", "--fake", bad, "--json").fails(3, fragment)


def test_help_fits_eighty_columns_and_has_its_commands_in_groups(box):
    whole = box.run("--help").succeeds().out
    headings = [line for line in whole.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert {"Choose a GAN:", "Train:", "Measure:", "Data:", "Setup:"} <= set(headings) and "Others:" not in headings, headings
    for command in ((), *((name,) for name in COMMANDS), ("data", "fetch")):
        long = [line for line in box.run(*command, "--help").succeeds().out.splitlines() if len(line) > 80]
        assert not long, (command, long)


def test_tables_are_folded_to_the_terminals_width_and_lose_nothing(box):
    for command in (("list",), ("data", "list")):
        whole = box.run(*command).succeeds().out
        for width in (80, 100, 1000):
            shown = box.run(*command, environment={"COLUMNS": str(width)}).succeeds().out
            assert max(map(len, shown.splitlines())) <= width, (command, width, max(shown.splitlines(), key=len))
            words = {word.strip(";,") for word in whole.split()} - {word.strip(";,") for word in shown.split()}
            assert not words, (command, width, words)


def test_runs_and_plans_are_listed(box):
    plans = {plan["name"]: plan for plan in box.run("plans", "--json").json()}
    assert {"smoke", "paper", "ring"} <= set(plans) and len(plans["smoke"]["points"]) > 10, plans
    assert "dcgan/minimax" in plans["sensitivity"]["points"] and plans["sensitivity"]["arms"] > 10, plans["sensitivity"]
    assert all(plan["points"] and plan["seeds"] for plan in plans.values()), plans
    lines = box.run("plans").succeeds().says("smoke", "cifar10", "@survey", *(plan["title"].split()[-1] for plan in plans.values())).out.splitlines()
    assert max(map(len, lines)) <= 80, max(lines, key=len)
    for name, plan in plans.items():
        line = next(line.split() for line in lines if line.split()[0] == name)
        assert line[-1] == plan["dataset"] and line[1] != "0", line
    box.run("runs").fails(3, "runs", "no such folder")
    common = ("--dataset", "ring", "--batch", "16", "--num-samples", "64", "--steps", "10")
    box.run("train", "lsgan", *common, "--out", "runs/one").succeeds()
    os.makedirs(box.path("runs/two"))
    box.write("runs/two/settings.json", {"point": "dcgan", "dataset": "ring", "steps": 500})
    rows = box.run("runs", "--json").json()
    assert [(row["folder"], row["candidate"], row["status"], row["steps"]) for row in rows] == [
        ("one", "lsgan", "finished", 10), ("two", "dcgan", "unfinished", 500)], rows
    assert rows[0]["fid"] == box.record("runs", "one")["measures"]["fid"] and rows[1]["fid"] is None
    box.run("runs").succeeds().says("one", "lsgan", "unfinished")
    box.write("runs/one/record.json", "no JSON")
    box.run("runs").succeeds().says("damaged", "dcgan", "unfinished")
