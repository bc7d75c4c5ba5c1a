"""Questions with a gold answer, answered by a rationale (FAIR, arXiv 2410.03663).

in   {"id": "refund-fee-000123", "channel": "refund-fee", "task": "reason",
      "input": "A lamp cost $40. Returns carry a restocking fee of 15%. How much is refunded?",
      "gold": {"kind": "number", "answer": "34"}}
out  "The fee is 15% of 40 = 6. The refund is 40 - 6 = 34.\\nAnswer: $34"
"""

from distill.llm.messages import Messages
from distill.prompts import render
from distill.records import Row
from distill.tasks.reason import answers, rules

PROMPTS = "reason"  # the folder that teachers and students share


def messages(row: Row, prompts: str | None = None) -> Messages:
    """Return the chat that asks the row's question, by prompts/<prompts>/ask.txt."""
    question = render(f"{prompts or PROMPTS}/ask", question=row["input"])
    return [{"role": "user", "content": question}]


def parse(text: str) -> str:
    """Return the whole rationale, whose final answer `score` reads.

    Raises ValueError where the text is blank or holds half a surrogate pair.
    """
    rationale = text.strip()
    if not rationale:
        raise ValueError("the rationale is empty")
    rationale.encode("utf-8")
    return rationale


def score(row: Row, output: str) -> float:
    """Return 1.0 where the final answer is the gold one, 0.0 where it is another or none."""
    return float(answers.correct(output, row["gold"]))


def rule(row: Row, prompts: str | None = None) -> str:
    """Return the rationale of the first rule teacher."""
    return rules.rationale(rules.TEACHERS[0], row)
