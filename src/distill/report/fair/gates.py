"""The four gates on the same rationales: what each accepts, how much of it is sound, its calls.

gates.json   {"none": {"precision": 0.71, "low": 0.66, "high": 0.76, "n": 540, "calls": 1080}, ...}

`precision` is the share of sound ones among the accepted rationales, by the hidden truth, with an
interval that draws questions; null without a truth. `n` counts accepted rationales, null for peers
where not all rationales were reviewed; `calls` all calls of the committee under the gate: feedback,
rationales and the reviews that it needs.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from distill.committee.acceptance import ACCEPTED, Rule, decided, mean
from distill.committee.settings import KINDS, RATIONALE
from distill.records import Row
from distill.stats import intervals, ratios, tables
from distill.stats.intervals import Estimate
from distill.stats.tables import EMPTY, Table

NAMES = ("none", "match", "peers", "both")
COMPARED = (("both", "match"), ("both", "peers"), ("match", "none"), ("peers", "none"))
THRESHOLDS = (1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5)
TITLE = "Gates"
NOTE = (
    "A gate accepts all rationales (none), those with the gold answer (match), those with a mean"
    " score above the threshold (peers), or those with both. A rationale is sound where the hidden"
    " truth of the question confirms every premise and the answer. Intervals draw questions, since"
    " the rationales of a question are not independent. Calls count feedback, rationales and the"
    " reviews that the gate needs. A dash: not known, without a hidden truth or without reviews of"
    " all rationales."
)


class Setting(NamedTuple):
    """`teachers`: in the committee. `dollars`: of one review, None where no price is known."""

    teachers: int
    mistakes: int
    rule: Rule
    resamples: int
    seed: int
    dollars: float | None = None


class Saved(NamedTuple):
    """What the match spares: reviews of all, those spared, and approvals of other answers."""

    calls: int
    spared: int
    false_accepts: int


def accepted(texts: Sequence[Row], rule: Rule) -> list[Row]:
    """Return the accepted rationales."""
    rationales = (text for text in texts if text["kind"] == RATIONALE)
    return [text for text in decided(rationales, rule) if text["decision"] == ACCEPTED]


def is_audited(texts: Sequence[Row]) -> bool:
    """Return whether all rationales were reviewed, as `peers` alone needs it."""
    return all(text["reviewed"] for text in texts if text["kind"] == RATIONALE)


def saved(texts: Sequence[Row], rule: Rule, teachers: int) -> Saved:
    """Return what a match before the reviews saves, and what peers approve without it."""
    rationales = [text for text in texts if text["kind"] == RATIONALE]
    spared = [text for text in rationales if not text["matches"]]
    scores = (mean(text["scores"], rule.weights) for text in spared)
    false = sum(score is not None and score > rule.threshold for score in scores)
    each = teachers - 1
    return Saved(len(rationales) * each, len(spared) * each, false)


def asked(texts: Sequence[Row], setting: Setting) -> int:
    """Return the calls that the committee got, with the reviews that only measure reviewers."""
    first = len(KINDS) * setting.teachers * setting.mistakes
    return first + sum(len(text["scores"]) for text in texts)


def calls(texts: Sequence[Row], gate: str, setting: Setting) -> int:
    """Return the calls of the committee under a gate."""
    first = len(KINDS) * setting.teachers * setting.mistakes
    if gate in ("none", "match"):
        return first
    reviewed = [
        text
        for text in texts
        if (text["kind"] == RATIONALE and (gate == "peers" or text["matches"]))
        or (text["kind"] != RATIONALE and text["reviewed"])
    ]
    return first + len(reviewed) * (setting.teachers - 1)


def metrics(texts: Sequence[Row], setting: Setting) -> dict[str, Any]:
    """Return the content of gates.json."""
    found = {}
    for gate in NAMES:
        precision = _precision(texts, gate, setting)
        known = precision.rounded()
        found[gate] = {
            **{name: known[name] for name in ("low", "high")},
            "precision": known["value"],
            "n": len(_of(texts, gate, setting)) if _is_countable(texts, gate) else None,
            "calls": calls(texts, gate, setting),
        }
    return found


def _of(texts: Sequence[Row], gate: str, setting: Setting) -> list[Row]:
    return accepted(texts, setting.rule._replace(gate=gate))


def _counts(texts: Sequence[Row], kept: Sequence[Row]) -> tuple[list[int], list[int]]:
    """Return the sound and all kept rationales of each question, in a fixed order."""
    sound: dict[str, int] = defaultdict(int)
    every: dict[str, int] = defaultdict(int)
    for text in kept:
        sound[text["id"]] += bool(text["sound"])
        every[text["id"]] += 1
    ids = dict.fromkeys(text["id"] for text in texts)
    return [sound[row_id] for row_id in ids], [every[row_id] for row_id in ids]


def _is_countable(texts: Sequence[Row], gate: str) -> bool:
    return gate != "peers" or is_audited(texts)


def _is_known(texts: Sequence[Row], gate: str) -> bool:
    has_truth = any(text["sound"] is not None for text in texts)
    return has_truth and _is_countable(texts, gate)


def _precision(texts: Sequence[Row], gate: str, setting: Setting) -> Estimate:
    if not _is_known(texts, gate):
        return Estimate(None, None, None, 0)
    sound, every = _counts(texts, _of(texts, gate, setting))
    pairs = [(part, whole) for part, whole in zip(sound, every, strict=True) if whole]
    parts, wholes = [part for part, _ in pairs], [whole for _, whole in pairs]
    return intervals.ratio(parts, wholes, setting.resamples, setting.seed)


def differences(texts: Sequence[Row], setting: Setting) -> Iterator[tuple[str, str, Estimate]]:
    """Yield the differences of the gates' precisions, where both are known."""
    for ours, theirs in COMPARED:
        if _is_known(texts, ours) and _is_known(texts, theirs):
            first, second = (_counts(texts, _of(texts, gate, setting)) for gate in (ours, theirs))
            found = ratios.difference(first, second, setting.resamples, setting.seed)
            yield ours, theirs, found


