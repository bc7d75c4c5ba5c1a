"""Macro F1 as in scikit-learn, strict span F1 as in nervaluate."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nervaluate import Evaluator
from sklearn.metrics import f1_score

from distill.stats import classes, spans

LABELS = ["a", "b", "c", "d"]
PAIRS = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from([*LABELS, "other"])), min_size=1
)


@settings(max_examples=30)
@given(PAIRS)
def test_macro_f1_of_classes_is_that_of_scikit_learn(pairs):
    gold, found = zip(*pairs, strict=True)
    expected = f1_score(gold, found, labels=LABELS, average="macro", zero_division=0)
    assert classes.macro_f1(classes.counts(gold, found, LABELS)) == pytest.approx(expected)


@settings(max_examples=30)
@given(PAIRS)
def test_micro_f1_and_the_f1_of_each_class_too(pairs):
    gold, found = zip(*pairs, strict=True)
    counted = classes.counts(gold, found, LABELS)
    each = f1_score(gold, found, labels=LABELS, average=None, zero_division=0)
    assert [classes.f1(counted[label]) for label in LABELS] == pytest.approx(list(each))


def test_an_answer_of_no_class_counts_against_its_row_alone():
    counted = classes.counts(["a", "b"], [None, "b"], ["a", "b"])
    assert counted == {"a": (0, 0, 1), "b": (1, 0, 0)}
    with pytest.raises(ValueError):
        classes.counts(["a"], [], ["a"])
    with pytest.raises(KeyError):
        classes.counts(["c"], ["a"], ["a"])


@st.composite
def disjoint_spans(draw):
    """Some of the words of a text of eight, as spans of one to two words, with types."""
    made, at = [], 0
    while at < 8:
        length = draw(st.integers(1, 2))
        if draw(st.booleans()):
            type_ = draw(st.sampled_from(["order", "person"]))
            made.append({"start": at * 5, "end": at * 5 + length * 5 - 1, "type": type_})
        at += length
    return made


def as_nervaluate(rows):
    return [
        [{"label": s["type"], "start": s["start"], "end": s["end"]} for s in row] for row in rows
    ]


@settings(max_examples=50)
@given(st.lists(st.tuples(disjoint_spans(), disjoint_spans()), min_size=1, max_size=6))
def test_strict_f1_of_spans_is_that_of_nervaluate(rows):
    gold, found = zip(*rows, strict=True)
    tags = ["order", "person"]
    evaluated = Evaluator(as_nervaluate(gold), as_nervaluate(found), tags=tags, loader="dict")
    results = evaluated.evaluate()
    counted = spans.added([spans.counts(*row) for row in rows])
    strict = results["overall"]["strict"]
    whole = spans.total(counted)
    assert whole.tp == strict.correct
    assert whole.tp + whole.fp == strict.actual
    assert whole.tp + whole.fn == strict.possible
    assert spans.f1(whole) == pytest.approx(strict.f1)
    for type_, by_scheme in results["entities"].items():
        assert counted.get(type_, spans.Counts()).tp == by_scheme["strict"].correct


def test_a_span_needs_both_ends_and_its_type():
    gold = [{"start": 0, "end": 4, "type": "order"}]
    assert spans.counts(gold, gold) == {"order": (1, 0, 0)}
    assert spans.counts(gold, [{**gold[0], "end": 5}]) == {"order": (0, 1, 1)}
    other = spans.counts(gold, [{**gold[0], "type": "date"}])
    assert other == {"order": (0, 0, 1), "date": (0, 1, 0)}
    assert spans.counts(gold, [*gold, *gold]) == {"order": (1, 1, 0)}
    assert spans.total({}) == (0, 0, 0)
    assert spans.f1(spans.Counts()) == 0.0
