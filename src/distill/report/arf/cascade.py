"""The next cascade: which errors are left, and which of them an edit can be expected to repair.

What an edit repairs is known only after revise, so the report suggests the cascade, not analyze.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from distill.params.arf import Params
from distill.report.arf.table1 import found_counts
from distill.report.arf.table3 import Key, Tally
from distill.report.results import Results
from distill.stats.intervals import Estimate, proportion
from distill.stats.tables import EMPTY, Table, share_cell
from distill.tasks.summarize import taxonomy

SUGGESTED = 2  # codes a channel
TITLE = "The next cascade"
NOTE = (
    "The errors that are left in `{version}`, which has the fewest by the findings. Correctability:"
    " of the summaries that had the error when an edit came, those that it repaired by the guard's"
    " tests, in the latest revision that tried; unknown where none did. Gain: the share of"
    " summaries that such an edit would repair, frequency times correctability. Ranked by gain,"
    " then the unknown by frequency. Last come those that no line below asks for: errors that"
    " `{version}` was revised for already, whose prompt could not repair what is left, so mend the"
    " prompt before another try; and errors that only the interaction shows, which an"
    " editor sees where its prompt names $interaction."
)
UNSEEN = ("content", "entities", "data_elements", "customer_type", "language")  # groups


@dataclass(frozen=True)
class Candidate:
    """An error that is left in a channel's summaries, and what is known of its edits."""

    code: str
    count: int
    rows: int
    fixed: Estimate | None  # None where no edit was made for it
    prompts: str  # the folder of the prompt that was tried, or ""
    tried: str  # the revision in this version's own lineage that was for it, or ""

    @property
    def gain(self) -> float | None:
        """Frequency times correctability."""
        if self.fixed is None or self.fixed.value is None:
            return None
        return self.count / self.rows * self.fixed.value

    @property
    def against(self) -> str:
        """Why it is not to be asked for, or ""."""
        if self.tried:
            return f"{self.tried} was for it"
        if self.fixed is None and taxonomy.load()[self.code].group in UNSEEN:
            return "only the interaction shows it"
        return "no edit repaired it" if self.gain == 0 else ""

    @property
    def rank(self) -> tuple[bool, bool, float, int, str]:
        """What speaks against it last; known before unknown; then by what is to be gained."""
        gain = self.gain
        return (bool(self.against), gain is None, -(gain or 0), -self.count, self.code)


@dataclass(frozen=True)
class Cascade:
    """What is left in a version, by channel and best first."""

    version: str
    left: Mapping[str, list[Candidate]]

    @property
    def next(self) -> dict[str, list[Candidate]]:
        """The first few of each channel that nothing speaks against."""
        found = {
            channel: [one for one in left if not one.against][:SUGGESTED]
            for channel, left in self.left.items()
        }
        return {channel: some for channel, some in found.items() if some}


def cascade(results: Results, tallies: Mapping[Key, Tally]) -> Cascade:
    """Rank what is left in the version that has the fewest errors; of equals the latest counts."""
    counts = {version: found_counts(results, version) for version in results.params.versions}
    errors = {
        version: sum(found.total() for found in counts[version].values()) for version in counts
    }
    version = min(reversed(errors), key=lambda name: errors[name])
    rows = Counter(row["channel"] for row in results.versions[version])
    left = {
        channel: sorted(
            (
                Candidate(
                    code,
                    count,
                    rows[channel],
                    *_known(results.params, tallies, code, channel),
                    _tried(results.params, version, code, channel),
                )
                for code, count in found.items()
            ),
            key=lambda one: one.rank,
        )
        for channel, found in counts[version].items()
    }
    return Cascade(version, left)


def _known(
    params: Params, tallies: Mapping[Key, Tally], code: str, channel: str
) -> tuple[Estimate | None, str]:
    """The share that was repaired by the latest revision that met the error, and its prompts."""
    for version in reversed(params.revisions):
        found = tallies.get(("checks", version, code, channel))
        if found and found.met:
            return proportion(found.succeeded, found.met), params.revisions[version].prompts
    return None, ""


def _tried(params: Params, version: str, code: str, channel: str) -> str:
    while version in params.revisions:
        revision = params.revisions[version]
        if code in revision.fixes.get(channel, []):
            return version
        version = revision.parent
    return ""


def tables(found: Cascade) -> list[Table]:
    """Return a table per channel."""
    header = ["Error", "Summaries", "Frequency", "Correctability", "Gain", "Against it"]
    return [
        Table(channel, header, [_cells(one) for one in left])
        for channel, left in found.left.items()
    ]


def _cells(one: Candidate) -> list[str]:
    return [
        one.code,
        str(one.count),
        f"{one.count / one.rows:.1%}",
        share_cell(one.fixed) if one.fixed else "unknown",
        EMPTY if one.gain is None else f"{one.gain:.1%}",
        one.against or EMPTY,
    ]


def page(params: Params, found: Cascade) -> str:
    """Return cascade.md: the tables, and what to add to params.yaml."""
    parts = [f"# {TITLE}", "", NOTE.format(version=found.version), ""]
    parts += [table.markdown() for table in tables(found)]
    return "\n".join([*parts, "## As a revision", "", *_advice(params, found), ""])


def _advice(params: Params, found: Cascade) -> Iterator[str]:
    if not found.next:
        yield "Nothing is left that an untried edit could repair."
        return
    name = _name(params)
    yield from ["In `params.yaml`:", "", "```yaml"]
    yield from lines(params, found)
    yield from ["```", "", "Prompts to write, or to copy where there is one:", ""]
    prompts = {one.code: one.prompts for some in found.next.values() for one in some}
    for code, folder in prompts.items():
        known = f", from `prompts/{folder}/{code}.txt`" if folder else ""
        yield f"- `prompts/{name}/{code}.txt`{known}"


def lines(params: Params, found: Cascade) -> list[str]:
    """Return the lines of params.yaml that add the next cascade as a guarded revision."""
    if not found.next:
        return []
    name = _name(params)
    llm = params.revisions[found.version].llm if found.version in params.revisions else None
    return [
        f"versions: [{', '.join([*params.versions, name])}]",
        "revisions:",
        f"  {name}:                          # beside those that are there",
        f"    parent: {found.version}",
        f"    llm: {llm or params.label.llm}",
        f"    prompts: {name}",
        "    guard: true",
        "    fixes:",
        *(
            f"      {channel}: [{', '.join(one.code for one in some)}]"
            for channel, some in found.next.items()
        ),
    ]


def _name(params: Params) -> str:
    """The first of r1, r2, ... that is free."""
    return next(
        name
        for number in range(1, len(params.versions) + 2)
        if (name := f"r{number}") not in params.versions
    )


def in_a_line(found: Cascade) -> str:
    """Return "next cascade, after r2: botchat content_missing; webform ..." for a terminal."""
    parts = [
        f"{channel} {', '.join(one.code for one in some)}" for channel, some in found.next.items()
    ]
    return f"next cascade, after {found.version}: {'; '.join(parts) or 'nothing left to try'}"
