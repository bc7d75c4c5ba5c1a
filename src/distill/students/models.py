"""Loading of a student, its chat template, and its training examples."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distill import tasks
from distill.students.device import Device  # first: it prepares torch

# isort: split
from peft import PeftModel
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from distill.errors import ParamsError
from distill.ledger import Ledger
from distill.llm.messages import Messages
from distill.records import Row
from distill.students.settings import Student

logging.disable_progress_bar()  # type: ignore[no-untyped-call]

Example = dict[str, Any]  # {"prompt": messages, "completion": messages}, as TRL reads it


@contextmanager
def loading(student: Student) -> Iterator[None]:
    """Turn the error of a base that cannot be loaded into a ParamsError that names the base."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ParamsError(
            f"params.yaml: students: the base {student.base!r} cannot be loaded ({reason}); correct"
            " its folder or hub name, or check the access to the hub"
        ) from error


def load_tokenizer(student: Student) -> PreTrainedTokenizerBase:
    """Return the base's tokenizer with padding on the left, as generation needs it.

    Raises ParamsError for a base that cannot be loaded or has no chat template.
    """
    with loading(student):
        tokenizer = AutoTokenizer.from_pretrained(student.base, padding_side="left")
    if tokenizer.chat_template is None:
        raise ParamsError(
            f"params.yaml: students: {student.base} has no chat template; take its instruct model"
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(student: Student, device: Device, adapter: Path | None = None) -> PreTrainedModel:
    """Return the base on the device, in evaluation mode, with the adapter, if any, merged in."""
    with loading(student):
        model = AutoModelForCausalLM.from_pretrained(student.base, dtype=device.torch_dtype)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    return model.to(device.name).eval()  # type: ignore[no-any-return,arg-type]


def prompt_ids(tokenizer: PreTrainedTokenizerBase, chat: Messages) -> list[int]:
    """Return the token ids of a chat, up to the place where the student answers."""
    ids = tokenizer.apply_chat_template(
        guarded(tokenizer, chat), add_generation_prompt=True, return_dict=False
    )
    return list(ids)


def guarded(tokenizer: PreTrainedTokenizerBase, chat: Messages) -> Messages:
    """Return the chat with a space inside every special token that its texts spell out.

    Otherwise a customer who writes the end-of-turn token could end the prompt.
    """
    special = [t.content for t in tokenizer.added_tokens_decoder.values() if t.special]
    found = []
    for message in chat:
        content = message["content"]
        for token in special:
            content = content.replace(token, f"{token[:1]} {token[1:]}")
        found.append({**message, "content": content})
    return found


def fitting(
    rows: Iterable[Row], tokenizer: PreTrainedTokenizerBase, max_length: int, ledger: Ledger
) -> Iterator[Example]:
    """Yield the training example of each row: its task's messages, and its target as the answer.

    A row of more than `max_length` tokens is quarantined, never truncated.
    """
    for row in ledger.entered(rows):
        prompt = guarded(tokenizer, tasks.load(row["task"]).messages(row))
        completion = [{"role": "assistant", "content": row["target"]}]
        ids = tokenizer.apply_chat_template(prompt + completion, return_dict=False)
        if len(ids) > max_length:
            ledger.quarantine(row["id"], "too_long")
            continue
        ledger.ok()
        yield {"prompt": prompt, "completion": completion}
