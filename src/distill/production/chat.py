"""The chat that asks a run for a summary, from its folder alone."""

import json
from pathlib import Path

from distill.errors import InputError
from distill.llm.messages import Messages
from distill.prompts import fill, spaced
from distill.tasks.summarize import PROMPTS


def messages(run: str | Path, channel: str, text: str) -> Messages:
    """Return the chat that asks for a summary, as the run was trained and evaluated.

    `run` is the folder of an adapter or of an export; `text` is an interaction in the form that
    `anonymize` gives it ("Customer: ...", a turn or a field on each line). Raises InputError for a
    channel on which the run was not trained.
    """
    folder = Path(run)
    prompt = folder / "prompts" / PROMPTS / f"{channel}.txt"
    if not prompt.is_file():
        known = ", ".join(sorted(path.stem for path in prompt.parent.glob("*.txt")))
        raise InputError(f"{prompt} does not exist; {folder} knows: {known or 'no channel'}")
    content = fill(prompt, {"text": text})
    return [{"role": "user", "content": spaced(content, _special_tokens(folder))}]


def _special_tokens(folder: Path) -> list[str]:
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    return [token["content"] for token in tokenizer["added_tokens"] if token["special"]]
