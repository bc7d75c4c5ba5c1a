"""Reading of a method's parameters: all sections of its file, or those that a model names."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from distill.errors import ParamsError
from distill.params import names
from distill.params.shared import Shared
from distill.validation import invalid, read_yaml

PATH = Path("params.yaml")
Model = TypeVar("Model", bound=BaseModel)
Method = TypeVar("Method", bound=Shared)


def whole(
    path: Path, model: type[Method], faults: Callable[[Method], Iterable[names.Fault]]
) -> Method:
    """Read all sections; raises ParamsError with every invalid key.

    `faults` checks names across sections once all keys are valid.
    """
    params = validated(path, sections(path), model)
    if found := [*names.in_shared(params), *faults(params)]:
        raise ParamsError("\n".join(f"{path}: {key}: {fault}" for key, fault in found))
    return params


def some(path: Path, model: type[Model]) -> Model:
    """Read the sections that a model names, and ignore the others."""
    found = sections(path)
    known = {name: found[name] for name in model.model_fields if name in found}
    return validated(path, known, model)


def sections(path: Path) -> dict[str, Any]:
    """Return the values of the file; raises ParamsError where it is no map."""
    values = read_yaml(path)
    if not isinstance(values, dict):
        raise ParamsError(f"{path}: must be a map of sections; see the params.yaml of the default")
    return values


def validated(path: Path, values: dict[str, Any], model: type[Model]) -> Model:
    """Return the values as a model; raises ParamsError with every invalid key."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(path, error, model) from error
