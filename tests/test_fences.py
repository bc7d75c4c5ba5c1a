"""Replies in code fences."""

import pytest

from distill.llm.fences import unfenced


@pytest.mark.parametrize(
    ("reply", "inner"),
    [
        (" plain \n", "plain"),
        ("```\nx\n```", "x"),
        ("```json\r\n[1]\r\n```\n", "[1]"),
        ("```json [1]```", "[1]"),
        ("```two words```", "two words"),
        ("```json\n[1]", "[1]"),
        ("```", ""),
        ("``````", ""),
        ("a ```x```", "a ```x```"),
        ("```\n" + " " * 200_000 + "x", "x"),
    ],
)
def test_a_fence_is_taken_off(reply, inner):
    assert unfenced(reply) == inner
