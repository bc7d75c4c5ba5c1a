"""What models and servers put around an answer: reasoning, code fences, tags, template tokens.

The reasoning models' marks, as their chat templates write them and as servers leave them in:

    <think>\\nThe customer asks ...\\n</think>\\n\\n<ul>...</ul>    Qwen, DeepSeek, GLM, Nemotron
    The customer asks ...\\n</think>\\n\\n<ul>...</ul>             the prompt holds the opening mark
    [THINK]...[/THINK]<ul>...</ul>                             Magistral
    <|channel|>analysis<|message|>...<|channel|>final<|message|><ul>...</ul>    gpt-oss
    <think></think><answer><ul>...</ul></answer><|im_end|>  Hunyuan; a server without its template
"""

import re
from collections.abc import Callable
from typing import Any

_WORDS = r"(?:[a-z]+[:_])?(?:think|thinking|thoughts?|reasoning|analysis|reflection|scratchpad)"
_OPEN, _CLOSE = "(?:<|&lt;)", "(?:>|&gt;)"
_BEGIN = re.compile(
    rf"[\s\ufeff]*(?:{_OPEN}{_WORDS}(?:\s[^<>]*)?{_CLOSE}|\[THINK\]|◁think▷|<unused94>"
    r"|<\|(?:begin_of_thought|START_THINKING|inner_prefix|think)\|>"
    r"|<details\b[^>]*>\s*<summary>\s*(?:Thought|Thinking|Reasoning)|Thinking\.\.\.\s*\n"
    r"|Here is my thought process:"
    r"|(?:<\|start\|>\s*assistant\s*)?<\|channel\|?>\s*(?:analysis|commentary|thought)"
    r"|analysis(?=.*assistantfinal))",
    flags=re.IGNORECASE | re.DOTALL,
)
_END = re.compile(
    rf"{_OPEN}/{_WORDS}\s*{_CLOSE}|\[/THINK\]|◁/think▷|<unused95>|<channel\|>|</details>"
    r"|<\|(?:end_of_thought|END_THINKING|inner_suffix)\|>|\.\.\.done thinking\."
    r"|<\|end\|><\|begin\|>assistant<\|content\|>|Here is my response:"
    r"|<\|channel\|>\s*final\b[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>|assistantfinal",
    flags=re.IGNORECASE,
)
# Tokens that a server leaves in where it does not know the model's template.
_TOKEN = r"(?:<[|｜][^\s<>|｜]{2,40}[|｜]>|</?s>|<(?:bos|eos|start_of_turn|end_of_turn)>)"
_FIRST_TOKENS = re.compile(rf"(?:{_TOKEN}(?:assistant\b|model\b)?\s*)+")
_LAST_TOKENS = re.compile(rf"(?:\s*{_TOKEN})+\Z")
_LONGEST_TAIL = 200  # characters
_HINTS = (  # of the marks above: most answers hold none of these
    *("think", "thought", "reasoning", "analysis", "reflection", "scratchpad", "unused9"),
    *("channel", "</details", "_suffix|", "inner_prefix", "|content|", "my response:"),
    "assistantfinal",
)
_UNSEEN = "\ufeff\u200b\u2060"
_AROUND = re.compile(  # what a model repeats of a prompt, or was trained to write
    r"<(?P<tag>answer|final_answer|response|output|result|solution|summary)>\s*(?P<text>.*?)\s*"
    r"</(?P=tag)>",
    flags=re.DOTALL | re.IGNORECASE,
)
_FENCE = re.compile(
    r"\s*(?P<mark>`{3,}|~{3,})"
    r"(?:[^\n<{\[\"]*\n|[\w+.-]*[ \t]*(?=[<{\[\"]))?"  # an info string of any kind: JSON, html, ...
    r"(?P<text>.*?)\s*(?P=mark)\s*",
    flags=re.DOTALL,
)


def without_reasoning(text: str) -> str:
    """Return what follows the last mark that ends a reasoning; the text itself without any.

    Reasoning that begins and never ends leaves "": the reply was cut, or holds no answer. Tokens of
    the chat template around the answer are taken off, too.
    """
    lower = text.lower()
    if any(word in lower for word in _HINTS):
        end = max((mark.end() for mark in _END.finditer(text)), default=None)
        if end is None and _BEGIN.match(text):
            return ""
        text = text if end is None else text[end:].strip()
    return _without_tokens(text)


def _without_tokens(text: str) -> str:
    """Return a text without template tokens and marks of no width around it."""
    bare = text.strip().strip(_UNSEEN)
    first = _FIRST_TOKENS.match(bare)
    last = _LAST_TOKENS.search(bare, max(0, len(bare) - _LONGEST_TAIL))
    if first or last or len(bare) < len(text.strip()):
        return bare[first.end() if first else 0 : last.start() if last else None].strip()
    return text


def unfenced(text: str) -> str:
    """Return the content of the code fence that surrounds the whole text, or the text itself."""
    fence = _FENCE.fullmatch(text)
    return fence["text"] if fence else text


def _bare(answer: str) -> str:
    """Return an answer without a code fence, and without a tag that surrounds it."""
    answer = unfenced(answer)
    around = _AROUND.fullmatch(answer.strip())
    return unfenced(around["text"]) if around else answer


def unwrapped(text: str, parse: Callable[[str], Any]) -> Any:
    """Return the parsed answer of a reply; raises ValueError where there is none.

    A reply that does not begin with reasoning may quote a mark inside of its answer, so that it is
    also parsed as a whole.
    """
    answer = without_reasoning(text)
    if not answer and text.strip():
        raise ValueError("the reasoning does not end")
    try:
        return parse(_bare(answer))
    except ValueError:
        if answer == text or _BEGIN.match(text):
            raise
    return parse(text)
