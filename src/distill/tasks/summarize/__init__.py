"""Summaries of customer interactions as HTML lists (arXiv 2511.03005, section 3).

in   {"id": "botchat-000123", "channel": "botchat", "task": "summarize",
      "input": "Customer: my order 07-11223-45678 never came\\nBot: ..."}
out  "<ul><li>my order 07-11223-45678 never came</li></ul>"
"""

from distill.llm.messages import Messages
from distill.prompts import render
from distill.records import Row
from distill.tasks.summarize.format import normalize
from distill.tasks.summarize.rules import teacher


def messages(row: Row) -> Messages:
    """Return the chat that asks for a summary, by the prompt of the row's channel."""
    prompt = render(f"summarize/{row['channel']}", text=row["input"])
    return [{"role": "user", "content": prompt}]


def parse(text: str) -> str:
    """Return the summary in canonical form; raises ValueError where it is not one list."""
    return normalize(text)


def score(row: Row, output: str) -> float | None:
    """Return None: summaries have no gold answer and are rated by a judge."""
    return None


def rule(row: Row) -> str:
    """Return the offline teacher's summary."""
    return teacher.summarize(row["input"], row["channel"])
