"""The verdict: what the results say, a sentence for each question.

Each function draws one conclusion from plain figures. report.html, the workbench, the model cards
and the terminal show the same words (metrics/verdict.json).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from distill.records import Row
from distill.report import page
from distill.report.arf import words
from distill.report.arf.standings import ABOVE, BELOW, Compared, best, figure
from distill.report.arf.table3 import OVERALL, TITLES, Tallies, Tally
from distill.report.costs import OUTPUTS, Costs, taken
from distill.report.page import BAD, GOOD, JUDGE, OPEN, Conclusion
from distill.stats.intervals import proportion
from distill.stats.tables import dollar_cell

STUDENTS, REPAIRS, COST = "students", "repairs", "cost"
HARM, NEXT = "harm", "next"

# Ratings of so many summaries put a Spearman's rho of 0.7 above 0.5, by the 95% interval of Bonett
# and Wright, Sample size requirements for estimating Pearson, Kendall and Spearman correlations,
# 2000.
ENOUGH, AGREEMENT = 50, 0.5
_AGREES = {
    GOOD: "The judge agrees with people",
    OPEN: "The judge agrees with people in part",
    BAD: "The judge is not shown to agree with people",
}
LEAST_HARM = 0.01  # the share of harmed summaries that a fix's harm has to exceed


def students(compared: Sequence[Compared], others: Sequence[Compared] = ()) -> Conclusion:
    """Say whether a student beats its teacher; `others` are systems without a student."""
    question = "Does a student beat its teacher?"
    top = best(compared)
    if not top:
        return Conclusion(STUDENTS, question, "No student was compared with its teacher.")
    details = [one.line("its teacher") for one in top]
    details += [
        f"Without a student: {one.line('the teacher')}" for one in best(others) if one.stands(ABOVE)
    ]
    if all(one.first.estimate.seeds == 1 for one in top):
        details.append("One training each: the intervals leave out how trainings differ.")
    nobody = "No student is shown to beat its teacher."
    answer, tone = _winners(top, "beats its teacher", nobody)
    return Conclusion(STUDENTS, question, answer, details, tone)


def repairs(compared: Sequence[Compared]) -> Conclusion:
    """Say whether training on repaired summaries helps, against the teacher's own."""
    question = "Did repairing the data help?"
    top = best(compared)
    if not top:
        answer = "Not known: no student was trained on both the teacher's and repaired summaries."
        return Conclusion(REPAIRS, question, answer)
    nobody = "Training on repaired summaries is not shown to help."
    beats = "beats the same student trained on the teacher's own summaries"
    answer, tone = _winners(top, beats, nobody)
    return Conclusion(REPAIRS, question, answer, [one.line(one.against) for one in top], tone)


def _winners(top: Sequence[Compared], beats: str, nobody: str) -> tuple[str, str]:
    """The sentences on the best system of each channel, and their tone."""
    won: dict[str, list[str]] = {}
    rest: dict[tuple[str, str], list[str]] = {}
    for one in top:
        if one.stands(ABOVE):
            won.setdefault(one.system, []).append(f"{one.channel}, {figure(one.first)}")
        else:
            rest.setdefault((one.system, one.words("it")), []).append(one.channel)
    others = "; ".join(
        f"on {' and '.join(channels)} the best, {system}, is {stands}"
        for (system, stands), channels in rest.items()
    )
    others = f" {others[:1].upper()}{others[1:]}." if others else ""
    if not won:
        return nobody + others, BAD if any(one.stands(BELOW) for one in top) else OPEN
    parts = [f"{system} {beats} on {' and '.join(where)}" for system, where in won.items()]
    return f"{'; '.join(parts)}.{others}", GOOD


