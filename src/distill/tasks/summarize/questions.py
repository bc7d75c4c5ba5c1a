"""The questions about summaries: an annotator's, an editor's, a judge's.

The question for a summary itself is the task's (`tasks.request`).
"""

from functools import partial

from distill import prompts
from distill.llm.messages import Messages, Request
from distill.records import Row
from distill.tasks.summarize import answers, taxonomy
from distill.tasks.summarize.format import normalize
from distill.tasks.summarize.rules import editor
from distill.tasks.summarize.rules import judge as rules

SUMMARIZE = ("text",)  # the placeholders of a summary's prompt,
COMPARE = ("codes", "text", "summary")  # of the annotator's and the judge's,
FIX = ("summary",)  # and of an edit's
ALTERNATIVES = 20  # likeliest tokens at each place, the most that OpenAI tells


def annotate(row: Row) -> Request:
    """Ask which errors a dataset row's summary has."""
    channel, text, summary = row["channel"], row["input"], row["target"]
    return Request(
        id=row["id"],
        task="annotate",
        messages=_beside("annotate", channel, text, summary),
        parse=partial(answers.findings, channel=channel),
        schema=answers.findings_schema(channel),
        rule=partial(rules.annotate, channel, text, summary),
        rows=(row,),
    )


def judge(row: Row, samples: int = 1, weighted: bool = False) -> Request:
    """Ask for a rating of {id, channel, input, output}; the system's name is not shown."""
    channel, text, summary = row["channel"], row["input"], row["output"]
    return Request(
        id=row["id"],
        task="judge",
        messages=_beside(f"judge/{channel}", channel, text, summary),
        parse=partial(answers.verdict, channel=channel),
        schema=answers.verdict_schema(channel),
        samples=samples,
        logprobs=ALTERNATIVES if weighted else 0,
        rule=partial(rules.judge, channel, text, summary),
        rows=(row,),
    )


def fix(row: Row, code: str, folder: str) -> Request:
    """Ask for one edit of a dataset row's summary, by the prompt of the error in `folder`.

    The editor sees the summary and, where the prompt names it, the interaction.
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


def _beside(prompt: str, channel: str, text: str, summary: str) -> Messages:
    """Show an interaction beside its summary, with the codes of the channel."""
    codes = taxonomy.listed(channel)
    content = prompts.render(prompt, codes=codes, text=text, summary=summary)
    return [{"role": "user", "content": content}]
