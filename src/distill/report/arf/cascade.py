"""The suggested next revision: which errors remain, and which of them an edit can be expected to
repair.

What edits repair is known only after `revise`, so the report suggests the cascade, not `analyze`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from distill.params.arf import Params
from distill.report.arf.errors import Counts
from distill.report.arf.table3 import CHECKS, Tallies
from distill.stats.intervals import Estimate, proportion
from distill.stats.tables import EMPTY, Table, share_cell
from distill.tasks.summarize import taxonomy

SUGGESTED = 2  # codes a channel
TITLE = "Which errors should be repaired next?"
NOTE = (
    "The errors that remain in {version}, which has the fewest per summary by the findings (mean of"
    " the channels). Correctability: of the summaries that had the error before an edit, those that"
    " it repaired by the guard's tests, in the latest revision that tried; unknown where none did."
    " Gain: the share of summaries that such an edit would repair, frequency times correctability."
    " Ranked by gain, then the unknown by frequency. Errors with a reason against them come last"
    " and are not suggested: {version} was revised for them already and its prompt could not repair"
    " the rest, so improve the prompt before another try; or only the interaction shows them, which"
    " an editor sees where its prompt names $interaction."
)
UNSEEN = ("content", "entities", "data_elements", "customer_type", "language")  # groups


@dataclass(frozen=True)
class Candidate:
    """An error that remains in a channel's summaries, and what is known of its edits."""

    code: str
    count: int
    rows: int
    fixed: Estimate | None  # None where no edit was made for it
    prompts: str  # the folder of the prompt that was tried, or ""
    tried: str  # the revision in this version's own lineage that was for it, or ""

    @property
    def gain(self) -> float | None:
        """Return frequency times correctability."""
        if self.fixed is None or self.fixed.value is None:
            return None
        return self.count / self.rows * self.fixed.value

    @property
    def against(self) -> str:
        """Return the reason not to suggest it, or ""."""
        if self.tried:
            return f"{self.tried} was for it"
        if self.fixed is None and taxonomy.load()[self.code].group in UNSEEN:
            return "only the interaction shows it"
        return "no edit repaired it" if self.gain == 0 else ""

    @property
    def rank(self) -> tuple[bool, bool, float, int, str]:
        """Return the sort key: suggested ones first, then known gain, then the larger gain."""
        gain = self.gain
        return (bool(self.against), gain is None, -(gain or 0), -self.count, self.code)


@dataclass(frozen=True)
class Cascade:
    """The errors that remain in a version, by channel and best first."""

    version: str
    remaining: Mapping[str, list[Candidate]]

    @property
    def next(self) -> dict[str, list[Candidate]]:
        """Return the first few suggested errors of each channel that has any."""
        found = {
            channel: [one for one in candidates if not one.against][:SUGGESTED]
            for channel, candidates in self.remaining.items()
        }
        return {channel: some for channel, some in found.items() if some}


def suggest(params: Params, found: Mapping[str, Counts], tallies: Tallies) -> Cascade:
    """Rank the errors of the version with the lowest error rate; of equals the latest counts.

    `found` holds the findings' counts by version.
    """
    version = min(reversed(params.versions), key=lambda name: _rate(found[name]))
    counts = found[version]
    remaining = {
        channel: sorted(
            (
                Candidate(
                    code,
                    number,
                    counts.rows[channel],
                    *_known(params, tallies, code, channel),
                    _tried(params, version, code, channel),
                )
                for code, number in codes.items()
            ),
            key=lambda one: one.rank,
        )
        for channel, codes in counts.codes.items()
    }
    return Cascade(version, remaining)


def _rate(counts: Counts) -> float:
    """Errors per analyzed summary, the mean of the channels: a version may have lost rows."""
    rates = [codes.total() / (counts.rows[channel] or 1) for channel, codes in counts.codes.items()]
    return sum(rates) / len(rates)


def _known(
    params: Params, tallies: Tallies, code: str, channel: str
) -> tuple[Estimate | None, str]:
    """The share that the latest revision which met the error repaired, and its prompts."""
    for version in reversed(params.revisions):
        found = tallies.get((CHECKS, version, code, channel))
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


def note(suggested: Cascade) -> str:
    """Return how to read the tables."""
    text = NOTE.format(version=suggested.version)
    return text if suggested.next else f"{text} No untried edit could repair what remains."


def slim(suggested: Cascade) -> Table:
    """Return the suggested errors of all channels."""
    lines = [
        [channel, *_cells(one)[:-1]] for channel, some in suggested.next.items() for one in some
    ]
    header = ["Channel", "Error", "Summaries", "Frequency", "Correctability", "Gain"]
    return Table(f"Suggested after {suggested.version}", header, lines)


def tables(suggested: Cascade) -> list[Table]:
    """Return a table per channel."""
    header = ["Error", "Summaries", "Frequency", "Correctability", "Gain", "Why not"]
    return [
        Table(channel, header, [_cells(one) for one in candidates])
        for channel, candidates in suggested.remaining.items()
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


def lines(params: Params, suggested: Cascade) -> list[str]:
    """Return the lines of params.yaml that add the next cascade as a guarded revision.

    Comments name the prompts that it needs. Empty where no untried edit could repair anything.
    """
    if not suggested.next:
        return []
    name = _name(params)
    parent = params.revisions.get(suggested.version)
    return [
        "# params.yaml",
        f"versions: [{', '.join([*params.versions, name])}]",
        "revisions:",
        f"  {name}:                          # after the others",
        f"    parent: {suggested.version}",
        f"    llm: {parent.llm if parent else params.label.llm}",
        f"    prompts: {name}",
        "    guard: true",
        "    fixes:",
        *(
            f"      {channel}: [{', '.join(one.code for one in some)}]"
            for channel, some in suggested.next.items()
        ),
        "",
        *_prompts(name, suggested),
    ]


def _prompts(name: str, suggested: Cascade) -> Iterator[str]:
    folders = {one.code: one.prompts for some in suggested.next.values() for one in some}
    for code, folder in folders.items():
        source = f"copy prompts/{folder}/{code}.txt" if folder else "to be written"
        yield f"# prompts/{name}/{code}.txt: {source}"


def _name(params: Params) -> str:
    """The first of r1, r2, ... that is free."""
    return next(
        name
        for number in range(1, len(params.versions) + 2)
        if (name := f"r{number}") not in params.versions
    )


def in_a_line(suggested: Cascade) -> str:
    """Return "suggested next revision, after r2: botchat ...; webform ..." for a terminal."""
    parts = [
        f"{channel} {', '.join(one.code for one in some)}"
        for channel, some in suggested.next.items()
    ]
    body = "; ".join(parts) or "no untried edit could repair what remains"
    return f"suggested next revision, after {suggested.version}: {body}"
