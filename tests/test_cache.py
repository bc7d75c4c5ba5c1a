"""The reply cache: hits, misses, damage, pruning, and the tool that shows it."""

import gc
import json
import os
import re
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from endpoint import completion, echo, model, replies, requests, said, serve
from stages import PRICES, configure, estimate, keeps, process, stage, summarized

from distill import paths
from distill.errors import InputError, StoreError
from distill.llm import transfer
from distill.llm.store import Store


def changed(**changes):
    return pytest.param(changes, id=next(iter(changes)))


@pytest.mark.parametrize(
    "changes",
    [
        changed(temperature=0.7),
        changed(seed=1),
        changed(top_p=0.5),
        changed(extra={"min_p": 0.1}),
    ],
)
def test_whatever_shapes_an_answer_makes_another_request(workspace, changes):
    with serve(echo) as (url, received):
        replies(url, 3)
        replies(url, 3, **changes)
    assert len(received) == 6


def test_what_shapes_no_answer_does_not(workspace):
    with serve(echo) as (url, received):
        replies(url, 3)
        replies(url, 3, max_tokens=2048, concurrency=2, retries=1, timeout=9, patience=9)
    assert len(received) == 3


def test_a_truncated_reply_is_asked_again_under_a_larger_cap_only(workspace):
    with serve(lambda body: completion("cut", finish="length")) as (url, received):
        assert replies(url, 1)[0].truncated
        replies(url, 1)
        assert len(received) == 1
        replies(url, 1, max_tokens=2048)
    assert len(received) == 2


def test_one_row_more_or_another_is_one_request(workspace):
    with serve(echo) as (url, received):
        replies(url, 5)
        replies(url, 6)
        assert len(received) == 6
        rows = requests(6)
        rows[2].messages[0]["content"] = "say something else."
        list(model(url).complete(rows))
        assert len(received) == 7


def test_the_same_words_at_the_same_time_are_asked_once(workspace):
    with serve(echo, latency=0.1) as (url, received):
        found = list(model(url).complete(requests(3) * 20))
    assert [reply.text for reply in found] == ["SAY 0.", "SAY 1.", "SAY 2."] * 20
    assert len(received) == 3
    assert Store().spent()[0].calls == 3


