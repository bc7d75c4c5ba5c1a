"""The chat template of a base: one rendering of a prompt in training and in generation.

A template can render a prompt differently where an answer follows it: DeepSeek-R1's and QwQ's ask
with an open <think> that no training text has; Qwen3's put an empty one before an answer. The
rendering of a made-up chat shows it before a training begins.
"""

import json
import re
import sys
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from distill.errors import ParamsError
from distill.llm.messages import Messages
from distill.students.settings import NO_REASONING

DATE = datetime(2025, 1, 1)  # stands for the day's date, so that a commit always trains alike
ANSWER = "made-up answer"
SHOWN = 60  # characters of each rendering that a message shows
_NOW = re.compile(r"strftime_now\(\s*(['\"])(.*?)\1\s*\)")


class Frame(NamedTuple):
    """What surrounds an answer: the template's `switches`, and what it writes before the answer.

    `fault` says how the renderings differ, "" where they do not; `opening` is "" then.
    """

    switches: dict[str, bool]
    opening: str = ""
    fault: str = ""


def prepare(tokenizer: PreTrainedTokenizerBase, base: str) -> None:
    """Pin the date that a template writes, and choose the token that pads.

    Raises ParamsError for a base without a chat template or an end-of-sequence token.
    """
    if tokenizer.chat_template is None:
        raise ParamsError(
            f"params.yaml: students: {base} has no chat template; take its instruct model"
        )
    if tokenizer.eos_token is None:
        raise ParamsError(
            f"params.yaml: students: the tokenizer of {base} has no end-of-sequence token, so that"
            " no answer would end; take its instruct model, or name eos_token in its"
            " tokenizer_config.json"
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    template = str(tokenizer.get_chat_template())
    if "strftime_now" in template:
        tokenizer.chat_template = _NOW.sub(lambda call: repr(f"{DATE:{call[2]}}"), template)
        print(
            f"{base}: the chat template writes the day's date, which is pinned to {DATE:%Y-%m-%d}",
            file=sys.stderr,
        )


def render(tokenizer: PreTrainedTokenizerBase, chat: Messages, **options: Any) -> str:
    """Return a chat as the template renders it; raises ParamsError where the template fails."""
    try:
        return str(tokenizer.apply_chat_template(chat, tokenize=False, **options))
    except (TemplateError, TypeError, ValueError, AttributeError, LookupError) as error:
        is_ours = all(message["content"] == _said(message["role"]) for message in chat)
        reason = f"{type(error).__name__}: {error}".splitlines()[0] if is_ours else "in a row"
        roles = ", ".join(message["role"] for message in chat)
        raise ParamsError(
            f"params.yaml: students: the chat template of {tokenizer.name_or_path} fails on a chat"
            f" of {roles} ({reason}); take another base"
        ) from error


def frame(tokenizer: PreTrainedTokenizerBase, chat: Messages) -> Frame:
    """Return what surrounds the answer to a chat of these roles."""
    return _frame(tokenizer, tuple(message["role"] for message in chat))


@lru_cache(maxsize=32)
def _frame(tokenizer: PreTrainedTokenizerBase, roles: tuple[str, ...]) -> Frame:
    """Compare the two renderings of a made-up chat, without reasoning if the template has it."""
    template = str(tokenizer.get_chat_template())
    names = set(re.findall(r"\w+", template))
    known = {name: value for name, value in NO_REASONING.items() if name in names}
    chat = [{"role": role, "content": _said(role)} for role in roles]
    answer = {"role": "assistant", "content": _said("assistant")}
    faults = []
    for switches in (known, {}):
        asked = render(tokenizer, chat, add_generation_prompt=True, **switches)
        trained = render(tokenizer, [*chat, answer], **switches)
        opening, found, _ = trained.removeprefix(asked).partition(ANSWER)
        if trained.startswith(asked) and found:
            return Frame(switches, opening)
        faults.append(_difference(asked, trained))
    return Frame(known, fault=faults[0])


def as_trained(tokenizer: PreTrainedTokenizerBase) -> str:
    """Return a template that by itself renders what students are trained on and asked with.

    The switches of the frame are set at its beginning, and what the template writes before an
    answer follows the prompt, so a server needs no options. The line breaks are those that
    transformers' renderer drops (trim_blocks, and the last one of a template).
    """
    around = frame(tokenizer, [{"role": "user", "content": ""}])
    template = str(tokenizer.get_chat_template())
    sets = [f"{{%- set {name} = {str(on).lower()} %}}\n" for name, on in around.switches.items()]
    if not around.opening:
        return "".join([*sets, template])
    opening = json.dumps(around.opening, ensure_ascii=False)
    tail = f'{{{{ {opening} if add_generation_prompt else "" }}}}'
    return "".join([*sets, template.removesuffix("\n"), tail])


def _said(role: str) -> str:
    return ANSWER if role == "assistant" else f"made-up {role}"


def _difference(asked: str, trained: str) -> str:
    pairs = zip(asked, trained, strict=False)
    at = next(
        (place for place, (one, other) in enumerate(pairs) if one != other),
        min(len(asked), len(trained)),
    )
    start = max(0, at - SHOWN // 2)
    return (
        f"generation asks with {asked[start : at + SHOWN]!r}, and training goes on with"
        f" {trained[start : at + SHOWN]!r}"
    )


def check(tokenizer: PreTrainedTokenizerBase, chat: Messages) -> Frame:
    """Return the frame of a chat's answer; raises ParamsError where the renderings differ."""
    found = frame(tokenizer, chat)
    if found.fault:
        raise ParamsError(
            f"params.yaml: students: the chat template of {tokenizer.name_or_path} renders a prompt"
            f" in two ways, and the student would be asked what it never learned: {found.fault};"
            " take a base that does not reason, or one whose template has enable_thinking"
        )
    return found
