"""F1 of each system by round, and its differences to others.

effects.json   [{"task": "intents", "system": "errors", "against": "random", "round": 3,
                 "delta": 4.2, "low": 1.1, "high": 7.3, "p": 0.01, "n": 480, "seeds": 5}]

Deltas are points of macro F1 (strict spans, for entities), paired by test row and seed.
"""

from collections.abc import Iterator, Mapping

from distill.params.evokd import EvoKD
from distill.records import Row
from distill.report.evokd.systems import FULL, SHOTS, Key, Trained, named
from distill.stats import macro
from distill.stats.intervals import Estimate
from distill.stats.tables import Table, delta_cell

POINTS = 100
Groups = Mapping[Key, Mapping[int, Trained]]


def pairs(params: EvoKD, groups: Groups) -> Iterator[tuple[Key, Key]]:
    """Yield what is compared: all but the full set with the shots, and with the arms random and the
    first one: a round after as many rounds, a baseline after those of the version it is `like`."""
    first = next(iter(params.arms), "")
    budgets = _budgets(params)
    for key in groups:
        channel, system, number = key
        if system in (SHOTS, FULL):
            continue
        yield key, (channel, SHOTS, 0)
        for other in dict.fromkeys(("random", first)):
            at = number or budgets.get((channel, system), 0)
            if other != system and (channel, other, at) in groups:
                yield key, (channel, other, at)


def _budgets(params: EvoKD) -> dict[tuple[str, str], int]:
    """Return the round of the version that each baseline of a channel is like, the last of them."""
    found: dict[tuple[str, str], int] = {}
    for entry in params.augmented.values():
        key = (entry.channel, entry.by)
        found[key] = max(found.get(key, 0), named(params, entry.like)[2])
    return found


def rows(params: EvoKD, groups: Groups) -> list[Row]:
    """Return effects.json."""
    found = []
    for ours, theirs in pairs(params, groups):
        if theirs not in groups:
            continue
        seeds = sorted(groups[ours].keys() & groups[theirs].keys())
        if not seeds:
            continue
        both = [(groups[ours][seed].counts, groups[theirs][seed].counts) for seed in seeds]
        found.append(
            effect(ours, theirs, macro.difference(both, params.report.bootstrap, params.seed))
        )
    return found


def effect(ours: Key, theirs: Key, delta: Estimate) -> Row:
    """Return one line of effects.json."""
    channel, system, number = ours
    points = {
        name: None if value is None else round(POINTS * value, 4)
        for name, value in (("delta", delta.value), ("low", delta.low), ("high", delta.high))
    }
    return {
        "task": channel,
        "system": system,
        "against": theirs[1],
        "round": number,
        **points,
        "p": None if delta.p is None else round(delta.p, 6),
        "n": delta.n,
        "seeds": delta.seeds,
    }


def scores(params: EvoKD, groups: Groups) -> list[Row]:
    """Return the macro F1 of each system after each round, over its seeds, in points."""
    found = []
    for (channel, system, number), trained in groups.items():
        ones = list(trained.values())
        score = macro.mean([one.counts for one in ones], params.report.bootstrap, params.seed)
        texts = sum(one.texts for one in ones) / len(ones)
        tokens = sum(one.tokens for one in ones) / len(ones)
        told = {
            "task": channel,
            "system": system,
            "round": number,
            "texts": texts,
            "tokens": tokens,
        }
        limits = {
            name: None if value is None else round(POINTS * value, 4)
            for name, value in (("f1", score.value), ("low", score.low), ("high", score.high))
        }
        found.append({**told, **limits, "n": score.n, "seeds": score.seeds})
    return found


def score_table(found: list[Row]) -> Table:
    """Return the table of macro F1 by round."""
    return Table(
        "Macro F1 by round",
        [
            "Task",
            "System",
            "Round",
            "Texts",
            "LLM tokens",
            "Macro F1, points",
            "Test rows",
            "Seeds",
        ],
        [
            [
                row["task"],
                row["system"],
                str(row["round"]),
                f"{row['texts']:.0f}",
                f"{row['tokens']:,.0f}",
                _cell(row, "f1", ".1f"),
                str(row["n"]),
                str(row["seeds"]),
            ]
            for row in found
        ],
    )


def effect_table(found: list[Row]) -> Table:
    """Return the table of differences."""
    return Table(
        "Differences in macro F1, points",
        ["Task", "System", "Against", "Round", "Difference", "Seeds"],
        [
            [
                row["task"],
                row["system"],
                row["against"],
                str(row["round"]),
                _delta(row),
                str(row["seeds"]),
            ]
            for row in found
        ],
    )


def _delta(row: Row) -> str:
    return delta_cell(
        Estimate(row["delta"], row["low"], row["high"], row["n"], row["p"], row["seeds"])
    )


def _cell(row: Row, value: str, form: str) -> str:
    limits = "" if row["low"] is None else f" [{row['low']:{form}}, {row['high']:{form}}]"
    return f"{row[value]:{form}}{limits}"
