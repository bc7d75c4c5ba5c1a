import pytest

from distill.errors import ParamsError
from distill.tasks.summarize import taxonomy


def test_the_taxonomy_has_the_groups_and_codes_of_table_5(workspace):
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


MINOR, MAJOR, CRITICAL = "unn_content_courtesy", "content_missing", "content_hallucination"


@pytest.mark.parametrize(
    ("codes", "concise", "rating"),
    [
        # "flawless, containing no errors or issues"
        ([], True, 5),
        # "no distinct errors but potentially lacking perfect conciseness"
        ([], False, 4),
        # "only a minor error that does not affect the overall understanding"
        ([MINOR], True, 3),
        ([MINOR], False, 3),
        # "one or two errors"
        ([MAJOR], True, 2),
        ([MINOR, MINOR], True, 2),
        ([MINOR, "content_order"], True, 2),
        ([MAJOR, MINOR], True, 2),
        ([MAJOR, MAJOR], True, 2),
        # "numerous or critical errors"
        ([MINOR] * 3, True, 1),
        ([MAJOR] * 3, True, 1),
        ([MINOR, "unn_content_redundant", "content_order"], True, 1),
        ([CRITICAL], True, 1),
        ([MINOR, CRITICAL], True, 1),
    ],
)
def test_the_rating_follows_from_number_and_severity_as_in_section_4(
    workspace, codes, concise, rating
):
    assert taxonomy.rating(codes, concise) == rating
    assert taxonomy.rating(iter(codes), concise) == rating


CODE = "severity: minor, definition: x, example: y"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "taxonomy.yaml: .*valid dictionary"),
        ("{}", "taxonomy.yaml: .*at least 1 item"),
        ("content: [", "taxonomy.yaml: while parsing"),
        ("content:", "taxonomy.yaml: content: .*valid dictionary"),
        ("content: {a: {severity: minor, definition: x}}", "content.a.example: missing; add it"),
        (
            "content: {a: {severity: bad, definition: x, example: y}}",
            "content.a.severity: .*'minor'",
        ),
        (
            f"content: {{a: {{{CODE}, chanels: [webform]}}}}",
            "content.a.chanels: unknown key; remove",
        ),
        (f"content: {{a: {{{CODE}, channels: webform}}}}", "content.a.channels: .*valid list"),
        (f"content: {{a: {{{CODE}, channels: []}}}}", "content.a.channels: .*at least 1 item"),
        (f"content: {{a/b: {{{CODE}}}}}", "content.a/b: 'a/b' must be made of a-z"),
        (
            f"content: {{a: {{{CODE}}}}}\nlanguage: {{a: {{{CODE}}}}}",
            "language.a: is also in content",
        ),
    ],
)
def test_errors_of_the_taxonomy_are_reported_in_one_line(workspace, content, problem):
    (workspace / "taxonomy.yaml").write_text(content)
    with pytest.raises(ParamsError, match=problem) as raised:
        taxonomy.load()
    assert "\n" not in str(raised.value)


# Wording in a channel's judge prompt -> the code that the channel must have.
CODE_OF_WORDING = {
    "wish for a human agent": "unn_content_requests_agent",
    "wish for another agent": "unn_content_requests_agent",
    "wish for a copy": "unn_content_webform_email_copy",
    "a buyer or a seller": "customer_type_missing",
    "courtesies": "unn_content_courtesy",
    "repetitions": "unn_content_redundant",
}


@pytest.mark.parametrize("channel", ["botchat", "agentchat", "webform", "email"])
def test_a_channel_has_the_codes_that_its_judge_prompt_mentions(workspace, channel):
    prompt = (workspace / f"prompts/judge/{channel}.txt").read_text()
    codes = {code for wording, code in CODE_OF_WORDING.items() if wording in prompt}
    assert len(codes) >= 2
    assert all(taxonomy.load()[code].applies_to(channel) for code in codes)


def test_both_kinds_of_chats_and_both_kinds_of_messages_have_the_same_codes(workspace):
    for code in taxonomy.load().values():
        assert code.applies_to("botchat") == code.applies_to("agentchat")
        assert code.applies_to("webform") == code.applies_to("email")
