"""Feedback on a wrong attempt at a question: what is wrong, and how the right answer is reached.

in   {"id": "refund-000012", "task": "critique", "input": "An order of $40 has a fee of ...",
      "attempt": "40 + 4.50 = 44.50\\nAnswer: 44.50", "gold": {"kind": "number", "answer": "35.50"}}
out  "The fee is deducted, not added: 40 - 4.50 = 35.50."
"""

from distill.llm.messages import Messages
from distill.prompts import render
from distill.records import Row
from distill.tasks.reason import rules

PROMPTS = "critique"  # the folder that teachers and students share
CRITIQUE = ("question", "attempt", "gold")  # placeholders of its prompt


def messages(row: Row, prompts: str | None = None) -> Messages:
    """Return the chat that asks for feedback; the gold answer is given as a hint, as in FAIR."""
    prompt = render(
        f"{prompts or PROMPTS}/ask",
        question=row["input"],
        attempt=row["attempt"],
        gold=gold_answer(row),
    )
    return [{"role": "user", "content": prompt}]


def gold_answer(row: Row) -> str:
    """Return the gold answer as a reader needs it: of a choice the letter with its option."""
    gold = row["gold"]
    option = gold.get("options", {}).get(gold["answer"])
    return f"{gold['answer']} ({option})" if option else str(gold["answer"])


def parse(text: str) -> str:
    """Return the text without white space around it; raises ValueError for none."""
    if not text.strip():
        raise ValueError("no text")
    return text.strip()


def score(row: Row, output: str) -> float | None:
    """Return None: feedback has no gold answer."""
    return None


def rule(row: Row, prompts: str | None = None) -> str:
    """Return the feedback of the first of the offline teachers."""
    return rules.feedback(next(iter(rules.TEACHERS)), row, row["attempt"])
