"""What a stage's command line names."""

import sys
from collections.abc import Iterable
from pathlib import Path

from distill.errors import ParamsError


def named(kind: str, known: Iterable[str], *before: str) -> str:
    """Return the one known name on the command line, after the words that stand `before` it.

    Raises ParamsError with the usage and the names where it is missing or another. Asked for
    --help, it prints them below the script's own words, and the process ends well.
    """
    script, *given = sys.argv
    names = list(known)
    if given[:-1] == list(before) and given[-1:] and given[-1] in names:
        return given[-1]
    asked = " ".join([Path(script).name, *before, f"<{kind}>"])
    usage = f"usage: {asked}; {kind}s: {', '.join(names)}"
    if given in (["-h"], ["--help"]):
        print(f"{sys.modules['__main__'].__doc__}\n{usage}")
        sys.exit()
    raise ParamsError(usage)
