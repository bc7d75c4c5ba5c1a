"""Concurrent requests with one key share one call, in one process, in several, and after a kill."""

import asyncio
import signal
import subprocess
import sys
import threading
import time

import pytest
from conftest import REPO
from endpoint import echo, model, replies, requests, serve, wait_until

from distill.llm.cache import Cached
from distill.llm.messages import Reply
from distill.llm.settings import OpenAI
from distill.llm.single_flight import SingleFlight
from distill.llm.store import Store

KEY = "0" * 64
CLAIM = f"""
import sys, time
sys.path.insert(0, {str(REPO / "src")!r})
from distill.llm.single_flight import SingleFlight
from distill.llm.store import Store
flights = SingleFlight(Store())
print([flights.claim(key) for key in sys.argv[1:]], flush=True)
time.sleep(60)
"""


@pytest.fixture
def claimant(workspace):
    """Starts processes that claim keys and then sleep."""
    started = []

    def start(*keys):
        command = [sys.executable, "-c", CLAIM, *keys]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1], started[-1].stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


def locks(workspace):
    return list((workspace / ".distill/owners").glob("*.lock"))


def test_a_key_has_one_claim_until_it_is_released(workspace):
    first, second = SingleFlight(Store()), SingleFlight(Store())
    assert first.claim(KEY)
    assert not first.claim(KEY)
    assert not second.claim(KEY)
    assert second.claim("1" * 64)
    first.release(KEY)
    assert second.claim(KEY)


def test_nobody_releases_the_claim_of_another(workspace):
    first, second = SingleFlight(Store()), SingleFlight(Store())
    assert first.claim(KEY)
    second.release(KEY)
    assert not second.claim(KEY)


def test_another_process_waits_and_a_killed_one_holds_no_claim(workspace, claimant):
    other, claims = claimant(KEY, "1" * 64)
    assert claims == "[True, True]"
    own = SingleFlight(Store())
    assert not own.claim(KEY)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert own.claim(KEY)
    assert own.claim("1" * 64)
    assert Store().query("SELECT DISTINCT owner FROM claims") == [(own.owner,)]
    assert len(locks(workspace)) == 1


def test_of_several_heirs_of_a_killed_process_one_gets_the_claim(workspace, claimant):
    other, _ = claimant(KEY)
    other.kill()
    other.wait()
    heirs = [SingleFlight(Store()) for _ in range(4)]
    claimed = []
    threads = [threading.Thread(target=lambda h=h: claimed.append(h.claim(KEY))) for h in heirs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed + [heir.claim(KEY) for heir in heirs]).count(True) == 1


def test_no_lock_file_stays_behind(workspace, claimant):
    own = SingleFlight(Store())
    own.claim(KEY)
    assert len(locks(workspace)) == 1
    own.release(KEY)
    del own
    assert locks(workspace) == []


def test_a_request_whose_claimant_is_killed_goes_on(workspace, claimant):
    with serve(echo) as (url, received):
        provider = model(url, patience=60)
        [key] = [provider.answerer.key(request) for request in requests(1)]
        other, _ = claimant(key)
        found = []
        thread = threading.Thread(target=lambda: found.extend(provider.complete(requests(1))))
        thread.start()
        wait_until(lambda: provider.answerer.waiting == 1)
        assert received == []
        other.kill()
        other.wait()
        thread.join(10)
    assert [reply.text for reply in found] == ["SAY 0."]
    assert len(received) == 1


def test_a_suspended_claimant_is_waited_for_as_long_as_patience_lasts(workspace, claimant):
    with serve(echo) as (url, _):
        provider = model(url, patience=0.5)
        [key] = [provider.answerer.key(request) for request in requests(1)]
        claimant(key)
        began = time.monotonic()
        [reply] = provider.complete(requests(1))
    assert reply.text == "SAY 0."
    assert time.monotonic() - began >= 0.5


def test_two_runs_at_the_same_time_make_each_call_once(workspace):
    found = []
    with serve(echo, latency=0.05) as (url, received):
        runs = [threading.Thread(target=lambda: found.append(replies(url, 40))) for _ in range(2)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    assert [[reply.text for reply in one] for one in found] == [
        [f"SAY {n}." for n in range(40)]
    ] * 2
    assert len(received) == 40
    assert Store().query("SELECT * FROM claims") == []


class Never:
    """A source that does not answer."""

    def note_cache_hit(self):
        pass

    async def answer(self, request):
        await asyncio.sleep(60)
        return Reply()


def test_a_cancelled_request_waits_no_longer_and_holds_no_claim(workspace):
    config = OpenAI(provider="openai", model="m", base_url="http://localhost:9/v1")
    [request] = requests(1)

    async def cancel_all():
        one, other = (Cached(Never(), config, Store()) for _ in range(2))
        asked = [asyncio.ensure_future(cached.answer(request)) for cached in (one, one, other)]
        await asyncio.sleep(0.1)
        assert (one.waiting, other.waiting) == (1, 1)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() for task in asked)
        return one.waiting, other.waiting

    assert asyncio.run(cancel_all()) == (0, 0)
    assert Store().query("SELECT * FROM claims") == []
