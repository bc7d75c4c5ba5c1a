"""Requests about existing summaries: for annotations, for edits and for ratings.

The request for a new summary comes from the task itself (`tasks.request`).
"""

from functools import partial

from distill import prompts
from distill.llm.messages import Messages, Request
from distill.records import Row
from distill.tasks.summarize import answers, taxonomy
from distill.tasks.summarize.answers import Compared
from distill.tasks.summarize.format import normalize
from distill.tasks.summarize.placeholders import DIRECT, JUDGE
from distill.tasks.summarize.rules import editor
from distill.tasks.summarize.rules import judge as rules

ALTERNATIVES = 20  # top log probabilities per token; OpenAI's maximum


def annotate(row: Row) -> Request:
    """Return the request for the errors in a dataset row's summary."""
    of = Compared(row["channel"], row["input"], row["target"])
    return Request(
        id=row["id"],
        task="annotate",
        messages=_comparison("annotate", of),
        parse=partial(answers.findings, of=of),
        schema=answers.findings_schema(of.channel),
        rule=partial(rules.annotate, of.channel, of.text, of.summary),
        rows=(row,),
    )


def judge(row: Row, samples: int = 1, weighted: bool = False, direct: bool = False) -> Request:
    """Return the request for the judge's verdict on {id, channel, input, output}.

    It names no system. `direct` asks the judge for the rating, too, by the prompts in DIRECT.
    """
    of = Compared(row["channel"], row["input"], row["output"])
    parse = answers.direct_verdict if direct else answers.verdict
    schema = answers.direct_verdict_schema if direct else answers.verdict_schema
    return Request(
        id=row["id"],
        task="judge",
        messages=_comparison(f"{DIRECT if direct else JUDGE}/{of.channel}", of),
        parse=partial(parse, of=of),
        schema=schema(of.channel),
        samples=samples,
        logprobs=ALTERNATIVES if weighted else 0,
        rule=partial(rules.judge, of.channel, of.text, of.summary),
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


def _comparison(prompt: str, of: Compared) -> Messages:
    """Return a chat that shows an interaction, its summary and the codes of the channel."""
    codes = taxonomy.listed(of.channel)
    content = prompts.render(prompt, codes=codes, text=of.text, summary=of.summary)
    return [{"role": "user", "content": content}]
