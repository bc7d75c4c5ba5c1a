"""Choices, booleans, LaTeX and hostile texts as final answers, as people and models write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.errors import ParamsError
from distill.tasks.reason import answers
from distill.tasks.reason.answers import latex

OPTIONS = {"A": "order 4471", "B": "order 9032", "C": "both", "D": "neither"}


def number(answer):
    return {"kind": "number", "answer": answer}


# ------------------------------------------------------------------ choices and booleans


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Answer: (B)", "B"),
        ("Answer: B", "B"),
        ("Answer: b", "B"),
        ("Answer: B) order 9032", "B"),
        ("Answer: (b) order 9032", "B"),
        ("Answer: Option B.", "B"),
        ("Answer: option b", "B"),
        ("Answer: b) order 9032", "B"),
        ("Answer: 'B'", "B"),
        ("Answer: [B]", "B"),
        ("Answer: order 9032", "B"),
        ("Answer: B, because A is too late", "B"),
        ("Answer: both orders", "C"),
        ("The correct option is C.", "C"),
        ("**B**", "B"),
        ("\\boxed{\\text{(B)}}", "B"),
        ("The answer is not A but B", "B"),
        ("(A) is wrong. So it must be (C).", "C"),
        ("(C) is correct because (A) and (B) are late.", "C"),
        ("So only order 4471 can be returned.", "A"),
        ("Answer: A or B", None),
        ("Answer: A or maybe B", None),
        ("Answer: (F)", None),
        ("I think that A customer may ask", None),
    ],
)
def test_a_choice_is_its_letter_or_its_text(text, answer):
    assert answers.extract(text, "choice", OPTIONS) == answer


def test_an_article_is_no_option_and_a_part_of_a_word_no_text():
    options = {"A": "replacement", "B": "refund"}
    assert answers.extract("Answer: A refund", "choice", options) == "B"
    options = {"A": "valid", "B": "invalid"}
    assert answers.extract("The argument is invalid.", "choice", options) == "B"
    options = {"A": "5", "B": "15", "C": "5.5"}
    assert answers.extract("Answer: 15", "choice", options) == "B"
    assert answers.extract("Answer: 5.5", "choice", options) == "C"


@pytest.mark.parametrize("gold", ["B", "(B)", "order 9032"])
def test_a_gold_choice_may_be_written_in_three_ways(gold):
    row = {"kind": "choice", "answer": gold, "options": OPTIONS}
    assert answers.correct("Answer: (B)", row)
    assert not answers.correct("Answer: (A)", row)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Answer: yes", "yes"),
        ("Answer: No.", "no"),
        ("Answer: **True**", "yes"),
        ("Answer: not true", "no"),
        ("Answer: yep", "yes"),
        ("Final answer: NO", "no"),
        ("The answer is no, since yes would need 30 days", "no"),
        ("Yes, it is in the window.", "yes"),
        ("No fee applies, so yes.", "yes"),
        ("It is true that it came, so the claim is false.", "no"),
        ("\\boxed{\\text{No}}", "no"),
        ("Answer: yes or no", None),
        ("There is no fee.", None),
    ],
)
def test_a_boolean_is_yes_no_true_or_false(text, answer):
    assert answers.extract(text, "boolean") == answer


@pytest.mark.parametrize("gold", ["yes", "Yes", "True", True])
def test_a_gold_boolean_may_be_a_word_or_a_value(gold):
    assert answers.correct("Answer: true", {"kind": "boolean", "answer": gold})


def test_a_gold_answer_of_another_kind_is_an_error():
    with pytest.raises(ValueError, match="the gold answer 'soon' is no number"):
        answers.correct("Answer: 5", number("soon"))
    with pytest.raises(ValueError, match="unknown kind of answer 'date'"):
        answers.extract("Answer: 5", "date")


# ------------------------------------------------------------------ LaTeX


@pytest.mark.parametrize(
    ("found", "gold", "same"),
    [
        ("\\frac{\\sqrt{3}}{2}", "\\frac12\\sqrt3", True),
        ("x^2+1", "1 + x^2", True),
        ("2\\pi", "\\pi", False),
        ("\\frac{1}{2}", "0.5", True),
        ("3", "4", False),
    ],
)
def test_latex_is_compared_by_value(found, gold, same):
    pytest.importorskip("math_verify", reason="the extra `math` is not installed")
    assert answers.matches(found, {"kind": "math", "answer": gold}) is same


def test_latex_is_compared_in_another_thread_too():
    pytest.importorskip("math_verify", reason="the extra `math` is not installed")
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(latex.equal, "x+1", "1+x").result()


def test_without_math_verify_what_is_plain_is_decided_and_the_rest_an_error(monkeypatch):
    monkeypatch.setattr(latex, "find_spec", lambda _: None)
    assert latex.equal("\\frac{1}{2}", "0.5")
    assert latex.equal("x + 1", "x+1")
    with pytest.raises(ParamsError, match=r"math-verify compares; install it: pip install"):
        latex.equal("x + 1", "1 + x")


def test_the_content_of_the_last_box_is_the_latex_answer():
    text = "First \\boxed{x}. Then \\boxed{\\frac{a}{b}}"
    assert answers.extract(text, "math") == "\\frac{a}{b}"
    assert answers.extract("The answer is $x^2$.", "math") == "x^2"


# ------------------------------------------------------------------ hostile texts


@given(st.text(), st.sampled_from(answers.KINDS))
def test_no_text_breaks_the_reader(text, kind):
    found = answers.extract(text, kind, OPTIONS if kind == "choice" else None)
    assert found is None or isinstance(found, str)
    assert answers.extract(f"{text}\nAnswer: (C)", "choice", OPTIONS) == "C"


@pytest.mark.parametrize(
    "piece", ["1,", "\\boxed{", "not ", "1 ", "((", "answer ", "9", "= 1 ", "<<1", "one ", "-1"]
)
def test_the_answer_of_a_long_hostile_text_is_found(piece):
    text = piece * (40_000 // len(piece))
    assert answers.extract(f"{text}\n\nAnswer: 42", "number") == "42"
    assert answers.extract(f"{text}\n\nAnswer: (B)", "choice", OPTIONS) == "B"
    assert answers.extract(f"{text}\n\nAnswer: no", "boolean") == "no"
