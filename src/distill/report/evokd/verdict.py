"""EvoKD's verdict: whether the rounds help, whether choosing by errors beats chance, the costs.

Each function draws one conclusion from the rows of effects.json and the scores.
"""

from collections.abc import Sequence

from distill.params.evokd import SAMPLE, EvoKD
from distill.records import Row
from distill.report import costs, differences
from distill.report.differences import Difference
from distill.report.evokd.systems import FULL, SHOTS
from distill.report.page import GOOD, Conclusion
from distill.stats.tables import dollar_cell

ROUNDS, CHOICE = "rounds", "choice"
RANDOM = "random"
LABELLED = "the labelled rows alone"


def conclusions(
    params: EvoKD, effects: Sequence[Row], scores: Sequence[Row], spent: costs.Costs
) -> list[Conclusion]:
    """Return the verdict on the first arm after its last round."""
    arm = next(iter(params.arms), "")
    found = differences.read(of_arm(arm, effects))
    shots = [one._replace(against=LABELLED) for one in found if one.against == SHOTS]
    others = [one for one in found if one.against not in (SHOTS, FULL)]
    helped = rounds(arm, shots, last(arm, scores))
    chosen = choice(arm, others)
    is_once = any(differences.once(others))
    return [helped, chosen, cost(arm, scores, spent), next_step(params, chosen, is_once)]


def last(arm: str, rows: Sequence[Row]) -> dict[str, int]:
    """Return the last round of an arm in each task."""
    found: dict[str, int] = {}
    for row in rows:
        if row["system"] == arm:
            found[row["task"]] = max(found.get(row["task"], 0), row["round"])
    return found


def of_arm(arm: str, effects: Sequence[Row]) -> list[Row]:
    """Return the arm's differences after its last round; those to it are turned round."""
    final = last(arm, effects)
    own = [row for row in effects if row["system"] == arm and row["round"] == final[row["task"]]]
    known = {(row["task"], row["against"]) for row in own}
    turned = [
        _turned(row)
        for row in effects
        if row["against"] == arm
        and row["round"] in (0, final.get(row["task"]))
        and (row["task"], row["system"]) not in known
    ]
    return [*own, *turned]


def _turned(row: Row) -> Row:
    signs = {"delta": "delta", "low": "high", "high": "low"}
    values = {name: row[of] for name, of in signs.items()}
    negative = {name: None if value is None else -value for name, value in values.items()}
    return {**row, **negative, "system": row["against"], "against": row["system"]}


def rounds(arm: str, found: Sequence[Difference], final: dict[str, int]) -> Conclusion:
    """Say whether the written texts help the student, against its first rows."""
    question = "Do the written texts help the student?"
    if not found:
        return Conclusion(ROUNDS, question, "Not known: no arm was compared with its first rows.")
    after = list(dict.fromkeys(final.values()))
    word = "round" if after == [1] else "rounds"
    answer = f"After {' and '.join(map(str, after))} {word}, {differences.answer(arm, found)}"
    details = [*(one.line for one in found), *differences.once(found)]
    return Conclusion(ROUNDS, question, answer, details, differences.tone(found))


def choice(arm: str, found: Sequence[Difference]) -> Conclusion:
    """Say whether the arm's choice of what the writer sees beats the other ways."""
    question = "Is it better than choosing at random?"
    if not found:
        answer = f"Not known: {arm} was compared with no arm and no baseline."
        return Conclusion(CHOICE, question, answer)
    if not any(one.against == RANDOM for one in found):
        question = "Is it better than the other ways?"
    details = [one.line for one in found]
    return Conclusion(
        CHOICE, question, differences.answer(arm, found), details, differences.tone(found)
    )


def cost(arm: str, scores: Sequence[Row], spent: costs.Costs) -> Conclusion:
    """Say how many tokens and texts each system took up to its last round."""
    systems = dict.fromkeys(row["system"] for row in scores if row["tokens"])
    took = {name: _taken(name, scores) for name in systems}
    first = f"{arm} took {took[arm]}." if arm in took else f"{arm} took no token of an LLM."
    details = [f"{name} took {words}." for name, words in took.items() if name != arm]
    dollars = [part.dollars for part in spent.spent]
    known = sum(one for one in dollars if one)
    if known and None in dollars:
        details.append(f"All versions together: {dollar_cell(known)}, without models of no price.")
    elif known:
        details.append(f"All versions together: {dollar_cell(known)}.")
    return Conclusion("cost", "What does it cost?", first, details)


def _taken(system: str, scores: Sequence[Row]) -> str:
    """Return "33,799 LLM tokens for 174 texts on intents, and 49,374 for 168 on mentions"."""
    final = last(system, scores)
    ends = [row for row in scores if row["system"] == system and row["round"] == final[row["task"]]]
    first, *rest = ((f"{row['tokens']:,.0f}", f"{row['texts']:.0f}", row["task"]) for row in ends)
    others = "".join(f", {tokens} for {texts} on {task}" for tokens, texts, task in rest)
    return f"{first[0]} LLM tokens for {first[1]} texts on {first[2]}{others}"


def next_step(params: EvoKD, chosen: Conclusion, is_once: bool) -> Conclusion:
    """Say what to do next: more seeds, another way of choosing, rows of one's own."""
    steps = []
    again = "Repeat the arms over several seeds (profiles/thorough.yaml)"
    if chosen.tone != GOOD:
        steps.append(f"{again} before you choose one: {RANDOM} needs no probe and may do as well.")
    elif is_once:
        steps.append(f"{again}: one training each does not show how trainings differ.")
    if params.source == str(SAMPLE):
        steps.append("Use real rows (profiles/banking77.yaml, wnut17.yaml): these are made up.")
    first, *rest = steps or ["Write further rounds until the curve of F1 is flat."]
    return Conclusion("next", "What next?", first, rest)
