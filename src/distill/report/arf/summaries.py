"""Ten test interactions with the systems' summaries, for people to read."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, zip_longest

from distill.records import Row
from distill.report.arf import words
from distill.report.page import Sample, Summary
from distill.report.scores import Scores
from distill.stats.tables import escaped
from distill.tasks.summarize import format

SHOWN = 10
TITLE = "Summaries"
NOTE = "Test interactions and the systems' summaries of them."
HIDDEN = "Real messages are not shown here: ids and the judge's ratings only."


def samples(
    tests: Mapping[str, Row],
    outputs: Mapping[str, Iterable[Row]],
    scores: Scores,
    systems: Sequence[str],
    shown: bool,
) -> list[Sample]:
    """Return the first rows of each channel in turn; texts only where they may be `shown`.

    Metrics are in git, so no text of a real interaction may stand there.
    """
    ids = _ids(tests, scores.channels)
    texts = {
        system: {row["id"]: row["output"] for row in outputs[system] if row["id"] in ids}
        for system in systems
    }
    return [
        Sample(
            row_id,
            tests[row_id]["input"] if shown else "",
            [
                Summary(
                    system,
                    _scores(scores, system, row_id) or "no summary",
                    _points(texts[system].get(row_id, "")) if shown else [],
                )
                for system in systems
            ],
        )
        for row_id in ids
    ]


def _ids(tests: Mapping[str, Row], channels: Sequence[str]) -> list[str]:
    by_channel = [
        [row["id"] for row in tests.values() if row["channel"] == channel] for channel in channels
    ]
    turns = (row_id for turn in zip_longest(*by_channel) for row_id in turn if row_id)
    return sorted(islice(turns, SHOWN))


def _scores(scores: Scores, system: str, row_id: str) -> str:
    """Return "judge 3 (says something twice); truth 4"."""
    parts = []
    for measure, systems in scores.by.items():
        for by_id in systems[system].values():
            if row_id in by_id:
                score = by_id[row_id]
                codes = f" ({', '.join(map(words.of, score.codes))})" if score.codes else ""
                parts.append(f"{measure} {score.rating:g}{codes}")
    return "; ".join(parts)


def _points(text: str) -> list[str]:
    """The points of a summary; of one that is no list the text as it is."""
    try:
        return format.bullets(text)
    except ValueError:
        return [text] if text else []


def page(shown: Sequence[Sample], hidden: bool) -> str:
    """Return metrics/summaries.md."""
    parts = [f"# {TITLE}", "", NOTE, ""]
    parts += [HIDDEN, ""] if hidden else []
    for sample in shown:
        parts += [f"## {sample.id}", ""]
        if sample.text:
            parts += ["```text", sample.text.replace("```", "'''"), "```", ""]
        for summary in sample.summaries:
            parts += [f"**{summary.system}**: {summary.scores}", ""]
            if summary.points:
                parts += [*(f"- {_plain(point)}" for point in summary.points), ""]
    return "\n".join(parts)


def _plain(point: str) -> str:
    """A point on one line, none of it markup."""
    return escaped(" ".join(point.split())).replace("_", "\\_").replace("[", "\\[")
