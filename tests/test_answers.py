"""The replies of the annotator and the judge: parsers and JSON schemas."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from distill.tasks.summarize import answers, taxonomy
from distill.tasks.summarize.answers import Compared, Error

CHANNELS = ["botchat", "agentchat", "webform", "email"]
OF = Compared(
    "botchat",
    "Customer: My kettle from order 07-11223-45678 never came. I want a refund.",
    "<ul><li>kettle never came</li><li>the customer is angry</li><li>kettle never came</li></ul>",
)
LOST = {"code": "content_missing", "quote": "I want a refund"}
TWICE = {"code": "unn_content_redundant", "quote": "kettle never came"}
ANGRY = {"code": "sentiment_inferred_frustrated", "quote": "the customer is angry"}


def listed(*errors, **more):
    return json.dumps({"errors": errors, **more})


def found(*errors):
    """Return the codes of the usable errors of a reply, and why others are dropped."""
    reply = answers.findings(listed(*errors), OF)
    return [error.code for error in reply.errors], list(reply.dropped)


# ------------------------------------------------------------------ entries


def test_a_reply_lists_each_occurrence_of_an_error():
    order = {"code": "content_missing", "quote": "order 07-11223-45678"}
    assert found(LOST, order, TWICE) == (
        ["content_missing", "content_missing", "unn_content_redundant"],
        [],
    )
    assert answers.findings(listed(LOST), OF).errors == (Error(**LOST),)
    assert found() == ([], [])


@pytest.mark.parametrize("code", ["made_up", "", "unn_content_webform_email_copy"])
def test_a_code_that_the_channel_does_not_have_costs_the_entry_only(code):
    assert found(LOST, {"code": code, "quote": "kettle never came"}) == (
        ["content_missing"],
        ["unknown_code"],
    )


@pytest.mark.parametrize("quote", ["", "...", "the parcel is lost", "order 07-11223-45679"])
def test_a_quote_that_stands_nowhere_costs_the_entry_only(quote):
    assert found({"code": "content_inaccurate", "quote": quote}, ANGRY) == (
        ["sentiment_inferred_frustrated"],
        ["quote_not_found"],
    )


def test_what_is_missing_is_quoted_from_the_interaction():
    assert found({"code": "content_missing", "quote": "the customer is angry"}) == (
        [],
        ["quote_not_found"],
    )
    number = {"code": "entity_missing_order_number", "quote": "07-11223-45678"}
    assert found(number) == (["entity_missing_order_number"], [])


def test_other_errors_are_quoted_from_either_text():
    for quote in ("the customer is angry", "I want a refund"):
        assert found({"code": "content_other", "quote": quote})[0] == ["content_other"]


def test_an_entry_is_repeated_at_most_as_often_as_its_quote_stands_in_the_text():
    assert found(ANGRY, ANGRY, ANGRY)[1] == ["repeated", "repeated"]
    assert found(TWICE, TWICE, TWICE)[1] == ["repeated"]


# ------------------------------------------------------------------ ratings


@pytest.mark.parametrize(
    ("errors", "concise", "rating"),
    [
        ([], True, 5),
        ([], False, 4),
        ([TWICE], True, 3),
        ([LOST], True, 2),
        ([TWICE, ANGRY], True, 2),
        ([LOST, TWICE, ANGRY], True, 1),
        ([{"code": "content_hallucination", "quote": "angry"}], True, 1),
        ([{"code": "made_up", "quote": "angry"}], True, 5),
        ([LOST, {"code": "content_hallucination", "quote": "a lawsuit"}], True, 2),
    ],
)
def test_the_rating_is_computed_from_the_usable_errors(errors, concise, rating):
    verdict = answers.verdict(listed(*errors, concise=concise), OF)
    assert (verdict.rating, verdict.reason) == (rating, "")


def test_a_direct_rating_is_the_judges_own():
    reply = listed(LOST, reason="a fact is lost", rating=4)
    verdict = answers.direct_verdict(reply, OF)
    assert (verdict.rating, verdict.reason) == (4, "a fact is lost")
    assert verdict.errors == (Error(**LOST),)


# ------------------------------------------------------------------ forms

PARSERS = {
    answers.findings: {},
    answers.verdict: {"concise": True},
    answers.direct_verdict: {"reason": "so", "rating": 2},
}


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("frame", ["{}", "```json\n{}\n```", "```\n{}\n```", " \n{}\n"])
def test_a_code_fence_around_the_object_is_accepted(parse, frame):
    text = frame.replace("{}", listed(LOST, **PARSERS[parse]))
    assert parse(text, OF).errors == (Error(**LOST),)


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "none",
        "[]",
        "{}",
        "[" * 100_000,
        '{"errors": [{"code": "content_missing"}], REST}',
        '{"errors": [{"code": "content_missing", "quote": 7}], REST}',
        '{"errors": [{"code": "content_missing", "quote": "a", "quote": "b"}], REST}',
        '{"errors": [{"code": "content_missing", "quote": "a", "why": "b"}], REST}',
        '{"errors": ["content_missing"], REST}',
        '{"errors": null, REST}',
        '{"errors": [], "errors": [], REST}',
        '{"errors": [], "comment": "more", REST}',
        '{"errors": [{"code": "content_missing", "quote": "\\ud800"}], REST}',
        'I found this: {"errors": [], REST}',
        '{"errors": [], REST} {"errors": [], REST}',
        '{"errors": [], REST',
    ],
)
def test_a_reply_of_another_form_is_invalid(parse, text):
    rest = json.dumps(PARSERS[parse])[1:-1]
    with pytest.raises(ValueError, match=r".+"):
        parse(text.replace("REST", rest).replace(", }", "}"), OF)


@pytest.mark.parametrize(
    ("parse", "more"),
    [
        (answers.verdict, {}),
        (answers.verdict, {"concise": "yes"}),
        (answers.verdict, {"concise": True, "rating": 5}),
        (answers.direct_verdict, {"rating": 5}),
        (answers.direct_verdict, {"reason": "so", "rating": 6}),
        (answers.direct_verdict, {"reason": "so", "rating": 4.5}),
        (answers.direct_verdict, {"reason": "so", "rating": "5"}),
    ],
)
def test_a_verdict_has_exactly_its_keys(parse, more):
    with pytest.raises(ValueError, match=r".+"):
        parse(listed(**more), OF)


@given(st.text(max_size=60))
def test_any_quote_is_either_used_or_dropped(quote):
    quote = quote.encode("utf-8", "ignore").decode()
    reply = answers.findings(listed({"code": "content_other", "quote": quote}), OF)
    assert len(reply.errors) + len(reply.dropped) == 1


# ------------------------------------------------------------------ schemas

SCHEMAS = {
    answers.findings_schema: {},
    answers.verdict_schema: {"concise": True},
    answers.direct_verdict_schema: {"reason": "so", "rating": 2},
}


def is_valid(schema, errors, more):
    return Draft202012Validator(schema).is_valid({"errors": errors, **more})


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_schema_admits_exactly_the_codes_of_its_channel(schema, channel):
    made = schema(channel)
    Draft202012Validator.check_schema(made)
    for code in taxonomy.load().values():
        entry = {"code": code.code, "quote": "so"}
        assert is_valid(made, [entry], SCHEMAS[schema]) == code.applies_to(channel)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_schema_bounds_the_number_of_errors_and_the_length_of_quotes(schema):
    made, more = schema("botchat"), SCHEMAS[schema]
    assert is_valid(made, [LOST] * answers.MAX_ERRORS, more)
    assert not is_valid(made, [LOST] * (answers.MAX_ERRORS + 1), more)
    assert is_valid(made, [LOST | {"quote": "é" * 240}], more)
    for quote in ("", "x" * 241, 'say "so"', "two\nlines", "back\\slash"):
        assert not is_valid(made, [LOST | {"quote": quote}], more)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_schema_uses_only_keywords_that_servers_accept(schema):
    """OpenAI's strict mode refuses minLength, maxLength and uniqueItems; xgrammar the last."""
    accepted = {"type", "properties", "required", "additionalProperties", "items", "enum"}
    accepted |= {"maxItems", "pattern"}

    def check(node):
        assert set(node) <= accepted
        assert re.fullmatch(r"\^.*\$", node.get("pattern", "^$"))  # llama.cpp refuses another
        if node["type"] == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        for child in (*node.get("properties", {}).values(), *filter(None, [node.get("items")])):
            check(child)

    check(schema("webform"))


def test_errors_come_before_the_rating_and_the_reason():
    made = answers.direct_verdict_schema("botchat")
    assert list(made["properties"]) == ["errors", "reason", "rating"]
    assert list(answers.verdict_schema("botchat")["properties"]) == ["errors", "concise"]


@pytest.mark.parametrize(("schema", "parse"), list(zip(SCHEMAS, PARSERS, strict=True)))
def test_a_reply_that_the_schema_admits_can_be_parsed(schema, parse):
    reply = {"errors": [LOST, TWICE], **SCHEMAS[schema]}
    assert Draft202012Validator(schema("botchat")).is_valid(reply)
    assert parse(json.dumps(reply), OF).dropped == ()
