"""Tables with a row a turn: .csv and .tsv files, with the names of the columns in the first row.

chat,who,said
7,guest,"My lamp, order 12,
is broken"
7,staff,I am sorry
"""

import csv
import re
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import IO

from distill.channels import kinds, raw
from distill.channels.raw import UnusableRowError
from distill.errors import InputError

_ENDINGS = (".csv", ".tsv", ".tab")
_DELIMITERS = ",;\t|"
_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)


def is_table(path: Path) -> bool:
    """Return whether a file is a table, by its name."""
    return raw.uncompressed(path).suffix.lower() in _ENDINGS


def rows(path: Path) -> Iterator[raw.Numbered]:
    """Yield number, place and columns of each row.

    Raises InputError for a damaged file, one of another format, or no rows.
    """
    number = 0
    csv.field_size_limit(raw.MAX_RAW_BYTES)
    try:
        begin = kinds.head(path)
        kinds.check(path, begin)
        with raw.opened(path) as stream, TextIOWrapper(stream, "utf-8-sig", newline="") as text:
            before, header, delimiter = _header(text)
            reader = csv.DictReader(
                chain([header], text), delimiter=delimiter, strict=True, skipinitialspace=True
            )
            names = reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
            if twice := [name for at, name in enumerate(names) if name and name in names[:at]]:
                raise InputError(
                    f"{path}:{before + 1}: two columns are named {twice[0]!r}; rename one"
                )
            for number, row in enumerate(reader, start=1):
                too_long = UnusableRowError("wrong_columns")
                yield number, f"{path}:{before + reader.line_num}", too_long if None in row else row
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8; convert it, for example with iconv") from error
    except csv.Error as error:
        raise InputError(
            f"{path}:{before + reader.line_num + 1}: no table ({error}); correct it there"
        ) from error
    except raw.UNREADABLE as error:
        raise raw.unreadable(path, error) from error
    if not number:
        raise InputError(f"{path}: no rows in the file; remove it or fill it")


def _header(text: IO[str]) -> tuple[int, str, str]:
    """Return the number of lines before the columns' names, the names, and what separates them.

    Spreadsheets write "sep=;" in front.
    """
    for before, line in enumerate(text):
        if found := _SEPARATOR.fullmatch(line):
            return before + 1, next(text, ""), found[1]
        if line.strip():
            return before, line, max(_DELIMITERS, key=line.count)
    return 0, "", ","
