"""Findings come from experts, else from the annotator and the chosen checks."""

import pytest

from analyze import by_expert
from distill.people import annotations
from distill.tasks.summarize.findings import by_machines

AGENT, MOOD = "unn_content_requests_agent", "sentiment_inferred_frustrated"
WISH, SIGH = "Customer asks for a human agent", "Customer is frustrated"
ROW = {
    "id": "botchat-1",
    "channel": "botchat",
    "input": "Customer: my lamp is broken.\nCustomer: I need a human.",
    "target": f"<ul><li>lamp is broken</li><li>{WISH}</li><li>{SIGH}</li></ul>",
}


def annotated(*findings):
    return {"id": "botchat-1", "source": "gpt", "findings": list(findings)}


def test_only_the_chosen_checks_count():
    assert by_machines(ROW, None, [MOOD]) == {MOOD: (SIGH, "rules")}
    assert by_machines(ROW, None, []) == {}


def test_the_annotators_evidence_counts_where_both_report_a_code():
    reply = annotated({"code": AGENT, "evidence": "a human"}, {"code": AGENT, "evidence": "more"})
    assert by_machines(ROW, reply, [AGENT, MOOD]) == {
        AGENT: ("a human", "gpt"),
        MOOD: (SIGH, "rules"),
    }


@pytest.mark.parametrize("reply", [None, annotated(), annotated() | {"findings": None}])
def test_a_row_without_a_reply_has_the_findings_of_the_checks(reply):
    assert by_machines(ROW, reply, [AGENT]) == {AGENT: (WISH, "rules")}


def test_a_malformed_list_is_found_where_its_code_is_chosen():
    broken = ROW | {"target": "lamp is broken"}
    assert list(by_machines(broken, None, ["content_other", MOOD])) == ["content_other"]
    assert by_machines(broken, None, [MOOD]) == {}


def of(annotator, *codes, **more):
    head = {"id": "botchat-1", "of": "org", "rating": 3, "note": ""}
    return head | {"annotator": annotator, "codes": list(codes)} | more


def test_the_source_of_a_finding_says_how_many_experts_agree():
    merged = annotations.merged([of("ana", AGENT, MOOD), of("ben", AGENT), of("eva", AGENT, MOOD)])
    assert by_expert(merged) == {
        AGENT: ("", "experts (3 of 3)"),
        MOOD: ("", "experts (2 of 3)"),
    }


def test_the_source_of_a_finding_says_that_it_was_adjudicated_or_drawn_from_feedback():
    assert by_expert(annotations.merged([of("adjudicated", MOOD, adjudicated=True)])) == {
        MOOD: ("", "adjudicated")
    }
    assert by_expert(annotations.merged([of("ana", MOOD, source="feedback", note="odd")])) == {
        MOOD: ("odd", "feedback")
    }
