"""Loading of a student, its chat template, and its training examples."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from logging import ERROR, getLogger
from pathlib import Path
from typing import Any

from distill import tasks
from distill.students.device import Device  # first: it prepares torch

# isort: split
from peft import PeftModel
from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from distill.errors import ParamsError
from distill.ledger import Ledger
from distill.llm.messages import Messages
from distill.prompts import spaced
from distill.records import Row
from distill.students import speed, templates
from distill.students.settings import Student

getLogger("trl").setLevel(ERROR)  # its warnings quote rows
logging.disable_progress_bar()  # type: ignore[no-untyped-call]

Example = dict[str, Any]  # {"input_ids": [...], "completion_mask": [0, ..., 1]}, as TRL reads it


@contextmanager
def loading(student: Student) -> Iterator[None]:
    """Turn the error of a base that cannot be loaded into a ParamsError that names the base."""
    try:
        yield
    except Exception as error:  # of transformers, its files' formats or a package that is missing
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ParamsError(
            f"params.yaml: students: the base {student.base!r} cannot be loaded ({reason}); correct"
            " its folder or hub name, or check the access to the hub"
        ) from error


def load_tokenizer(student: Student) -> PreTrainedTokenizerBase:
    """Return the base's tokenizer with padding on the left, as generation needs it.

    Raises ParamsError for a base that cannot be loaded, or whose chat template or tokens do not
    suffice.
    """
    with loading(student):
        tokenizer = AutoTokenizer.from_pretrained(student.base, padding_side="left")
    templates.prepare(tokenizer, student.base)
    return tokenizer


def load_model(student: Student, device: Device, adapter: Path | None = None) -> PreTrainedModel:
    """Return the base on the device, in evaluation mode, with the adapter, if any, merged in.

    In weights of 4 bits an adapter would be rounded away, so there it stays beside them.
    """
    options = speed.quantized(student.predict.quantization, device)
    with loading(student):
        model: Any = AutoModelForCausalLM.from_pretrained(
            student.base, dtype=device.torch_dtype, **options
        )
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter))
        model = model if options else model.merge_and_unload()
    return (model if options else model.to(device.name)).eval()  # type: ignore[no-any-return]


def generation_settings(student: Student) -> GenerationConfig:
    """Return the base's own settings of generation, without loading the model."""
    with loading(student):
        try:
            return GenerationConfig.from_pretrained(student.base)
        except OSError:  # a base without that file: its model's own configuration says it
            return GenerationConfig.from_model_config(AutoConfig.from_pretrained(student.base))


def stop_tokens(settings: GenerationConfig, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Return the token ids that end an answer: those of a model's settings, or the tokenizer's."""
    found = settings.eos_token_id
    if found is None:
        found = tokenizer.eos_token_id
    return sorted(found if isinstance(found, list) else [found])


def check_target(model: PeftModel, student: Student, target: str | list[str]) -> None:
    """Raise ParamsError for an adapter on the head, or on embeddings that the head shares.

    Merged into a tied weight, it would change the head and the embeddings, where training changed
    one of them: the student that answers would not be the one that was trained.
    """
    base: Any = model.get_base_model()
    is_tied = base.config.get_text_config().tie_word_embeddings
    places = {"head": base.get_output_embeddings()}
    if is_tied:
        places["embeddings"] = base.get_input_embeddings()
    if adapted := [name for name, module in places.items() if isinstance(module, BaseTunerLayer)]:
        tied = ", which share their weight with the head," if adapted == ["embeddings"] else ""
        raise ParamsError(
            f"params.yaml: students: lora.target {target}: an adapter on the"
            f" {' and '.join(adapted)} of {student.base}{tied} cannot be trained here; name layers"
            " of the blocks, or all-linear"
        )


def prompt_ids(tokenizer: PreTrainedTokenizerBase, chat: Messages) -> list[int]:
    """Return the token ids of a chat, up to the place where the student answers."""
    return _ids(tokenizer, _prompt(tokenizer, guarded(tokenizer, chat)))


def _prompt(tokenizer: PreTrainedTokenizerBase, chat: Messages) -> str:
    """Return a prompt with what the template writes before an answer, as an empty reasoning."""
    around = templates.frame(tokenizer, chat)
    options = {"add_generation_prompt": True, **around.switches}
    return templates.render(tokenizer, chat, **options) + around.opening


def _ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def guarded(tokenizer: PreTrainedTokenizerBase, chat: Messages) -> Messages:
    """Return the chat with a space inside every special token that its texts spell out."""
    special = [t.content for t in tokenizer.added_tokens_decoder.values() if t.special]
    return [{**message, "content": spaced(message["content"], special)} for message in chat]


def fitting(
    rows: Iterable[Row], tokenizer: PreTrainedTokenizerBase, max_length: int, ledger: Ledger
) -> Iterator[Example]:
    """Yield the training example of each row: its task's messages, and its target as the answer.

    A row of more than `max_length` tokens is quarantined, never truncated. Raises ParamsError where
    the chat template renders a prompt otherwise in training than in generation, or fails.
    """
    for row in ledger.entered(rows):
        chat = guarded(tokenizer, tasks.load(row["task"]).messages(row))
        example = _example(tokenizer, chat, row["target"])
        if len(example["input_ids"]) > max_length:
            ledger.quarantine(row["id"], "too_long")
            continue
        ledger.ok()
        yield example


def _example(tokenizer: PreTrainedTokenizerBase, chat: Messages, answer: str) -> Example:
    """Return the tokens of the very prompt that generation asks with, and of the answer.

    Tokens of the prompt's end and the answer's beginning are never merged into one.
    """
    around = templates.check(tokenizer, chat)
    whole = [*chat, {"role": "assistant", "content": answer}]
    text, prompt = templates.render(tokenizer, whole, **around.switches), _prompt(tokenizer, chat)
    asked, ids = _ids(tokenizer, prompt), _ids(tokenizer, text)
    if ids[: len(asked)] != asked:
        ids = asked + _ids(tokenizer, text.removeprefix(prompt))
    mask = [0] * len(asked) + [1] * (len(ids) - len(asked))
    return {"input_ids": ids, "completion_mask": mask}


def warn_of_no_end(example: Example, student: Student, tokenizer: PreTrainedTokenizerBase) -> None:
    """Say so on stderr where no stop token follows the answer of a training example.

    A student that learns no end writes on, up to max_new_tokens, and its answers are truncated.
    """
    stops = set(stop_tokens(generation_settings(student), tokenizer))
    pairs = zip(example["input_ids"], example["completion_mask"], strict=True)
    if stops & {token for token, is_learned in pairs if is_learned}:
        return
    named = ", ".join(str(tokenizer.convert_ids_to_tokens(token)) for token in sorted(stops))
    print(
        f"{student.base}: the chat template ends an answer without a token at which generation"
        f" stops ({named}): the student will not learn to end its answers. Take another base, or"
        " write such a token behind an answer in its chat template",
        file=sys.stderr,
    )
