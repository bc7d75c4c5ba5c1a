"""Prompt templates: text files in prompts/ with $placeholders.

A line with a single tag, such as <summary>, delimits untrusted text. Such tags are neutralized
inside values, so that no customer's message can end its own quotation, and so are the control
tokens of chat templates, such as <|im_end|>, which many servers would interpret.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from string import Template

from distill import paths
from distill.errors import ParamsError

FOLDER = Path("prompts")
TAGS = ("interaction", "summary", "think")
_CONTROL_TOKEN = re.compile(
    r"<(?=\|[^|<>\s]{1,40}\|>|/?s>|(?:start|end)_of_turn>)|\[(?=/?INST\])", flags=re.IGNORECASE
)


_recordings: list[dict[str, str]] = []


def _missing(path: Path) -> str:
    if remedy := paths.left_behind(path):
        return f"{path} does not exist here: {remedy}"
    return f"{path} does not exist; write the prompt or correct its name"


@cache
def _template(path: Path) -> Template:
    if not path.is_file():
        raise ParamsError(_missing(path))
    return Template(path.read_text(encoding="utf-8").strip())


def names(name: str, placeholder: str) -> bool:
    """Return whether prompts/<name>.txt has the placeholder."""
    return placeholder in _template(FOLDER / f"{name}.txt").get_identifiers()


def render(name: str, **variables: str) -> str:
    """Return prompts/<name>.txt with its placeholders filled.

    Raises ParamsError for a missing file, a placeholder without a value or a stray dollar sign.
    """
    path = FOLDER / f"{name}.txt"
    for found in _recordings:
        found[name] = _template(path).template
    return fill(path, variables)


@contextmanager
def recorded() -> Iterator[dict[str, str]]:
    """Collect the prompts that are rendered meanwhile: {"summarize/botchat": "Summarize ..."}."""
    found: dict[str, str] = {}
    _recordings.append(found)
    try:
        yield found
    finally:
        _recordings.pop()


def fill(path: Path, variables: Mapping[str, str]) -> str:
    """Return the text of any prompt file with its placeholders filled; raises as `render` does."""
    try:
        template = _template(path)
        return template.substitute(
            {key: _neutralized(template.template, value) for key, value in variables.items()}
        )
    except KeyError as missing:
        raise ParamsError(
            f"{path}: unknown placeholder ${missing.args[0]}; known: {', '.join(sorted(variables))}"
        ) from missing
    except ValueError as error:
        raise ParamsError(f"{path}: {error}; write $$ for a dollar sign") from error


def fault(name: str, variables: tuple[str, ...]) -> str:
    """Return "" where prompts/<name>.txt uses exactly these placeholders, else the problem."""
    path = FOLDER / f"{name}.txt"
    try:
        template = Template(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _missing(path)
    except (OSError, ValueError) as error:
        return f"{path} cannot be read: {error}"
    if not template.is_valid():
        return f"{path}: a $ starts no placeholder; write $$ for a dollar sign"
    used, known = set(template.get_identifiers()), ", ".join(f"${name}" for name in variables)
    if unknown := sorted(used - set(variables)):
        return f"{path}: unknown placeholder ${unknown[0]}; known: {known}"
    if missing := [name for name in variables if name not in used]:
        return f"{path}: ${missing[0]} is missing; add it, or the model does not see its value"
    tag = _joined_tag(template.template)
    return tag and f"{path}: {tag} delimits a text; put it alone on a line, like <summary>"


def _joined_tag(template: str) -> str:
    """Return a tag around a placeholder that does not stand alone on its line, "" without any.

    Only the tags that do are neutralized in values, so that a message could forge any other.
    """
    for place in re.finditer(r"(?<!\$)\$\{?\w+\}?", template):
        before, after = template[: place.start()], template[place.end() :]
        opening = re.search(r"<([^<>/\s][^<>]*)>[^<>]*$", before)
        closing = re.match(r"[^<>]*</([^<>]*)>", after)
        if not (opening and closing and opening[1].split()[0] == closing[1].strip()):
            continue
        for tag, line in (
            (f"<{opening[1]}>", _line(template, opening.start())),
            (f"</{closing[1]}>", _line(template, place.end() + closing.end() - 1)),
        ):
            if line != tag or not re.fullmatch(r"</?\w+>", tag):
                return tag
    return ""


def _line(text: str, at: int) -> str:
    """Return the line of a text that holds a position."""
    return text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0].rstrip("\r")


def spaced(text: str, tokens: Iterable[str]) -> str:
    """Return the text with a space inside each of a tokenizer's special tokens that it spells out.

    Otherwise a customer who writes the end-of-turn token could end the prompt.
    """
    for token in tokens:
        text = text.replace(token, f"{token[:1]} {token[1:]}")
    return text


def _neutralized(template: str, value: str) -> str:
    for tag in {*TAGS, *re.findall(r"^</?(\w+)>$", template, flags=re.MULTILINE)}:
        value = re.sub(rf"<(\s*/?\s*{tag}\s*)>", r"(\1)", value, flags=re.IGNORECASE)
    return _CONTROL_TOKEN.sub(r"\g<0> ", value)
