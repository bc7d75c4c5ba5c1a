"""Training rows and preference pairs, from the decisions on the texts of a round."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from distill.committee.acceptance import ACCEPTED, REJECTED
from distill.committee.settings import FEEDBACK, RATIONALE, Version
from distill.llm.messages import Messages
from distill.records import Row
from distill.tasks import reason

TASKS = {FEEDBACK: "critique", RATIONALE: "reason"}


def rows(
    mistakes: Iterable[Row], decisions: Iterable[Row], version: Version, seed: int
) -> Iterator[Row]:
    """Yield the training rows of each mistake: up to so many accepted texts of each kind.

    A mistake gives none where an accepted text of one of the version's kinds is missing. Rows of
    the same mistake stand together and name it as `of`.
    """
    accepted = _by_mistake(decisions, ACCEPTED)
    most = {FEEDBACK: version.feedback, RATIONALE: version.rationales}
    for mistake in mistakes:
        draws = random.Random(f"{seed} {mistake['id']}")
        kept = {
            kind: _drawn(accepted[mistake["id"], kind], count, draws)
            for kind, count in most.items()
            if count
        }
        if all(kept.values()):
            for kind, texts in kept.items():
                for number, text in enumerate(texts):
                    yield _row(mistake, text, f"{mistake['id']}-{kind}-{number}")


def _by_mistake(decisions: Iterable[Row], decision: str) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for text in decisions:
        if text["decision"] == decision:
            found[text["id"], text["kind"]].append(text)
    return found


def _drawn(texts: list[Row], most: int, draws: random.Random) -> list[Row]:
    return draws.sample(texts, min(most, len(texts)))


def _row(mistake: Row, text: Row, row_id: str) -> Row:
    kept = {key: value for key, value in mistake.items() if key not in ("is_right", "truncated")}
    return {
        **kept,
        "id": row_id,
        "of": mistake["id"],
        "task": TASKS[text["kind"]],
        "teacher": text["teacher"],
        "target": text["text"],
    }


def preferences(mistakes: Mapping[str, Row], decisions: Sequence[Row]) -> Iterator[Row]:
    """Yield a pair for each accepted rationale with each rejected one of the same question.

    The student's own wrong attempt is the rejected one of each accepted rationale, too. The fields
    prompt, chosen and rejected are what TRL's DPOTrainer reads; the others tell their origin.
    """
    accepted, rejected = (_by_mistake(decisions, name) for name in (ACCEPTED, REJECTED))
    for row_id, mistake in mistakes.items():
        prompt = reason.messages(mistake)
        for good in accepted[row_id, RATIONALE]:
            for bad in rejected[row_id, RATIONALE]:
                yield _pair(mistake, prompt, good, bad)
            if mistake["attempt"]:
                yield _pair(mistake, prompt, good, _attempt(mistake))


def _attempt(mistake: Row) -> Row:
    return {"text": mistake["attempt"], "teacher": "student", "why": "match"}


def _pair(mistake: Row, prompt: Messages, good: Row, bad: Row) -> Row:
    return {
        "id": mistake["id"],
        "split": mistake["split"],
        "prompt": prompt,
        "chosen": [{"role": "assistant", "content": good["text"]}],
        "rejected": [{"role": "assistant", "content": bad["text"]}],
        "chosen_by": good["teacher"],
        "rejected_by": bad["teacher"],
        "why": bad["why"],
    }
