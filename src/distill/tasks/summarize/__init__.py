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

PROMPTS = "summarize"  # the folder that teacher and trained students share


def messages(row: Row, prompts: str | None = None) -> Messages:
    """Return the chat that asks for a summary, by the prompt of the row's channel.

    `prompts` is a folder below prompts/ with a file for each channel, PROMPTS by default.
    """
    prompt = render(f"{prompts or PROMPTS}/{row['channel']}", text=row["input"])
    return [{"role": "user", "content": prompt}]


def parse(text: str) -> str:
    """Return the summary in canonical form; raises ValueError where it is not one list."""
    return normalize(text)


def score(row: Row, output: str) -> float | None:
    """Return None: summaries have no gold answer and are rated by a judge."""
    return None


def rule(row: Row, prompts: str | None = None) -> str:
    """Return the offline teacher's summary."""
    return teacher.summarize(row["input"])
