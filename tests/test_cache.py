"""Replies are kept: the same request is paid once, another is another, and all of it is shown."""

import gc
import os
import re
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from endpoint import completion, echo, model, replies, requests, said, serve
from stages import PRICES, configure, estimate, keeps, stage, summarized

from distill import paths
from distill.llm.single_flight import asking
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


def test_threads_that_begin_at_the_same_time_hold_the_same_locks(tmp_path, monkeypatch):
    def slow(*arguments, opened=os.open):
        time.sleep(0.2)
        return opened(*arguments)

    monkeypatch.setattr(os, "open", slow)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(asking, [tmp_path / "asking"] * 2)
    assert first.begin("0" * 64)
    assert not second.begin("0" * 64)


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


def test_a_damaged_reply_is_asked_again_and_said_so(workspace, capsys):
    with serve(echo) as (url, received):
        replies(url, 3)
        store = Store()
        with store._using() as db:
            db.execute("UPDATE replies SET reply = replace(reply, 'SAY 1.', 'SAY 9.')")
        again = replies(url, 3)
        assert [reply.text for reply in again] == ["SAY 0.", "SAY 1.", "SAY 2."]
        assert len(received) == 4
        assert "a kept reply is damaged and is asked again" in capsys.readouterr().err
        replies(url, 3)
        assert len(received) == 4


def test_a_damaged_file_is_set_aside_and_said_so(workspace, capsys):
    with serve(echo) as (url, received):
        replies(url, 2)
        path = workspace / ".distill/replies.sqlite"
        gc.collect()  # a connection that is still open would mend the file when it closes
        for file in path.parent.glob("replies.sqlite-*"):
            file.unlink()
        path.write_bytes(b"x" * 5000)
        assert [reply.text for reply in replies(url, 2)] == ["SAY 0.", "SAY 1."]
    assert len(received) == 4
    assert path.with_name("replies.sqlite.damaged").read_bytes() == b"x" * 5000
    assert "replies.sqlite.damaged" in capsys.readouterr().err


def test_a_reply_is_kept_the_moment_it_comes_not_when_its_turn_does(workspace):
    def answer(body):
        if said(body) == "say 0.":
            time.sleep(1)
        return echo(body)

    with serve(answer) as (url, _):
        running = model(url).complete(requests(30))
        thread = threading.Thread(target=next, args=(running,))
        thread.start()
        time.sleep(0.6)
        assert Store().sizes()[0].replies == 29
        thread.join()
        running.close()


def test_replies_unused_for_long_are_forgotten(workspace):
    with serve(echo) as (url, received):
        replies(url, 4)
        store = Store()
        with store._using() as db:
            db.execute("UPDATE replies SET used = used - 40 * 86400")
        replies(url, 1)  # is used again
        assert store.prune(30) == 3
        replies(url, 4)
        assert len(received) == 4 + 3


# --- the commands


def test_kept_replies_and_what_was_spent_are_shown(split):
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
        assert re.match(rf"{old} replies unused for 30 days were forgotten; \S+ had 0\.\d MB", said)
        assert re.search(rf"m +{64 - old} ", said)
        assert stage("label").returncode == 0
    assert len(received) == 64 + old


def test_pruning_makes_the_file_smaller(split):
    with serve(lambda body: completion(f"<ul><li>{'very ' * 2000}</li></ul>")) as (url, _):
        configure(url)
        assert stage("label").returncode == 0
    said = stage("cache", "--prune", "0").stdout
    before, after = map(float, re.search(r"had (\S+) MB and has (\S+) MB", said).groups())
    assert before > 0.5 > after
    assert "No reply is kept" in said
    assert keeps() == 0


def test_of_no_replies_nothing_is_made(workspace):
    done = stage("cache", "--prune", "7")
    assert done.stdout == (
        ".distill/replies.sqlite does not exist: no reply is kept and nothing was spent yet\n"
    )
    assert not paths.replies().exists()
    refused = stage("cache", "--prune", "-1").stderr
    assert refused == "error: --prune -1: days are counted from 0 up\n"
