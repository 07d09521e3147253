"""Published comparisons: listed and shown with their citations, strictly read."""

import json
import os

from test_answer import ROOT

STUDIES = os.path.join(ROOT, "results", "literature", "studies")


def lines_fit(text):
    wide = [line for line in text.splitlines() if len(line) > 80 and " " in line.strip()]
    assert not wide, f"wider than 80 columns: {wide[:3]}"


def study_file(name):
    with open(os.path.join(STUDIES, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def test_studies_are_listed_with_their_citations(box):
    text = box.run("literature", "list").succeeds().says("Kurach, Lucic, Zhai", "1802.05957", "miyato-2018-stl-10").out
    lines_fit(text)
    rows = box.run("literature", "list", "--json").json()
    assert len(rows) == len(os.listdir(STUDIES)), len(rows)
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert all(row["citation"] and row["where_read"] and row["arms"] > 0 for row in rows)


def test_studies_are_chosen_by_data_set_and_measure(box):
    rows = box.run("literature", "list", "--dataset", "stl10", "--measure", "kid", "--json").json()
    assert [row["id"] for row in rows] == ["mimicry-stl-10-48"], rows
    box.run("literature", "list", "--dataset", "celebb").fails(2, "'celebb'", "did you mean 'CelebA'?")
    box.run("literature", "list", "--measure", "fidd").fails(2, "'fidd'", "did you mean 'fid'?")
    box.run("literature", "list", "--dataset", "2-D ring", "--measure", "kid").fails(3, "2-D ring", "kid")


def test_a_study_is_shown_as_it_was_published(box):
    text = box.run("literature", "show", "pacgan-2018-2d-ring").succeeds().says(
        "Lin, Khetan, Fanti, Oh 2018", "table 1", "6.3 +-0.5 se", "filed as pacgan2 (exact)").out
    lines_fit(text)
    shown = box.run("literature", "show", "pacgan-2018-2d-ring", "--json").json()
    written = study_file("pacgan-2018-2d-ring")
    parts = [arm.pop("components") for arm in shown["arms"]]
    assert shown == written, "the study is not what its file says"
    assert parts[2]["regularization"] == ["pack2"] and parts[2]["candidate"] == "pacgan2", parts[2]


def test_an_unknown_study_is_answered_with_near_ones(box):
    box.run("literature", "show", "mimicry-celeba-46").fails(2, "'mimicry-celeba-46'", "mimicry-celeba-64")
    box.run("literature", "show", "metz").fails(2, "metz-2017-cifar10-ivom")


def test_a_study_of_ones_own_is_a_file_more(box):
    study = {**study_file("vdb-2019-cifar10"), "id": "mine-2026"}
    box.write("studies/mine-2026.json", study)
    assert [row["id"] for row in box.run("literature", "list", "--studies", "studies", "--json").json()] == ["mine-2026"]
    study["arms"][0]["measures"]["fid"]["mean"] = -63.6
    box.write("studies/mine-2026.json", study)
    box.run("literature", "list", "--studies", "studies").fails(3, "mine-2026.json", "arms[0].measures.fid.mean", "-63.6")
    box.write("studies/mine-2026.json", {**study, "citaton": "A"})
    box.run("literature", "show", "mine-2026", "--studies", "studies").fails(3, "'citaton'", "did you mean 'citation'?")


def test_the_points_that_arms_are_mapped_to_can_be_trained(box):
    """Every eighth distinct point, so that the case stays short."""
    points = set()
    for name in sorted(os.listdir(STUDIES)):
        shown = box.run("literature", "show", name[:-len(".json")], "--json").json()
        points |= {arm["components"]["point"] for arm in shown["arms"]} - {None}
    assert len(points) == 90, len(points)
    for point in sorted(points)[::8]:
        box.run("explain", point).succeeds()


def case_all_studies_together_say_how_candidates_compare(box):
    text = box.run("literature", "estimate", "--measure", "fid", "--dataset", "CIFAR-10").succeeds().says(
        "relative to dcgan", "sngan-resnet", "new training", "Sources:", "arXiv").out
    lines_fit(text)
    rows = box.run("literature", "estimate", "--measure", "fid", "--dataset", "cifar10", "--json").json()
    by_name = {row["candidate"]: row for row in rows}
    assert by_name["dcgan"]["log_ratio"] == 0.0
    sngan = by_name["sngan"]
    assert sngan["log_ratio"] < 0.0 and sngan["sources"] >= 3 and sngan["own_trials"] == 0, sngan
    assert sngan["interval95"][0] < sngan["log_ratio"] < sngan["interval95"][1], sngan
    assert sngan["prediction95"][0] < sngan["interval95"][0] and sngan["direct"] and sngan["indirect"], sngan
    assert sngan["heterogeneity"]["tau_study"] > 0.1, sngan


def case_what_no_study_joins_is_named(box):
    rows = box.run("literature", "estimate", "--measure", "modes", "--json").json()
    apart = [row for row in rows if row["log_ratio"] is None]
    assert all("no chain of studies joins it with dcgan" in row["reason"] for row in apart), apart
    box.run("literature", "estimate", "--measure", "fidd").fails(2, "'fidd'", "did you mean 'fid'?")
    box.run("literature", "estimate", "--dataset", "CIFAR-11").fails(2, "'CIFAR-11'", "did you mean 'CIFAR-10'?")
    box.run("literature", "estimate", "--reference", "dcgann").fails(3, "did you mean 'dcgan'?")
    box.run("literature", "estimate", "--measure", "kid", "--dataset", "2-D ring, 8 Gaussians").fails(3, "none")


def case_sources_left_out_are_foretold_better_than_by_the_simple_model(box):
    found = box.run("literature", "check", "--dataset", "CIFAR-10", "--networks", "20", "--json").json()
    order = found["scopes"][0]["order"]
    assert order["network"]["pairs"] == order["additive"]["pairs"] > 100, order
    assert order["network"]["right"] >= order["additive"]["right"], order
    brier = found["scopes"][0]["brier"]
    assert brier["network"]["over_pairs"] < brier["constant"] and brier["components"]["over_sources"] < brier["constant"], brier
    assert all(row["inside"] for row in found["scopes"][0]["sureness"]["network"]), found["scopes"][0]["sureness"]
    assert found["simulation"]["networks"] == 20 and 0.8 < found["simulation"]["held"] <= 1.0, found["simulation"]