def judge(known: Mapping[str, Row], annotate: str, alike: Sequence[str] = ()) -> Conclusion:
    """Say how far the judge was compared with people; `annotate` is the system to annotate next.

    `known` maps channels to the comparisons of calibration_details.json; `alike` names the systems
    all of whose summaries the judge rated alike.
    """
    rated = {channel: found["people"]["n"] for channel, found in known.items()}
    lacking = {channel: ENOUGH - n for channel, n in rated.items() if n < ENOUGH}
    wish = (
        f"{sum(lacking.values())} {'more ' if any(rated.values()) else ''}annotations of {annotate}"
        f" would do ({', '.join(f'{n} on {channel}' for channel, n in lacking.items())})"
    )
    if not any(rated.values()):
        answer = f"The judge was not compared with people yet; {wish}."
    elif lacking:
        done = ", ".join(f"{n} on {channel}" for channel, n in rated.items())
        answer = f"The judge was compared with people on few summaries ({done}); {wish}."
    else:
        agreed = "; ".join(f"{channel} {_rho(found['people'])}" for channel, found in known.items())
        answer = f"{_AGREES[_agrees(known)]}, Spearman's rho: {agreed}."
    details = [line for channel, found in known.items() for line in _agreement(channel, found)]
    details += [f"It rated all summaries alike of {one}: look at some of them." for one in alike]
    tone = OPEN if lacking else _agrees(known)
    tone = OPEN if alike and tone == GOOD else tone
    return Conclusion(JUDGE, "What is the judge worth?", answer, details, tone)


def _agrees(known: Mapping[str, Row]) -> str:
    """The tone of the channel on which judge and people agree least."""
    lows = [found["people"].get("spearman_low") for found in known.values()]
    if any(low is None or low <= 0 for low in lows):
        return BAD
    return GOOD if min(lows) > AGREEMENT else OPEN


def doubted(found: Conclusion, judged: Conclusion) -> Conclusion:
    """Return what the judge alone shows, as long as it is not shown to agree with people."""
    if found.tone != GOOD or judged.tone == GOOD:
        return found
    doubt = "But the judge is not shown to agree with people yet."
    return found._replace(answer=f"{found.answer} {doubt}", tone=OPEN)


def _agreement(channel: str, found: Row) -> Iterator[str]:
    for rater, name in (("people", "people"), ("truth", "the hidden truth")):
        if found.get(rater, {}).get("n"):
            yield f"{channel}, against {name}: Spearman's rho {_rho(found[rater])}"


def _rho(found: Row) -> str:
    """Return "0.71 [0.50, 0.83], judge 0.27 higher, n=60"."""
    if found.get("spearman") is None:
        return f"not defined, n={found['n']}"
    low, high = found.get("spearman_low"), found.get("spearman_high")
    spread = "" if low is None or high is None else f" [{low:.2f}, {high:.2f}]"
    off = found.get("difference") or 0.0
    side = f", judge {abs(off):.2f} {'higher' if off > 0 else 'lower'}" if off else ""
    return f"{found['spearman']:.2f}{spread}{side}, n={found['n']}"


def cost(costs: Costs, teacher: str, student: str | None) -> Conclusion:
    """Say what 1,000 outputs of teacher and student cost, and what the results took."""
    question = "What does it cost?"
    took = taken(costs)
    names = [name for name in (student, teacher) if name in costs.systems]
    prices = {name: costs.systems[name].dollars for name in names}
    unknown = [name for name, price in prices.items() if price is None]
    if student not in prices or unknown:
        lacking = " and ".join(unknown) or "a student"
        answer = f"Not known: costs in params.yaml declares no price of {lacking}."
        return Conclusion(COST, question, answer, [*_tokens(costs, names), took])
    ours, theirs = prices[student] or 0.0, prices[teacher] or 0.0
    saving = f", {1 - ours / theirs:.0%} less" if theirs > ours else ""
    answer = (
        f"{OUTPUTS:,} summaries cost {dollar_cell(ours)} by {student} and"
        f" {dollar_cell(theirs)} by {teacher}{saving}."
    )
    tone = GOOD if ours < theirs else BAD if ours > theirs else OPEN
    return Conclusion(COST, question, answer, [took], tone)


