"""Error rates that the offline rules declare, against those that were measured."""

from collections.abc import Iterable, Mapping

from distill.records import Row
from distill.stats.intervals import proportion
from distill.stats.tables import EMPTY, Table, share_cell
from distill.tasks.summarize.rules import teacher
from distill.tasks.summarize.rules.teacher.rates import compared

TITLE = "The offline teacher: declared error rates, and the errors that it made"


def of_teacher(rows: Iterable[Row]) -> Table:
    """Return the table of the offline teacher's summaries of these rows, by its own record.

    A rate is the probability of an error given an occasion for it, in chats or in forms.
    """
    drafts = (teacher.draft(row["input"], row["channel"]) for row in rows)
    found = {
        f"{each['code']}: {each['occasion']} ({each['shape']}s)": each
        for each in compared(draft.errors for draft in drafts)
    }
    return table(
        TITLE,
        {name: each["declared"] for name, each in found.items()},
        {name: (each["errors"], each["occasions"]) for name, each in found.items()},
    )


def table(
    title: str, declared: Mapping[str, float], measured: Mapping[str, tuple[int, int]]
) -> Table:
    """Return a row for each code: the declared rate, the measured one, and whether they agree.

    `measured` maps a code to the rows that have the error and all rows in which it could occur. A
    declared rate that lies outside the 95% interval of the measured one is marked.
    """
    lines = []
    for code, rate in declared.items():
        share = proportion(*measured.get(code, (0, 0)))
        outside = share.n > 0 and not (share.low or 0) <= rate <= (share.high or 0)
        lines.append([code, f"{rate:.1%}", share_cell(share, 1), "outside" if outside else EMPTY])
    return Table(title, ["Error", "Declared", "Measured", ""], lines)
