"""Types of settings, and what is wrong with a configuration file, key by key."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from distill import paths

UNIONS = ("channels", "llms")  # of params.yaml: one of several forms, told by a key


def _slug(name: str) -> str:
    if not paths.NAME.fullmatch(name):
        raise ValueError(f"{name!r} must be made of a-z, 0-9, - and _ (names become folders)")
    return name


Slug = Annotated[str, AfterValidator(_slug)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]
Dollars = Annotated[float, Field(ge=0)]
Header = Annotated[str, Field(pattern=r"^[!-9;-~]+$")]
STRICT = ConfigDict(extra="forbid", frozen=True)  # an unknown key is an error


class Section(BaseModel):
    """A part of params.yaml: an unknown key is an error."""

    model_config = STRICT


def problems(error: ValidationError) -> list[str]:
    """Return every fault by its key: ["channels.botchat.rolls: unknown key; ..."]."""
    return list(dict.fromkeys(map(_problem, error.errors())))


def _problem(fault: ErrorDetails) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    keys = _keys(fault["loc"])
    if kind.startswith("union_tag"):
        keys.append(context["discriminator"].strip("'"))
    if kind == "extra_forbidden":
        text = "unknown key; remove it or correct its spelling"
    elif kind in ("missing", "union_tag_not_found"):
        text = "missing; add it"
    elif kind == "union_tag_invalid":
        text = f"must be one of {context['expected_tags']}"
    else:
        text = fault["msg"].removeprefix("Value error, ")
    return f"{'.'.join(keys)}: {text}" if keys else text


def _keys(place: tuple[str | int, ...]) -> list[str]:
    """The keys of the file: pydantic's place also names the form that was tried."""
    keys = [str(key) for key in place if key not in ("[key]", "str", "list[str]")]
    if keys and keys[0] in UNIONS:
        del keys[2:3]
    return keys
