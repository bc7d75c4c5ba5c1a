"""Error rates that the offline rules declare, against those that were measured."""

from collections.abc import Mapping

from distill.stats.intervals import proportion
from distill.stats.tables import EMPTY, Table, share_cell


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
