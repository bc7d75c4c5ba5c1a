"""The command line of a stage: its arguments, and its errors as one line.

def main() -> None:
    args = stage.parser(__doc__, "run").parse_args()
    params = load(args.params)
    run = stage.known("run", args.run, params.runs)
    ...

if __name__ == "__main__":
    stage.main(main)
"""

import argparse
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

from distill import disk
from distill.errors import DistillError, ParamsError

INTERRUPT = "error: interrupted"
INTERRUPTED = 130  # the exit status of a process that Ctrl-C ended: 128 + SIGINT


class _Parser(argparse.ArgumentParser):
    """argparse with its errors in one line, as all others of a stage."""

    def error(self, message: str) -> NoReturn:
        usage = " ".join(self.format_usage().split())
        self.exit(2, f"error: {message}; {usage}\n")


def parser(doc: str | None, *names: str) -> argparse.ArgumentParser:
    """Return a parser with a positional argument for each of `names`, and with --params.

    --help prints `doc`, the script's docstring, as it stands, and ends the process.
    """
    found = _Parser(
        usage=" ".join(["%(prog)s", *names, "[options]"]),
        description=doc,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name in names:
        found.add_argument(name, nargs="?")  # a missing name is reported by `known`, with the list
    found.add_argument(
        "--params",
        type=Path,
        default=Path("params.yaml"),
        metavar="PATH",
        help="the parameters of the pipeline (default: %(default)s)",
    )
    return found


def known(kind: str, name: str | None, names: Iterable[str]) -> str:
    """Return `name`; raises ParamsError, which lists `names`, where it is missing or unknown."""
    listed = list(names)
    if name in listed:
        return str(name)
    problem = f"unknown {kind} {name!r}" if name else f"the {kind} is missing"
    raise ParamsError(f"{problem}; known: {', '.join(listed) or 'none'}")


def main(run: Callable[[], None]) -> None:
    """Run a script's main function and end the process with its exit status.

    A DistillError is printed as one line (status 1), so is a full disk, and an interrupt by Ctrl-C
    (130).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a path may hold what the shell cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        with _discreet():
            run()
    except DistillError as error:
        _fail(error)
    except Exception as error:
        if (full := disk.explained(error)) is None:
            raise
        _fail(full)
    except KeyboardInterrupt:
        print(INTERRUPT, file=sys.stderr)
        sys.exit(INTERRUPTED)


def _fail(error: DistillError) -> NoReturn:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(1)


@contextmanager
def _discreet() -> Iterator[None]:
    """Let libraries log and warn without their words, which may quote a customer's.

    What is left is the kind and the place in the library. DISTILL_LOGS=full shows all.
    """
    if os.environ.get("DISTILL_LOGS") == "full":
        yield
        return
    made, shown = logging.getLogRecordFactory(), warnings.showwarning

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        found = made(*args, **kwargs)
        found.msg = f"{found.levelname} of {found.name} ({found.filename}:{found.lineno})"
        found.args, found.exc_info, found.stack_info = (), None, None
        return found

    def warning(_: object, category: type[Warning], file: str, line: int, *__: object) -> None:
        print(f"{category.__name__} of {Path(file).name}:{line}", file=sys.stderr)

    logging.setLogRecordFactory(record)
    warnings.showwarning = warning  # type: ignore[assignment]
    try:
        yield
    finally:
        logging.setLogRecordFactory(made)
        warnings.showwarning = shown


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print an interrupt outside of `main` as one line; Python ends the process with SIGINT."""
    if issubclass(kind, KeyboardInterrupt):
        print(INTERRUPT, file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _uncaught  # the imports of torch and trl take seconds, in which Ctrl-C may come
