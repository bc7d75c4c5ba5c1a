"""The validated parameters of params.yaml."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from distill.errors import ParamsError
from distill.params import evokd, names
from distill.params.arf import Params
from distill.params.reading import PATH, sections, some, validated
from distill.params.shared import Shared
from distill.tasks.summarize import taxonomy

Read = TypeVar("Read")
METHODS = {"evokd": evokd.load}  # methods whose `runs` follow from other sections


def load(path: Path = PATH) -> Params:
    """Read ARF's parameters; raises ParamsError with every invalid key and its remedy.

    The errors of taxonomy.yaml are among them. Names are checked once all keys are valid.
    """
    params, keys = _attempt(lambda: validated(path, sections(path), Params))
    _, codes = _attempt(taxonomy.load)
    faults = [*keys, *codes]
    if params is not None and not faults:
        faults += [f"{path}: {key}: {fault}" for key, fault in names.in_params(params)]
        faults += [f"{taxonomy.PATH}: {key}: {fault}" for key, fault in names.in_taxonomy(params)]
    if params is None or faults:
        raise ParamsError("\n".join(faults))
    return params


def _attempt(read: Callable[[], Read]) -> tuple[Read | None, list[str]]:
    """Return what was read, or None and the message of the ParamsError."""
    try:
        return read(), []
    except ParamsError as error:
        return None, [str(error)]


def shared(path: Path = PATH) -> Shared:
    """Read the sections that all methods share, and ignore the others.

    A file whose `method` is one of METHODS is read as a whole.
    """
    if (method := sections(path).get("method")) in METHODS:
        return METHODS[method](path)
    params = some(path, Shared)
    if wrong := [f"{path}: {key}: {fault}" for key, fault in names.in_shared(params)]:
        raise ParamsError("\n".join(wrong))
    return params
