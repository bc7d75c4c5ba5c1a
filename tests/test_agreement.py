import json
import random

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from distill.people import agreement
from distill.tasks.summarize import taxonomy

CHANNELS = {f"row-{number}": "botchat" for number in range(60)}
CODES = [code.code for code in taxonomy.load().values() if code.applies_to("botchat")]
USED = CODES[:4]


def annotation(annotator, number, rating, codes):
    row = {"id": f"row-{number}", "of": "org", "rating": rating, "codes": codes}
    return row | {"annotator": annotator, "note": "a secret"}


def opinions(names, count=60, seed=1):
    """Experts who see the same errors, and mostly say so."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        true = [code for code in USED if chance.random() < 0.4]
        for name in names:
            codes = [code for code in USED if (code in true) != (chance.random() < 0.15)]
            found.append(annotation(name, number, max(1, 5 - len(codes)), codes))
    return found


def measured(rows):
    found = agreement.agreement(rows, CHANNELS, resamples=300, seed=7)
    json.dumps(found, allow_nan=False)
    return found


def said(rows, name, code):
    return [code in row["codes"] for row in rows if row["annotator"] == name]


def test_without_annotations_the_file_is_empty_but_valid():
    found = measured([])
    assert found == {"annotators": {}, "pairs": {}, "alpha": {}, "rows": []}
    page = "\n".join(table.markdown() for table in agreement.tables(found))
    assert "| Experts | Shared summaries | Codes (kappa) | Ratings (weighted kappa) |" in page


def test_one_expert_agrees_with_nobody():
    found = measured(opinions(["ana"]))
    assert found == {"annotators": {"ana": 60}, "pairs": {}, "alpha": {}, "rows": []}


def test_two_experts_kappas_are_those_of_scikit_learn():
    rows = opinions(["ana", "ben"])
    found = measured(rows)
    pair = found["pairs"]["ana, ben"]
    for code in USED:
        expected = cohen_kappa_score(said(rows, "ana", code), said(rows, "ben", code))
        one = pair["by_code"][code]
        assert one["kappa"] == pytest.approx(expected, abs=1e-4)
        assert one["low"] < one["kappa"] < one["high"]
    parts = []
    for code in CODES:
        ana, ben = (np.array(said(rows, name, code)) for name in ("ana", "ben"))
        by_chance = ana.mean() * ben.mean() + (1 - ana.mean()) * (1 - ben.mean())
        parts.append((np.mean(ana == ben) - by_chance, 1 - by_chance))
    gained, possible = np.sum(parts, axis=0)
    assert pair["codes"]["kappa"] == pytest.approx(gained / possible, abs=1e-4)
    ratings = [[row["rating"] for row in rows if row["annotator"] == n] for n in ("ana", "ben")]
    weighted = cohen_kappa_score(*ratings, weights="quadratic", labels=[1, 2, 3, 4, 5])
    assert pair["ratings"]["weighted_kappa"] == pytest.approx(weighted, abs=1e-4)
    assert set(pair["by_code"]) == set(USED)  # a code that nobody ticked has no kappa
    assert found["alpha"] == {}


def test_with_three_experts_there_is_krippendorffs_alpha_too():
    rows = opinions(["ana", "ben", "eve"])
    found = measured(rows)
    assert list(found["pairs"]) == ["ana, ben", "ana, eve", "ben, eve"]
    names = ("ana", "ben", "eve")
    data = [[row["rating"] for row in rows if row["annotator"] == name] for name in names]
    expected = krippendorff.alpha(reliability_data=data, level_of_measurement="ordinal")
    ratings = found["alpha"]["ratings"]
    assert ratings["alpha"] == pytest.approx(expected, abs=1e-4)
    assert ratings["low"] < ratings["alpha"] < ratings["high"]
    data = [[float(one) for one in said(rows, name, USED[0])] for name in names]
    expected = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    assert found["alpha"]["by_code"][USED[0]]["alpha"] == pytest.approx(expected, abs=1e-4)
    assert 0 < found["alpha"]["codes"]["alpha"] < 1


def test_chance_is_zero_and_agreement_throughout_is_one():
    same = [
        annotation(name, n, 1 + n % 5, USED[: n % 3]) for n in range(40) for name in ("ana", "ben")
    ]
    pair = measured(same)["pairs"]["ana, ben"]
    assert (pair["codes"]["kappa"], pair["ratings"]["weighted_kappa"]) == (1.0, 1.0)
    assert measured(same)["rows"] == []
    chance = random.Random(3)
    guesses = [
        annotation(name, n, chance.randint(1, 5), [code for code in USED if chance.random() < 0.5])
        for n in range(60)
        for name in ("ana", "ben")
    ]
    by_code = measured(guesses)["pairs"]["ana, ben"]["by_code"]
    assert sum(one["low"] < 0 < one["high"] for one in by_code.values()) >= 3


def test_a_rating_that_is_left_out_counts_for_the_codes_alone():
    rows = opinions(["ana", "ben"])
    rows[0]["rating"] = None
    pair = measured(rows)["pairs"]["ana, ben"]
    assert (pair["n"], pair["ratings"]["n"]) == (60, 59)


def test_an_annotation_without_a_digest_is_of_the_text_of_the_others():
    rows = opinions(["ana", "ben"])
    whole = measured(rows)
    for row in rows:
        if row["annotator"] == "ana":
            row["digest"] = "9f2c51d80a4e"
    assert measured(rows) == whole
    for row in rows:
        if row["annotator"] == "ben":
            row["digest"] = "000000000000"
    assert measured(rows)["pairs"] == {}  # of two texts nobody shares an opinion


def test_the_largest_disagreements_come_first_and_without_anybodys_words():
    rows = [
        annotation("ana", 1, 5, []),
        annotation("ben", 1, 4, []),
        annotation("ana", 2, 5, []),
        annotation("ben", 2, 1, [USED[0]]),
        annotation("ana", 3, 2, USED[:2]),
        annotation("ben", 3, 2, USED[:2]),
    ]
    found = measured(rows)
    assert [row["id"] for row in found["rows"]] == ["row-2", "row-1"]
    assert found["rows"][0]["codes"] == {USED[0]: ["ben"]}
    page = "\n".join(table.markdown() for table in agreement.tables(found))
    assert f"| row-2 (org) | ana 5, ben 1 | {USED[0]} (ben) |" in page
    assert "secret" not in page + json.dumps(found)


def test_adjudicated_annotations_are_not_independent_and_left_out():
    rows = opinions(["ana", "ben"])
    adjudicated = [row | {"annotator": "adjudicated", "adjudicated": True} for row in rows[::2]]
    assert measured([*rows, *adjudicated]) == measured(rows)
