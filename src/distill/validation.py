"""Types of settings, and the errors of a configuration file by key."""

from pathlib import Path
from typing import Annotated, Any, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from distill import paths
from distill.errors import ParamsError


def _slug(name: str) -> str:
    if not paths.NAME.fullmatch(name):
        raise ValueError(f"{name!r} must be made of a-z, 0-9, - and _ (names become file names)")
    return name


Slug = Annotated[str, AfterValidator(_slug)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]
Dollars = Annotated[float, Field(ge=0)]
Header = Annotated[str, Field(pattern=r"^[!-9;-~]+$")]
STRICT = ConfigDict(extra="forbid", frozen=True)  # an unknown key is an error


class Section(BaseModel):
    """A section of params.yaml; an unknown key is an error."""

    model_config = STRICT


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file; raises ParamsError where it cannot be read or parsed."""
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if remedy := paths.left_behind(path):
            raise ParamsError(f"{path} does not exist here: {remedy}") from error
        raise ParamsError(
            f"{path} does not exist; run from the project's root, or name the file with --params"
        ) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ParamsError(f"{path}: {' '.join(str(error).split())}") from error


def _parsed(text: str) -> Any:
    """Parse in C, ten times as fast; the parser in Python says better where a fault is."""
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return yaml.safe_load(text)


def invalid(
    path: Path, error: ValidationError, model: type[BaseModel] | None = None
) -> ParamsError:
    """Return the error that lists all invalid keys: "params.yaml: seed: missing; add it".

    `model`: the model of the file, where one of its fields is a map of unions.
    """
    tagged = _tagged_fields(model) if model else set()
    problems = dict.fromkeys(_problem(fault, tagged) for fault in error.errors())
    return ParamsError("\n".join(f"{path}: {problem}" for problem in problems))


def _tagged_fields(model: type[BaseModel]) -> set[str]:
    """Return the fields that are maps of discriminated unions, as {name: Turns | Xml}."""
    return {
        name
        for name, field in model.model_fields.items()
        for value_type in get_args(field.annotation)
        for mark in getattr(value_type, "__metadata__", ())
        if isinstance(mark, FieldInfo) and mark.discriminator
    }


def _problem(fault: ErrorDetails, tagged: set[str]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    keys = _keys(fault["loc"], tagged)
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


def _keys(location: tuple[str | int, ...], tagged: set[str]) -> list[str]:
    """Return the file's keys of a pydantic location, which also names types and union tags.

    The tag of a union comes after its key: ("channels", "botchat", "turns", "rolls").
    """
    keys = [str(key) for key in location if key not in ("[key]", "str", "list[str]")]
    if keys and keys[0] in tagged:
        del keys[2:3]
    return keys
