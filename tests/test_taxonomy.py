import pytest

from arf import taxonomy
from arf.errors import ParamsError


def test_the_seven_groups_of_table_5_and_their_codes(workspace):
    codes = taxonomy.load().values()
    groups = [code.group for code in codes]
    assert {group: groups.count(group) for group in groups} == {
        "content": 6,
        "entities": 18,
        "data_elements": 3,
        "customer_type": 3,
        "unnecessary_information": 9,
        "inferred_sentiment": 6,
        "language": 3,
    }


@pytest.mark.parametrize(
    ("codes", "concise", "rating"),
    [
        ([], True, 5),
        ([], False, 4),
        (["unn_content_courtesy"], True, 3),
        (["content_missing"], True, 2),
        (["unn_content_courtesy", "unn_content_redundant"], True, 2),
        (["unn_content_courtesy", "unn_content_redundant", "content_order"], True, 1),
        (["content_hallucination"], True, 1),
        (["unn_content_courtesy", "unn_content_courtesy"], True, 3),
    ],
)
def test_errors_lead_to_a_rating(workspace, codes, concise, rating):
    assert taxonomy.rating(codes, concise) == rating


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("content:\n  a: {severity: minor, definition: x}\n", "a lacks example"),
        ("content:\n  a: {severity: bad, definition: x, example: y}\n", "a.severity must be one"),
        ("content: [", "taxonomy.yaml"),
    ],
)
def test_a_faulty_taxonomy_is_named(workspace, content, problem):
    (workspace / "taxonomy.yaml").write_text(content)
    with pytest.raises(ParamsError, match=problem):
        taxonomy.load()
