"""Differences in words: what is shown, what is not, and by how much."""

import pytest

from distill.report import differences
from distill.report.differences import ABOVE, BELOW, UNKNOWN
from distill.report.page import BAD, GOOD, OPEN


def row(against, delta, low, high, p=0.0001, **more):
    known = {"system": "ours", "against": against, "n": 120, "seeds": 1} | more
    return known | {"delta": delta, "low": low, "high": high, "p": p}


WON, LOST = row("untrained", 0.21, 0.1, 0.31), row("teacher", -0.3, -0.4, -0.2)
UNCLEAR = row("single", 0.06, -0.04, 0.17, p=0.35)


@pytest.mark.parametrize(
    ("found", "standing"),
    [
        (WON, ABOVE),
        (LOST, BELOW),
        (UNCLEAR, UNKNOWN),
        (row("a", 0.1, 0.01, 0.2, p=0.06), UNKNOWN),  # the interval alone is no proof
        (row("a", 0.1, -0.01, 0.2, p=0.04), UNKNOWN),  # and neither is p
        (row("a", None, None, None, p=None), UNKNOWN),
        (row("a", 0.5, None, None, p=None), UNKNOWN),
    ],
)
def test_interval_and_p_decide_together(found, standing):
    [one] = differences.read([found])
    assert one.standing == standing


def test_p_is_corrected_for_the_comparisons_that_stand_together():
    weak = row("single", 0.1, 0.01, 0.2, p=0.03)
    [alone] = differences.read([weak])
    [among, _] = differences.read([weak, UNCLEAR])
    assert (alone.standing, among.standing) == (ABOVE, UNKNOWN)


def test_the_answer_says_what_is_beaten_by_how_much_and_what_is_not():
    found = differences.read([WON, UNCLEAR, LOST], scale=100)
    assert differences.answer("ours", found) == (
        "ours beats untrained (+21.0 points [+10.0, +31.0], n=120); it is below teacher;"
        " it is not shown to differ from single."
    )
    assert found[1].line == (
        "ours is not shown to differ from single (+6.0 points [-4.0, +17.0], n=120)"
    )


def test_tasks_and_trainings_are_named():
    found = differences.read([row("shots", 13.8, 8.9, 18.8, task="intents", seeds=5)])
    assert found[0].line == (
        "ours beats shots on intents (+13.8 points [+8.9, +18.8], n=120, 5 trainings)"
    )
    assert list(differences.once(found)) == []


def test_one_training_is_said_also_where_others_have_several():
    once, thrice = row("a", 0.2, 0.1, 0.3), row("a", 0.2, 0.1, 0.3, system="other", seeds=3)
    told = [list(differences.once(differences.read(rows))) for rows in ([once], [once, thrice])]
    assert told == [
        ["One training each: the intervals leave out how trainings differ."],
        ["One training each of ours: the intervals leave out how trainings differ."],
    ]


def test_the_tone_is_good_only_where_all_are_beaten():
    assert differences.tone(differences.read([WON])) == GOOD
    assert differences.tone(differences.read([WON, UNCLEAR])) == OPEN
    assert differences.tone(differences.read([WON, LOST])) == BAD
