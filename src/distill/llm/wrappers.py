"""What models and servers put around an answer: reasoning in front of it, a code fence around it.

The reasoning models' marks, as their chat templates write them and as servers leave them in:

    <think>\\nThe customer asks ...\\n</think>\\n\\n<ul>...</ul>    Qwen, DeepSeek, GLM, Nemotron
    The customer asks ...\\n</think>\\n\\n<ul>...</ul>             the prompt holds the opening mark
    [THINK]...[/THINK]<ul>...</ul>                             Magistral
    <|channel|>analysis<|message|>...<|channel|>final<|message|><ul>...</ul>    gpt-oss
"""

import re
from collections.abc import Callable
from typing import Any

_WORDS = r"(?:seed:|ant)?(?:think|thinking|thought|thoughts|reasoning|analysis)"
_BEGIN = re.compile(
    rf"\s*(?:<{_WORDS}(?:\s[^<>]*)?>|\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|START_THINKING\|>"
    r"|(?:<\|start\|>\s*assistant\s*)?<\|channel\|?>\s*(?:analysis|commentary|thought)"
    r"|analysis(?=.*assistantfinal))",
    flags=re.IGNORECASE | re.DOTALL,
)
_END = re.compile(
    rf"</{_WORDS}\s*>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<\|END_THINKING\|>|<channel\|>"
    r"|<\|channel\|>\s*final\b[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>|assistantfinal",
    flags=re.IGNORECASE,
)
_FENCE = re.compile(
    r"\s*(?P<mark>`{3,}|~{3,})"
    r"(?:[^\n<{\[\"]*\n|[\w+.-]*[ \t]*(?=[<{\[\"]))?"  # an info string of any kind: JSON, html, ...
    r"(?P<text>.*?)\s*(?P=mark)\s*",
    flags=re.DOTALL,
)


def without_reasoning(text: str) -> str:
    """Return what follows the last mark that ends a reasoning; the text itself without any.

    Reasoning that begins and never ends leaves "": the reply was cut, or holds no answer.
    """
    end = max((mark.end() for mark in _END.finditer(text)), default=None)
    if end is not None:
        return text[end:].strip()
    return "" if _BEGIN.match(text) else text


def unfenced(text: str) -> str:
    """Return the content of the code fence that surrounds the whole text, or the text itself."""
    fence = _FENCE.fullmatch(text)
    return fence["text"] if fence else text


def unwrapped(text: str, parse: Callable[[str], Any]) -> Any:
    """Return the parsed answer of a reply; raises ValueError where there is none.

    A reply that does not begin with reasoning may quote a mark inside of its answer, so that it is
    also parsed as a whole.
    """
    answer = without_reasoning(text)
    if not answer and text.strip():
        raise ValueError("the reasoning does not end")
    try:
        return parse(unfenced(answer))
    except ValueError:
        if answer == text or _BEGIN.match(text):
            raise
    return parse(text)