def report(texts: Sequence[Row], setting: Setting) -> list[Table]:
    """Return the gates, their differences, what they removed, the teachers and the thresholds."""
    return [
        _gates(texts, setting),
        _differences(texts, setting),
        _savings(texts, setting),
        _teachers(texts, setting),
        _sweep(texts, setting),
    ]


def _gates(texts: Sequence[Row], setting: Setting) -> Table:
    header = ["Gate", "Accepted", "Precision", "Sound removed", "Unsound removed", "Calls"]
    header += ["Calls a mistake"]
    every = _of(texts, "none", setting)
    rows = []
    for gate in NAMES:
        kept = _of(texts, gate, setting)
        spent = calls(texts, gate, setting)
        removed = [str(_sound(every, is_so) - _sound(kept, is_so)) for is_so in (True, False)]
        if not _is_known(texts, gate):
            removed = [EMPTY, EMPTY]
        precision = tables.share_cell(_precision(texts, gate, setting), 1)
        each = f"{spent / setting.mistakes:.1f}" if setting.mistakes else EMPTY
        share = f"{len(kept)} of {len(every)}" if _is_countable(texts, gate) else EMPTY
        rows.append([gate, share, precision, *removed, str(spent), each])
    return Table("Accepted rationales", header, rows)


def _sound(texts: Sequence[Row], is_so: bool) -> int:
    return sum(text["sound"] is is_so for text in texts)


def _differences(texts: Sequence[Row], setting: Setting) -> Table:
    rows = [
        [f"{ours} less {theirs}", tables.delta_cell(found), str(found.n)]
        for ours, theirs, found in differences(texts, setting)
    ]
    return Table("Differences of precision", ["Gates", "Difference", "Questions"], rows)


def _savings(texts: Sequence[Row], setting: Setting) -> Table:
    found = saved(texts, setting.rule, setting.teachers)
    share = f"{found.spared / found.calls:.0%}" if found.calls else EMPTY
    dollars = None if setting.dollars is None else found.spared * setting.dollars
    rows = [
        ["Reviews of all rationales", str(found.calls)],
        ["Spared by the match", f"{found.spared} ({share})"],
        ["Dollars spared, at the mean of the reviews that were asked", tables.dollar_cell(dollars)],
        ["Rationales with another answer that peers approve", _approved(texts, found)],
    ]
    return Table("What the match saves", ["", "Value"], rows)


def _approved(texts: Sequence[Row], found: Saved) -> str:
    """Return the approvals of other answers, and of how many where an audit drew some."""
    if is_audited(texts):
        return str(found.false_accepts)
    drawn = sum(text["reviewed"] and text["matches"] is False for text in texts)
    return f"{found.false_accepts} of {drawn} reviewed"


def _teachers(texts: Sequence[Row], setting: Setting) -> Table:
    header = ["Teacher", "Rationales", "Gold answer", "Accepted by both gates", "Sound"]
    every, kept = _of(texts, "none", setting), _of(texts, "both", setting)
    rows = []
    for name in dict.fromkeys(text["teacher"] for text in every):
        own = [text for text in every if text["teacher"] == name]
        counts = [
            sum(bool(text["matches"]) for text in own),
            sum(text["teacher"] == name for text in kept),
            _sound(own, True),
        ]
        cells = [tables.share_cell(intervals.proportion(count, len(own))) for count in counts]
        if not _is_known(texts, "none"):
            cells[-1] = EMPTY
        rows.append([name, str(len(own)), *cells])
    return Table("Teachers", header, rows)


def _sweep(texts: Sequence[Row], setting: Setting) -> Table:
    rows = []
    for threshold in THRESHOLDS:
        at = setting._replace(rule=setting.rule._replace(threshold=threshold))
        cells = [f"{threshold:g}"]
        for gate in ("peers", "both"):
            count = str(len(_of(texts, gate, at)))
            cells.append(count if _is_countable(texts, gate) else EMPTY)
            cells.append(tables.share_cell(_precision(texts, gate, at), 1))
        rows.append(cells)
    header = ["Threshold", "Peers", "Precision", "Both", "Precision"]
    return Table("Thresholds", header, rows)
