"""A trained run in production: the chat that asks it, and the anonymization of what it is shown.

seen = production.anonymized("Customer: I am Ana Ruiz, where is order 12-34567?", load())
seen.text      "Customer: I am Eva Cole, where is order 58-20713?"
seen.values    {"Eva Cole": "Ana Ruiz", "58-20713": "12-34567"}
chat = production.messages("models/smollm2-r1", "botchat", seen.text)
...
production.restored("<ul><li>Where is order 58-20713?</li></ul>", seen.values)
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from distill.errors import InputError, ParamsError, RowError
from distill.llm.messages import Messages
from distill.params.arf import Params
from distill.privacy.kinds import KEEP
from distill.privacy.rows import anonymize
from distill.privacy.seal import derived, key
from distill.privacy.seen import Seen
from distill.privacy.settings import Anonymize
from distill.privacy.survey import Survey, look
from distill.prompts import fill, spaced
from distill.tasks.summarize import PROMPTS


class Anonymized(NamedTuple):
    """A text with artificial values, and the original of each of them."""

    text: str
    values: Mapping[str, str]


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


def anonymized(text: str, params: Params, id: str = "production") -> Anonymized:
    """Return the text as stage `anonymize` would have written it.

    Texts of one `id` get equal artificial values for equal values. The pipeline also avoids
    artificial values that occur anywhere in the channel, which a text alone does not show. Raises
    RowError where something personal is left, and ParamsError for mode strict, which needs the
    channel's vocabulary.
    """
    settings: Anonymize = params.anonymize
    if settings.mode == "strict":
        raise ParamsError("anonymize.mode: strict needs a whole channel; a text alone has rules")
    secret = derived(key(settings, params.on_sample), "values")
    row, spans = look({"id": id, "input": text}, settings.added)
    seen = Seen()
    for span in spans if not isinstance(spans, str) else ():
        if span.type != KEEP:
            seen.add(span.type, text[span.start : span.end])
    found = anonymize((row, spans), settings, Survey(seen, None), secret)
    if found.reason:
        raise RowError(f"{id}: {found.reason}; the text may not leave")
    return Anonymized(found.row["input"], found.values)


def restored(text: str, values: Mapping[str, str]) -> str:
    """Return a summary with the originals in the place of artificial values."""
    if not values:
        return text
    found = "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{found})(?!\w)", lambda match: values[match[0]], text)
