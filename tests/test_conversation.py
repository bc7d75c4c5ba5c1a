"""A conversation of several turns is one request to every layer, and its task is unknown to all."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from batches import serve_batches
from conftest import REPO
from endpoint import completion, serve

from distill import params
from distill.llm.messages import Request
from distill.llm.settings import OpenAI
from distill.privacy.seal import SAMPLE_KEY, seal
from distill.providers import remote
from distill.report.estimates import Line
from estimate import Stub

CONVERSATION = [
    {"role": "system", "content": "Answer with one number."},
    {"role": "user", "content": "How many letters has lamp?"},
    {"role": "assistant", "content": "Four."},
    {"role": "user", "content": "A number, please."},
]
ROWS = [
    {"id": f"made-{n}", "channel": "botchat", "task": "count", "input": text}
    for n, text in enumerate(("lamp", "kettle"))
]
REQUEST = Request("made-0", "count", CONVERSATION, parse=int)


def turns(body):
    """Answer with the number of messages."""
    return completion(str(len(body["messages"])))


def model(url, **changes):
    entry = OpenAI(provider="openai", model="m", base_url=url, retries=0, timeout=5, **changes)
    return remote(entry, params.load(), "evolve", "large")


def test_all_turns_reach_the_model_as_they_are(workspace):
    with serve(turns) as (url, received):
        [reply] = model(url).complete([REQUEST])
    assert reply.value == 4
    assert received[0]["messages"] == CONVERSATION


def test_a_malformed_answer_is_corrected_at_the_end_of_the_conversation(workspace):
    with serve(lambda body: completion("?") if len(body["messages"]) < 6 else turns(body)) as (
        url,
        received,
    ):
        [reply] = model(url).complete([REQUEST])
    assert reply.value == 6
    assert received[1]["messages"][:5] == [*CONVERSATION, {"role": "assistant", "content": "?"}]


@pytest.mark.parametrize("turn", range(4))
def test_each_turn_is_part_of_the_cache_key(workspace, turn):
    changed = [dict(message) for message in CONVERSATION]
    changed[turn]["content"] += "!"
    with serve(turns) as (url, received):
        list(model(url).complete([REQUEST, REQUEST, replace(REQUEST, messages=changed)]))
        list(model(url).complete([REQUEST]))
    assert len(received) == 2


def test_roles_and_order_are_part_of_the_cache_key(workspace):
    other_role = [CONVERSATION[0] | {"role": "user"}, *CONVERSATION[1:]]
    other_order = [CONVERSATION[1], CONVERSATION[0], *CONVERSATION[2:]]
    conversations = (CONVERSATION, other_role, other_order)
    with serve(turns) as (url, received):
        list(model(url).complete([replace(REQUEST, messages=one) for one in conversations]))
    assert len(received) == 3


def test_the_gate_asks_for_the_seal_of_every_row_in_the_conversation(workspace, elsewhere):
    policy = params.load().anonymize
    sealed = [row | {"cleared": seal(row, policy, SAMPLE_KEY)} for row in ROWS]
    groups = [(), (sealed[0],), tuple(sealed), (sealed[0], ROWS[1])]
    asked = [
        replace(REQUEST, messages=[*CONVERSATION, {"role": "user", "content": str(n)}], rows=rows)
        for n, rows in enumerate(groups)
    ]
    with serve(turns, host=elsewhere) as (url, received):
        replies = list(model(url).complete(asked))
    assert [reply.error for reply in replies] == ["not_cleared", "", "", "not_cleared"]
    assert len(received) == 2


def test_a_conversation_goes_through_a_batch(workspace):
    asked = [replace(REQUEST, messages=CONVERSATION[n:]) for n in range(3)]
    with serve_batches(turns) as server:
        replies = list(model(server.url, batch=True).complete(asked))
    assert [reply.value for reply in replies] == [4, 3, 2]
    [lines] = server.uploads
    assert [line["body"]["messages"] for line in lines] == [CONVERSATION[1:], CONVERSATION[2:]]


def test_an_estimate_counts_the_characters_of_all_turns():
    line = Line("evolve", "e1", "large", "m", max_tokens=10)
    list(Stub(line, None, set(), "1").complete([replace(REQUEST, rows=(ROWS[0],))]))
    assert line.characters == sum(len(message["content"]) for message in CONVERSATION)


def test_the_transport_imports_neither_tasks_nor_privacy_nor_params():
    code = "import sys, pkgutil, importlib, distill.llm as room\n" + (
        "for m in pkgutil.walk_packages(room.__path__, 'distill.llm.'):\n"
        "    importlib.import_module(m.name)\n"
        "print(*sorted(name for name in sys.modules if name.startswith('distill.')))\n"
        "assert 'openai' not in sys.modules, 'every stage would load the SDK'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(REPO / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rooms = {name.split(".")[1] for name in done.stdout.split()}
    assert rooms == {"errors", "ledger", "llm", "paths", "records", "validation"}, json.dumps(
        sorted(rooms)
    )