def test_a_new_file_that_another_process_is_making_is_waited_for(workspace):
    paths.replies().parent.mkdir()
    other = sqlite3.connect(paths.replies(), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    ends = threading.Timer(0.3, other.execute, ["COMMIT"])
    ends.start()
    assert Store().spent() == []
    ends.join()
    other.close()


def test_the_same_words_at_the_same_time_share_a_failure(workspace):
    with serve(lambda body: (400, {}, "no"), latency=0.1) as (url, received):
        found = list(model(url).complete(requests(3) * 20))
    assert {reply.error for reply in found} == {"refused"}
    assert len(received) == 3


@pytest.mark.parametrize("cut", [1_000, -4_096], ids=["overwritten", "cut short"])
def test_a_damaged_file_is_an_error_with_the_remedy_and_stays(workspace, cut):
    with serve(echo) as (url, received):
        replies(url, 40)
        gc.collect()  # an open connection would write to the file when it closes
        path = paths.replies()
        for file in path.parent.glob("replies.sqlite-*"):
            file.unlink()
        damaged = b"x" * cut if cut > 0 else path.read_bytes()[:cut]
        path.write_bytes(damaged)
        with pytest.raises(StoreError, match=r"replies\.sqlite: .+ damaged: .+ move it away"):
            replies(url, 40)
        assert path.read_bytes()[: len(damaged)] == damaged
        path.unlink()
        assert len(replies(url, 40)) == 40
    assert len(received) == 80


def test_a_reply_is_cached_when_it_arrives_and_not_when_its_turn_comes(workspace):
    def answer(body):
        if said(body) == "say 0.":
            time.sleep(1)
        return echo(body)

    with serve(answer) as (url, _):
        running = model(url).complete(requests(30))
        thread = threading.Thread(target=next, args=(running,))
        thread.start()
        time.sleep(0.6)
        assert Store().cache_sizes()[0].replies == 29
        thread.join()
        running.close()


def test_replies_unused_for_long_are_pruned(workspace):
    with serve(echo) as (url, received):
        replies(url, 4)
        store = Store()
        store.execute("UPDATE replies SET used = used - 40 * 86400")
        replies(url, 1)  # is used again
        assert store.prune(30) == 3
        replies(url, 4)
        assert len(received) == 4 + 3


# --- the commands


def test_cached_replies_and_costs_are_shown(split):
    with serve(summarized) as (url, _):
        configure(url, costs={"prices": PRICES})
        assert stage("label").returncode == 0
    shown = stage("cache").stdout
    assert re.search(r"m +64 +0\.0 +\d{4}-\d\d-\d\d$", shown, re.MULTILINE)
    assert re.search(r"label +m +64 +640 +320 +\$1\.28$", shown, re.MULTILINE)
    assert re.search(r"^total +\$1\.28$", shown, re.MULTILINE)


def test_unused_replies_are_pruned_and_paid_for_again(split):
    with serve(summarized) as (url, received):
        configure(url)
        assert stage("label").returncode == 0
        with sqlite3.connect(paths.replies()) as db:
            db.execute("UPDATE replies SET used = used - 40 * 86400 WHERE key > '8'")
            old = db.execute("SELECT count(*) FROM replies WHERE key > '8'").fetchone()[0]
        estimate()  # looks at the replies and uses none
        said = stage("cache", "--prune", "30").stdout
        assert re.match(
            rf"deleted {old} replies unused for 30 days; \S+ shrank from 0\.\d MB", said
        )
        assert re.search(rf"m +{64 - old} ", said)
        assert stage("label").returncode == 0
    assert len(received) == 64 + old


def test_pruning_makes_the_file_smaller(split):
    with serve(lambda body: completion(f"<ul><li>{'very ' * 2000}</li></ul>")) as (url, _):
        configure(url)
        assert stage("label").returncode == 0
    said = stage("cache", "--prune", "0").stdout
    before, after = map(float, re.search(r"from (\S+) MB to (\S+) MB", said).groups())
    assert before > 0.5 > after
    assert "The cache is empty" in said
    assert keeps() == 0


def test_without_a_cache_nothing_is_created(workspace):
    done = process("cache", "--prune", "7")
    assert done.stdout == (
        ".distill/replies.sqlite does not exist: the cache is empty and nothing was spent\n"
    )
    assert not paths.replies().exists()
    refused = stage("cache", "--prune", "-1").stderr
    assert refused == "error: --prune -1: the number of days must be 0 or more\n"


# --- another host


@pytest.fixture
def exported(split):
    """A file of 64 replies, out of a project whose own cache is gone; a server and its requests."""
    with serve(summarized) as (url, received):
        configure(url)
        assert stage("label").returncode == 0
        said = stage("cache", "--export", "replies.jsonl").stdout
        assert said.startswith("exported 64 replies to replies.jsonl")
        for file in paths.workspace().glob("replies.sqlite*"):
            file.unlink()
        yield Path("replies.jsonl"), received


def test_exported_replies_are_not_paid_for_on_another_host(exported):
    file, received = exported
    assert file.stat().st_mode & 0o077 == 0
    said = stage("cache", "--import", str(file)).stdout
    assert said.startswith("imported 64 replies of replies.jsonl; 0 were there already")
    assert stage("label").returncode == 0
    assert len(received) == 64


def test_an_import_replaces_no_reply(exported):
    file, _ = exported
    assert stage("label").returncode == 0
    own = Store().query("SELECT * FROM replies ORDER BY key")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    for line in lines:
        line["reply"]["text"] = "another"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    said = stage("cache", "--import", str(file)).stdout
    assert said.startswith("imported 0 replies of replies.jsonl; 64 were there already")
    assert Store().query("SELECT * FROM replies ORDER BY key") == own


def keyed(line, **changes):
    return json.dumps(json.loads(line) | changes)


def replied(line, **changes):
    found = json.loads(line)
    return json.dumps(found | {"reply": found["reply"] | changes})


@pytest.mark.parametrize(
    ("damaged", "fault"),
    [
        (lambda line: line[:40], "not a line of JSON"),
        (lambda _: "[]", "not a line of JSON"),
        (lambda line: keyed(line, key="x"), "key or max_tokens"),
        (lambda line: keyed(line, key=None), "key"),
        (lambda line: keyed(line, max_tokens=0), "key or max_tokens"),
        (lambda line: keyed(line, other=1), "other"),
        (lambda line: replied(line, text=7), r"reply\.text"),
        (lambda line: replied(line, calls=True), r"reply\.calls"),
        (lambda line: replied(line, prompt_tokens=-1), r"reply\.prompt_tokens"),
        (lambda line: replied(line, more=[1]), r"reply\.more"),
        (lambda line: replied(line, logprobs=[["a", {"b": "c"}]]), r"reply\.logprobs"),
        (lambda line: replied(line, error="refused"), r"reply\.error"),
        (lambda line: keyed(line, max_tokens=10**30), "max_tokens"),
        (lambda line: replied(line, calls=2**64), r"reply\.calls"),
        (lambda line: keyed(line, model="half of a pair: \ud83d"), "model"),
        (lambda line: keyed(line, model="\x1b[2J"), "model"),
        (lambda line: replied(line, logprobs=[["a", {"b": float("nan")}]]), r"reply\.logprobs"),
        (lambda line: replied(line, logprobs=[["a", {"b": 10**400}]]), r"reply\.logprobs"),
        (lambda _: "[" * 100_000, "not a line of JSON"),
    ],
)
def test_a_malformed_import_names_the_line_and_adds_nothing(workspace, damaged, fault):
    with serve(echo) as (url, _):
        replies(url, 2)
    file = Path("replies.jsonl")
    transfer.export(Store(), file)
    first, second = file.read_text().splitlines()
    file.write_text(f"{first}\n{damaged(second)}\n")
    store = Store()
    store.prune(0)
    with pytest.raises(InputError, match=rf"replies\.jsonl:2: no cached reply \({fault}\)"):
        transfer.import_(store, file)
    assert store.cache_sizes() == []


def test_a_file_that_is_missing_or_cannot_be_written_is_a_clear_error(workspace):
    with pytest.raises(InputError, match=r"none\.jsonl: cannot be read"):
        transfer.import_(Store(), Path("none.jsonl"))
    with pytest.raises(InputError, match=r"none/replies\.jsonl: cannot be written"):
        transfer.export(Store(), Path("none/replies.jsonl"))
    for folder in (".", "/", ".distill"):
        with pytest.raises(InputError, match=r"Is a directory\); name a file"):
            transfer.export(Store(), Path(folder))


def test_an_export_follows_no_link_that_lies_in_its_way(workspace):
    Path("precious").write_text("kept")
    Path(f".replies.jsonl.{os.getpid()}.tmp").symlink_to("precious")
    with pytest.raises(InputError, match=r"replies\.jsonl: cannot be written \(File exists\)"):
        transfer.export(Store(), Path("replies.jsonl"))
    assert Path("precious").read_text() == "kept"
