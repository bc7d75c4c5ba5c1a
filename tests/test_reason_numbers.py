"""Numbers as final answers, as people and models write them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.tasks.reason import answers


def number(answer):
    return {"kind": "number", "answer": answer}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Answer: 35.50", "35.5"),
        ("Answer: $1,234", "1234"),
        ("Answer: 1 234 567 people", "1234567"),
        ("Answer: 1\u202f234", "1234"),
        ("Answer: 1'234.5", "1234.5"),
        ("Answer: 1,00,000 rupees", "100000"),
        ("Answer: 1.234,56 €", "1234.56"),
        ("Answer: €12,50", "12.5"),
        ("Answer: 12 USD", "12"),
        ("Answer: 5 dollars", "5"),
        ("Answer: 5 dollars and 5 cents", "5.05"),
        ("Answer: 5kg", "5"),
        ("Answer: .5", "0.5"),
        ("Answer: about 12.", "12"),
        ("Answer: −5", "-5"),
        ("Answer: -$5.00", "-5"),
        ("Answer: $-5", "-5"),
        ("Answer: minus 5 degrees", "-5"),
        ("Answer: -0.0", "0"),
        ("Answer: 1.5e3", "1500"),
        ("Answer: 1.5 x 10^3", "1500"),
        ("Answer: 1.5×10³ m", "1500"),
        ("Answer: 2 million", "2000000"),
        ("Answer: 5k", "5000"),
        ("Answer: 3/4", "0.75"),
        ("Answer: 1/3", "1/3"),
        ("Answer: 1 1/2 cups", "1.5"),
        ("Answer: 1½ cups", "1.5"),
        ("Answer: 10 / 2", "5"),
        ("Answer: 20%", "20%"),
        ("Answer: 20 percent", "20%"),
        ("Answer: USD1,234", "1234"),
        ("Answer: 5 and 1/2", "5.5"),
        ("Answer: 2 and a half", "2.5"),
        ("Answer: five", "5"),
        ("Answer: five (5)", "5"),
        ("Answer: two thirds", "2/3"),
        ("Answer: half", "0.5"),
        ("Answer: two dozen", "24"),
        ("Answer: two thousand and five", "2005"),
        ("Answer: twenty-five dollars", "25"),
        ("Answer: one hundred and five", "105"),
        ("Answer: ٤٢", "42"),
    ],
)
def test_a_number_is_read_however_it_is_written(text, answer):
    assert answers.extract(text, "number") == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("**Answer:** 42", "42"),
        ("**Final Answer**: **42 apples**", "42"),
        ("### Answer\n\n42", "42"),
        ("The final answer is:\n\n$42", "42"),
        ("Answer (in dollars): 42", "42"),
        ("the answer to the question is 42 dollars", "42"),
        ("The answer would be 42.", "42"),
        ("A: 42", "42"),
        ("<answer>42</answer>", "42"),
        ("#### 42,000", "42000"),
        ("The answer is \\boxed{\\frac{3}{4}}.", "0.75"),
        ("Answer: \\$42\\text{ per day}", "42"),
        ("Answer: 42\\%", "42%"),
        ("$$x = 42$$", "42"),
    ],
)
def test_an_answer_is_found_in_the_usual_markup(text, answer):
    assert answers.extract(text, "number") == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("3 days for 4 dollars, 12 in all.\nAnswer: 12\nCheck: 12 / 4 = 3.", "12"),
        ("The answer is 5. I hope my answer is clear.", "5"),
        ("The answer is 5. Wait, 2 were broken. The answer is 3.", "3"),
        ("The answer is not 5 but 6.", "6"),
        ("Answer: 3 + 4 = 7 apples", "7"),
        ("Answer: 7 (= 3 + 4)", "7"),
        ("Answer: 7 = 3 + 4", "7"),
        ("The answer is 12 because 3*4 = 12", "12"),
        ("Answer: 12 apples, 3 for each of 4", "12"),
        ("Answer:\nFirst, 3 + 4 = 7.\nThen, 7 x 2 = 14.", "14"),
        ("So it takes 5 days * 2 = 10 days.", "10"),
        ("The customer gets $35.50 back within 14 days.", "35.5"),
        ("It was bought on 2024-03-05 at 10:30 and cost 12", "12"),
        ("Answer: order #4471 costs 12", "12"),
        ("3 and 4 make 7", "7"),
    ],
)
def test_among_several_numbers_the_stated_answer_counts(text, answer):
    assert answers.extract(text, "number") == answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I do not know.",
        "Answer: none",
        "Answer: the last one",
        "Answer: 5 or 6",
        "Answer: x = 5 or x = 6",
        "Answer: 5 and 6",
        "Answer: 5-7 days",
        "Answer: 5 + 3",
        "Answer: 1e999999999",
        "1/0",
    ],
)
def test_a_text_may_have_no_number_or_no_single_one(text):
    assert answers.extract(text, "number") is None


@pytest.mark.parametrize(
    ("found", "gold", "same"),
    [
        ("1234", "1,234", True),
        ("35.5", "$35.50", True),
        ("51", "51.0", True),
        ("5", "5 dollars", True),
        ("0.75", "3/4", True),
        ("50%", "50", True),
        ("50%", "0.5", True),
        ("0.5", "50%", True),
        ("0.5", "50", False),
        ("0.33", "1/3", False),
        ("5", "-5", False),
        (None, "5", False),
    ],
)
def test_numbers_are_equal_by_value_with_units_ignored_on_both_sides(found, gold, same):
    assert answers.matches(found, number(gold)) is same


@given(st.fractions(max_denominator=1000, min_value=-1000, max_value=1000))
def test_any_fraction_is_found_again(value):
    assert answers.matches(answers.extract(f"Answer: {value}", "number"), number(str(value)))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1e9, max_value=1e9))
def test_any_amount_is_found_again_with_and_without_commas(value):
    for written in (f"{value:f}", f"{value:,f}", f"${value:,f} per day"):
        found = answers.extract(f"It is 3.\nAnswer: {written}", "number")
        assert found is not None
        assert Fraction(found) == Fraction(value)


PARTS = [
    "Answer: ", "1", ",", ".", "/", "3", "%", "-", "$", "e", "x 10^", " ", "\n", "one",
    " half", "k", " million", "\\boxed{", "}", "\\frac", "(", ")", " or ", "=", "½", "²", "٣",
    "0", "not ", "'",
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=14))
def test_a_number_that_is_found_equals_itself(parts):
    found = answers.extract("".join(parts), "number")
    if found is not None:
        assert answers.matches(found, number(found))
        assert answers.extract(f"Answer: {found}", "number") == found
