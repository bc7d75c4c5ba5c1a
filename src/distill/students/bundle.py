"""What lies beside a causal student's adapter, so that it answers elsewhere as it does here.

    models/<run>/tokenizer.json, tokenizer_config.json   the base's, padding on the left
    models/<run>/chat_template.jinja       renders the training's prompts, without any option
    models/<run>/generation_config.json    greedy, with the base's penalties and its stop tokens
    models/<run>/prompts/summarize/botchat.txt    the words in which the student is asked, as used:
                                                  no blank lines around them

The folder has no config.json: with one, transformers takes it for a whole model.
"""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from distill.students.models import generation_settings, load_tokenizer, stop_tokens  # first: torch

# isort: split
from transformers import GenerationConfig, PreTrainedTokenizerBase

from distill.errors import ParamsError
from distill.records import write_text
from distill.students import templates
from distill.students.settings import Student

PROMPTS = "prompts"
TEMPLATE = "chat_template.jinja"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
FILES = (*TOKENIZER, TEMPLATE, "generation_config.json")
SAMPLING = (  # settings that greedy generation ignores, and warns of
    "temperature",
    "top_p",
    "top_k",
    "top_h",
    "min_p",
    "typical_p",
    "epsilon_cutoff",
    "eta_cutoff",
)


def check(tokenizer: PreTrainedTokenizerBase, student: Student) -> None:
    """Raise ParamsError for a tokenizer that cannot be written as tokenizer.json."""
    if not tokenizer.is_fast:
        raise ParamsError(
            f"params.yaml: students: {student.base} has no fast tokenizer, which servers need;"
            " choose another base"
        )


def write(folder: Path, student: Student, prompts: Mapping[str, str]) -> None:
    """Write all of it into `folder`, the same bytes each time.

    `prompts` are those that were rendered: {"summarize/botchat": "Summarize ... $text ..."}.
    """
    tokenizer = load_tokenizer(student)  # a new one: trainers change theirs
    with tempfile.TemporaryDirectory() as scratch:
        tokenizer.save_pretrained(scratch)
        for name in TOKENIZER:
            shutil.copyfile(Path(scratch) / name, folder / name)
    write_text(folder / TEMPLATE, templates.as_trained(tokenizer))
    generation(student, tokenizer).save_pretrained(folder)
    for name, text in sorted(prompts.items()):
        write_text(folder / PROMPTS / f"{name}.txt", text)


def generation(student: Student, tokenizer: PreTrainedTokenizerBase) -> GenerationConfig:
    """Return the settings by which this machine's students answer: the base's, but greedy."""
    found = generation_settings(student)
    for name in SAMPLING:
        setattr(found, name, None)
    found.do_sample = False
    found.eos_token_id = stop_tokens(found, tokenizer)
    found.pad_token_id = tokenizer.pad_token_id
    return found


def copy(run: Path, folder: Path) -> None:
    """Copy what `write` wrote from a run's folder to another one."""
    for name in FILES:
        shutil.copyfile(run / name, folder / name)
    shutil.copytree(run / PROMPTS, folder / PROMPTS, dirs_exist_ok=True)
