import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.errors import ModelError
from distill.llm.messages import Request
from distill.providers import Rules
from distill.tasks.summarize.format import bullets, render
from distill.tasks.summarize.rules import editor, teacher
from distill.tasks.summarize.taxonomy import load


def test_a_request_without_a_rule_is_an_error():
    request = Request("botchat-1", "paint", [])
    with pytest.raises(ModelError, match="paint: no offline rule exists; name an endpoint"):
        list(Rules().complete([request]))


@given(st.text(max_size=300), st.text(max_size=100), st.sampled_from(sorted(load())))
def test_rules_accept_any_text(text, point, code):
    for channel in ("botchat", "webform"):
        for body in (text, f"Customer: {text}", f"Message: {text}"):
            written = teacher.summarize(body, channel)
            assert bullets(written)
            assert written == teacher.summarize(body, channel)
            assert editor.fix(code, render([point]))