def _tokens(costs: Costs, systems: Sequence[str]) -> Iterator[str]:
    for name in systems:
        if tokens := costs.systems[name].tokens:
            yield f"{OUTPUTS:,} summaries of {name} take {tokens:,.0f} tokens."


class Fix(NamedTuple):
    """The edits that a version makes for a code in a channel, by one kind of evidence."""

    measure: str
    version: str
    code: str
    channel: str
    tally: Tally

    @property
    def name(self) -> str:
        """Return "r1's “infers frustration”"."""
        return f"{self.version}'s “{words.of(self.code)}”"

    @property
    def harmful(self) -> bool:
        """Return whether it harmed more summaries than it repaired, and not just one or two."""
        low = proportion(self.tally.harmed, self.tally.unmet).low or 0
        return self.tally.harmed > self.tally.succeeded and low > LEAST_HARM

    def line(self) -> str:
        """Return whom it harmed and what it repaired."""
        harm = proportion(self.tally.harmed, self.tally.unmet)
        share = f" ({harm.value:.0%} [{harm.low:.0%}, {harm.high:.0%}])" if harm.n else ""
        return (
            f"{self.name} on {self.channel} harmed {self.tally.harmed} of {self.tally.unmet}"
            f" summaries without the error{share} and repaired {self.tally.succeeded} of"
            f" {self.tally.met} with it, {TITLES[self.measure].lower()}"
        )


def fixes(tallies: Tallies) -> list[Fix]:
    """Return the fixes that made edits, channel by channel."""
    return [Fix(*key, tally) for key, tally in tallies.items() if key[-1] != OVERALL]


def harm(made: Sequence[Fix]) -> Conclusion:
    """Say which fixes did more harm than good."""
    question = "Did a fix do harm?"
    if not made:
        return Conclusion(HARM, question, "No edit was made.")
    harmful = [one for one in made if one.harmful]
    if harmful:
        names = dict.fromkeys(one.name for one in harmful)
        answer = f"More harm than good did {' and '.join(names)}."
        return Conclusion(HARM, question, answer, [one.line() for one in harmful], BAD)
    most = max(made, key=lambda one: one.tally.harmed / (one.tally.unmet or 1))
    if not most.tally.harmed:
        return Conclusion(HARM, question, "No harm of a fix was found.", tone=GOOD)
    answer = "No fix did more harm than good."
    return Conclusion(HARM, question, answer, [f"The most harm: {most.line()}"], GOOD)


def next_step(
    found: Mapping[str, Conclusion], harmful: Sequence[Fix], suggestion: str, real: bool
) -> Conclusion:
    """Say what to do next: correct a fix, compare the judge with people, release, repair more.

    `found` holds the conclusions on the students and the judge, `suggestion` the next revision
    or "". `real`: the interactions are the user's own.
    """
    judged, told = found[JUDGE].tone, found[STUDENTS].tone
    steps = [
        f"Correct the prompt of {one.name} ({one.code}), or set guard: true for {one.version}, and"
        " train again."
        for one in harmful[:1]
    ]
    if judged == BAD:
        steps.append("Improve the judge's prompts (prompts/judge), or take another model for it.")
    if real and judged == OPEN:
        steps.append("Compare the judge with people on more summaries: make workbench.")
    if told == judged == GOOD and not harmful:
        steps.append("Release the student: name its run as release in params.yaml.")
    if suggestion:
        steps.append(f"Repair what remains: {suggestion}.")
    if not real:
        steps.append("Use your own interactions: these are made up.")
    first, *rest = steps or ["Train on more rows: no untried edit could repair what remains."]
    return Conclusion(NEXT, "What next?", first, rest)


def in_lines(found: Sequence[Conclusion]) -> list[str]:
    """Return the lines for a terminal: the students, the judge, and a fix that does harm."""
    return page.in_lines(
        one
        for one in found
        if one.name in (STUDENTS, JUDGE) or (one.name == HARM and one.tone == BAD)
    )
