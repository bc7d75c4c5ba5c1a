"""Requests about existing summaries: for annotations, for edits and for ratings.

The request for a new summary comes from the task itself (`tasks.request`).
"""

from functools import partial

from distill import prompts
from distill.llm.messages import Messages, Request
from distill.records import Row
from distill.tasks.summarize import answers, taxonomy
from distill.tasks.summarize.format import normalize
from distill.tasks.summarize.rules import editor
from distill.tasks.summarize.rules import judge as rules

SUMMARIZE = ("text",)  # placeholders of the prompts in prompts/summarize
COMPARE = ("codes", "text", "summary")  # placeholders of the annotator's and the judge's prompts
FIX = ("summary",)  # placeholders of an edit's prompt
ALTERNATIVES = 20  # top log probabilities per token; OpenAI's maximum


def annotate(row: Row) -> Request:
    """Return the request for the errors in a dataset row's summary."""
    channel, text, summary = row["channel"], row["input"], row["target"]
    return Request(
        id=row["id"],
        task="annotate",
        messages=_comparison("annotate", channel, text, summary),
        parse=partial(answers.findings, channel=channel),
        schema=answers.findings_schema(channel),
        rule=partial(rules.annotate, channel, text, summary),
        rows=(row,),
    )


def judge(row: Row, samples: int = 1, weighted: bool = False) -> Request:
    """Return the request for a rating of {id, channel, input, output}; it names no system."""
    channel, text, summary = row["channel"], row["input"], row["output"]
    return Request(
        id=row["id"],
        task="judge",
        messages=_comparison(f"judge/{channel}", channel, text, summary),
        parse=partial(answers.verdict, channel=channel),
        schema=answers.verdict_schema(channel),
        samples=samples,
        logprobs=ALTERNATIVES if weighted else 0,
        rule=partial(rules.judge, channel, text, summary),
        rows=(row,),
    )


def fix(row: Row, code: str, folder: str) -> Request:
    """Return the request for one edit of a dataset row's summary, by the prompt `folder`/`code`.

    The editor sees the summary and, where the prompt has $interaction, the interaction.
    """
    prompt = prompts.render(f"{folder}/{code}", summary=row["target"], interaction=row["input"])
    return Request(
        id=row["id"],
        task="fix",
        messages=[{"role": "user", "content": prompt}],
        parse=normalize,
        rule=partial(editor.fix, code, row["target"]),
        rows=(row,),
    )


def _comparison(prompt: str, channel: str, text: str, summary: str) -> Messages:
    """Return a chat that shows an interaction, its summary and the codes of the channel."""
    codes = taxonomy.listed(channel)
    content = prompts.render(prompt, codes=codes, text=text, summary=summary)
    return [{"role": "user", "content": content}]
