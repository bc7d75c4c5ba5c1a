"""params.yaml, validated as a whole before a stage does anything."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from distill.errors import ParamsError
from distill.params import names
from distill.params.arf import Params
from distill.params.shared import Shared
from distill.tasks.summarize import taxonomy
from distill.validation import problems

PATH = Path("params.yaml")
Model = TypeVar("Model", bound=BaseModel)


def load(path: Path = PATH) -> Params:
    """Read ARF's parameters; raises ParamsError naming every wrong key and its remedy."""
    params = _validated(path, _read(path), Params)
    wrong = [f"{path}: {key}: {fault}" for key, fault in names.in_params(params)]
    wrong += [f"{taxonomy.PATH}: {key}: {fault}" for key, fault in names.in_taxonomy(params)]
    if wrong:
        raise ParamsError("\n".join(wrong))
    return params


def shared(path: Path = PATH) -> Shared:
    """Read what the stages that all methods share need; ARF's own file is read as a whole.

    Of another method's file the sections that only that method knows are left unread.
    """
    if path == PATH:
        return load(path)
    values = _read(path)
    known = {name: values[name] for name in Shared.model_fields if name in values}
    params = _validated(path, known, Shared)
    if wrong := [f"{path}: {key}: {fault}" for key, fault in names.in_shared(params)]:
        raise ParamsError("\n".join(wrong))
    return params


def _read(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ParamsError(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise ParamsError(f"{path}: expected a map of sections at the top level")
    return values


def _validated(path: Path, values: dict[str, Any], model: type[Model]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ParamsError("\n".join(f"{path}: {fault}" for fault in problems(error))) from error
