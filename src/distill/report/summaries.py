"""Ten test interactions as the systems summarise them, to be read by people."""

from collections.abc import Iterator
from itertools import islice, zip_longest

from distill.report.ratings import table2_systems
from distill.report.results import Results
from distill.tasks.summarize import format

SHOWN = 10


def page(results: Results) -> str:
    """Return Markdown; of real interactions ids and ratings alone, for metrics are in git."""
    parts = ["# Ten test interactions and their summaries", ""]
    if not results.params.on_sample:
        parts += ["Real messages are not shown here: ids and the judge's ratings only.", ""]
    for row_id in ids(results):
        parts += [f"## {row_id}", ""]
        if results.params.on_sample:
            parts += ["```text", results.tests[row_id]["input"].replace("```", "'''"), "```", ""]
        for system in table2_systems(results.params):
            parts += _entry(results, system, row_id)
    return "\n".join(parts)


def ids(results: Results) -> list[str]:
    """Return the first rows of each channel in turn."""
    by_channel = [
        [row["id"] for row in results.tests.values() if row["channel"] == channel]
        for channel in results.channels
    ]
    turns = (row_id for turn in zip_longest(*by_channel) for row_id in turn if row_id)
    return sorted(islice(turns, SHOWN))


def _entry(results: Results, system: str, row_id: str) -> Iterator[str]:
    yield f"**{system}**: {verdicts(results, system, row_id) or 'no summary'}"
    yield ""
    found = next((row for row in results.predictions[system] if row["id"] == row_id), None)
    if found and results.params.on_sample:
        yield from (f"- {_plain(item)}" for item in _items(found["output"]))
        yield ""


def verdicts(results: Results, system: str, row_id: str) -> str:
    """Return "judge 3 (unn_content_redundant); truth 4" of one summary."""
    parts = []
    for measure, scores in results.scores.items():
        for by_id in scores[system].values():
            if row_id in by_id:
                score = by_id[row_id]
                codes = f" ({', '.join(score.codes)})" if score.codes else ""
                parts.append(f"{measure} {score.rating}{codes}")
    return "; ".join(parts)


def _items(text: str) -> list[str]:
    try:
        return format.bullets(text)
    except ValueError:
        return [f"`{text.replace('`', ' ')}`"]


def _plain(item: str) -> str:
    return item.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
