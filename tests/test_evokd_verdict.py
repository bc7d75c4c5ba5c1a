"""EvoKD's verdict: the first arm after its last round, against its first rows and the others."""

import yaml
from conftest import REPO

from distill.ledger import Usage
from distill.llm.settings import OpenAI
from distill.params.evokd import Augmented, EvoKD
from distill.report.costs import Costs, Spent
from distill.report.evokd import effects, texts, verdict
from distill.report.page import BAD, GOOD, OPEN

PARAMS = EvoKD.model_validate(yaml.safe_load((REPO / "evokd/params.yaml").read_text()))


def effect(system, against, number, interval, p=0.0001):
    known = {"task": "intents", "system": system, "against": against, "round": number}
    delta, low, high = interval
    return known | {"delta": delta, "low": low, "high": high, "p": p, "n": 480, "seeds": 1}


def score(system, number, texts, tokens, task="intents"):
    known = {"task": task, "system": system, "round": number, "texts": texts, "tokens": tokens}
    return known | {"f1": 70.0}


EFFECTS = [
    effect("errors", "shots", 1, (1.0, -1.0, 2.0), p=0.5),
    effect("errors", "shots", 3, (13.8, 8.9, 18.8)),
    effect("errors", "random", 3, (-2.9, -7.3, 1.4), p=0.18),
    effect("random", "shots", 3, (16.8, 11.8, 21.8)),
    effect("random", "errors", 3, (2.9, -1.4, 7.3), p=0.18),
]
SCORES = [
    score("shots", 0, 0, 0),
    score("errors", 1, 55, 11_293),
    score("errors", 3, 174, 33_799),
    score("random", 3, 154, 31_260),
]


def drawn(effects=EFFECTS, scores=SCORES, spent=()):
    found = verdict.conclusions(PARAMS, effects, scores, Costs(list(spent), {}))
    return {one.name: one for one in found}


def test_the_last_round_is_compared_with_the_first_rows():
    found = drawn()["rounds"]
    assert found.answer == (
        "After 3 rounds, errors beats the labelled rows alone on intents"
        " (+13.8 points [+8.9, +18.8], n=480)."
    )
    assert found.tone == GOOD


def test_each_other_arm_is_named_once_and_what_is_not_shown_is_said():
    found = drawn()["choice"]
    assert found.answer == "errors is not shown to differ from random on intents."
    assert found.details == [
        "errors is not shown to differ from random on intents (-2.9 points [-7.3, +1.4], n=480)"
    ]
    assert found.tone == OPEN


def test_a_baseline_is_turned_round():
    better = effect("zeroshot", "errors", 0, (9.0, 5.0, 13.0))
    found = drawn([*EFFECTS, better])["choice"]
    assert "errors is below zeroshot on intents" in found.answer
    assert "(-9.0 points [-13.0, -5.0], n=480)" in found.details[1]
    assert found.tone == BAD


def test_tokens_are_those_after_the_last_round_of_each_system():
    found = drawn(scores=[*SCORES, score("errors", 2, 168, 49_374, task="mentions")])["cost"]
    assert found.answer == (
        "errors took 33,799 LLM tokens for 174 texts on intents, 49,374 for 168 on mentions."
    )
    assert found.details == ["random took 31,260 LLM tokens for 154 texts on intents."]


def test_dollars_are_told_where_they_were_paid():
    spent = [Spent("write-errors-1", "gpt", Usage(8, 6_345, 2_846), 0.5)]
    assert drawn(spent=spent)["cost"].details[-1] == "All versions together: $0.50."


def test_a_sum_of_dollars_says_that_a_price_is_missing():
    known = Spent("write-errors-1", "gpt", Usage(8, 6_345, 2_846), 0.5)
    unknown = Spent("tag-errors-1", "own", Usage(8, 6_345, 2_846), None)
    words = drawn(spent=[known, unknown])["cost"].details[-1]
    assert words == "All versions together: $0.50, without models of no price."


def test_one_round_is_no_rounds():
    found = drawn(
        [effect("errors", "shots", 1, (9.0, 5.0, 13.0))], [score("errors", 1, 55, 11_293)]
    )
    assert found["rounds"].answer.startswith("After 1 round, errors beats")


def baseline(name, like):
    entry = {"by": name, "parent": "shots-intents", "like": like, "channel": "intents"}
    return Augmented(**entry, student="minilm")


def test_a_baseline_is_compared_after_as_many_rounds_as_its_budget_is_of():
    made = {"eda": baseline("eda", "errors-2"), "zeroshot": baseline("zeroshot", "errors-3")}
    params = PARAMS.model_copy(update={"augmented": made})
    keys = [("intents", "shots", 0)]
    keys += [("intents", arm, n) for arm in ("errors", "random") for n in (1, 2, 3)]
    keys += [("intents", name, 0) for name in made]
    found = [pair for pair in effects.pairs(params, {key: {} for key in keys}) if not pair[0][2]]
    assert [(ours[1], *theirs[1:]) for ours, theirs in found] == [
        ("eda", "shots", 0),
        ("eda", "random", 2),
        ("eda", "errors", 2),
        ("zeroshot", "shots", 0),
        ("zeroshot", "random", 3),
        ("zeroshot", "errors", 3),
    ]


def test_nobody_knows_the_truth_of_what_an_endpoint_writes():
    written = {"llms": {"rules": OpenAI.model_construct()}}
    for rules in ("grammar", "pool"):
        write = PARAMS.write.model_copy(update={"rules": rules})
        assert (
            texts.truth_of(PARAMS.model_copy(update={**written, "write": write}), "intents") is None
        )


def test_the_next_step_is_more_seeds_as_long_as_no_choice_is_shown_to_be_better():
    found = drawn()["next"]
    assert found.answer.startswith("Repeat the arms over several seeds")
    assert any("made up" in line for line in found.details)


def test_a_choice_that_is_better_in_one_training_is_to_be_repeated_too():
    better = effect("errors", "random", 3, (5.0, 2.0, 8.0))
    found = drawn([better])
    assert found["choice"].tone == GOOD
    assert found["next"].answer.startswith("Repeat the arms over several seeds")
    found = drawn([better | {"seeds": 5}])
    assert not found["next"].answer.startswith("Repeat the arms")


def test_without_an_arm_the_verdict_says_so():
    found = drawn([], SCORES[:1])
    assert found["rounds"].answer.startswith("Not known")
    assert found["choice"].answer.startswith("Not known")
    assert found["cost"].answer == "errors took no token of an LLM."
