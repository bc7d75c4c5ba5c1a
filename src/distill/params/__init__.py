"""The validated parameters of params.yaml."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from distill.errors import ParamsError
from distill.params import names
from distill.params.arf import Params
from distill.params.evokd import EvoKD, faults
from distill.params.shared import Shared
from distill.tasks.summarize import taxonomy
from distill.validation import invalid, read_yaml

PATH = Path("params.yaml")
Model = TypeVar("Model", bound=BaseModel)
Method = TypeVar("Method", bound=Shared)
Read = TypeVar("Read")


def load(path: Path = PATH) -> Params:
    """Read ARF's parameters; raises ParamsError with every invalid key and its remedy.

    The errors of taxonomy.yaml are among them. Names are checked once all keys are valid.
    """
    params, keys = _attempt(lambda: _validated(path, _read(path), Params))
    _, codes = _attempt(taxonomy.load)
    faults = [*keys, *codes]
    if params is not None and not faults:
        faults += [f"{path}: {key}: {fault}" for key, fault in names.in_params(params)]
        faults += [f"{taxonomy.PATH}: {key}: {fault}" for key, fault in names.in_taxonomy(params)]
    if params is None or faults:
        raise ParamsError("\n".join(faults))
    return params


def read(
    path: Path, model: type[Method], faults: Callable[[Method], Iterable[names.Fault]]
) -> Method:
    """Read all sections of a method's file; raises ParamsError with every invalid key.

    `faults` checks names across sections once all keys are valid.
    """
    params = _validated(path, _read(path), model)
    found = [*names.in_shared(params), *faults(params)]
    if found:
        raise ParamsError("\n".join(f"{path}: {key}: {fault}" for key, fault in found))
    return params


def _attempt(read: Callable[[], Read]) -> tuple[Read | None, list[str]]:
    """Return what was read, or None and the message of the ParamsError."""
    try:
        return read(), []
    except ParamsError as error:
        return None, [str(error)]


def load_evokd(path: Path = PATH) -> EvoKD:
    """Read EvoKD's parameters; raises ParamsError with every invalid key and its remedy."""
    params = _validated(path, _read(path), EvoKD)
    if wrong := [
        f"{path}: {key}: {fault}" for key, fault in (*names.in_shared(params), *faults(params))
    ]:
        raise ParamsError("\n".join(wrong))
    return params


METHODS = {"evokd": load_evokd}  # methods whose `runs` follow from other sections


def shared(path: Path = PATH) -> Shared:
    """Read the sections that all methods share, and ignore the others.

    A file whose `method` is one of METHODS is read as a whole.
    """
    if (method := _read(path).get("method")) in METHODS:
        return METHODS[method](path)
    params = some(path, Shared)
    if wrong := [f"{path}: {key}: {fault}" for key, fault in names.in_shared(params)]:
        raise ParamsError("\n".join(wrong))
    return params


def some(path: Path, model: type[Model]) -> Model:
    """Read the sections that a model names, and ignore the others."""
    values = _read(path)
    return _validated(
        path, {name: values[name] for name in model.model_fields if name in values}, model
    )


def _read(path: Path) -> dict[str, Any]:
    values = read_yaml(path)
    if not isinstance(values, dict):
        raise ParamsError(f"{path}: must be a map of sections; see the params.yaml of the default")
    return values


def _validated(path: Path, values: dict[str, Any], model: type[Model]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(path, error, model) from error
