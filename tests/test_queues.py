import json
from collections import Counter

import pytest

from distill import paths, records
from distill.errors import InputError
from distill.people import annotations, queues
from distill.people.queues import Sampling
from distill.people.settings import Annotation

COMPLAINTS = {f"botchat-{number:06d}" for number in range(0, 400, 10)}


def sampling(audit=60, seed=7, **settings):
    sizes = {"botchat": audit, "webform": audit}
    given = Annotation(**{"of": "org", "overlap": 20} | settings)
    return Sampling(given, {"org", "r1"}, sizes, seed)


def rows(count=400):
    return [
        {
            "id": f"{channel}-{number:06d}",
            "channel": channel,
            "split": "audit" if number % 4 == 0 else "train",
            "input": "Customer: Hello.",
            "target": "<ul><li>Hello.</li></ul>",
        }
        for channel in ("botchat", "webform")
        for number in range(count)
    ]


def sampled(plan, disliked=frozenset()):
    return queues.mixed(plan, [queues.sampled(plan, "org", rows(), "audit", disliked)])


def annotation(annotator, key, of=None):
    of, row_id = of or key[0], key[1]
    return {"annotator": annotator, "id": row_id, "of": of, "codes": []}


def test_audit_rows_are_sampled_at_random_as_many_of_each_channel_as_its_size():
    plan = sampling(audit=60)
    items = sampled(plan)
    assert len(items) == len({item.id for item in items}) == 120
    assert {item.id for item in items} <= {row["id"] for row in rows() if row["split"] == "audit"}
    assert items == sampled(plan)
    other = sampling(audit=60, seed=8)
    assert {item.id for item in items} != {item.id for item in sampled(other)}


def test_everyone_begins_with_the_shared_rows_and_goes_on_in_an_order_of_their_own():
    plan = sampling(overlap=5)
    items = sampled(plan)
    ana, ben = (queues.queue(plan, items, name, []).open for name in ("ana", "ben"))
    assert ana[:10] == ben[:10] == tuple(item.key for item in items if item.shared)
    assert set(ana) == set(ben)
    assert ana[10:] != ben[10:]
    together = len(set(ana[10:40]) & set(ben[10:40]))
    assert together < 20  # of 30, so two experts seldom meet


def test_what_one_expert_has_done_the_others_need_not_but_for_the_overlap():
    plan = sampling(overlap=5)
    items = sampled(plan)
    first = queues.queue(plan, items, "ana", []).open
    annotated = [annotation("ana", key) for key in first[:30]]
    ana, ben, eve = (queues.queue(plan, items, name, annotated) for name in ("ana", "ben", "eve"))
    assert (ana.total, ana.done, list(ana.own)) == (120, 30, list(first[:30]))
    assert ben.done == 20
    assert set(ben.open) == set(eve.open) == set(first) - set(first[10:30])
    assert queues.queue(plan, items, "ben", [annotation("ana", first[20], of="r1")]).done == 0


def test_a_summary_that_has_changed_is_open_again():
    plan = sampling()
    items = sampled(plan)
    one, two = (item.key for item in items[:2])
    annotated = [
        annotation("ana", one) | {"digest": annotations.digest("<ul><li>Hello.</li></ul>")},
        annotation("ana", two) | {"digest": annotations.digest("<ul><li>Hi.</li></ul>")},
    ]
    ana = queues.queue(plan, items, "ana", annotated)
    assert list(ana.own) == [one]
    assert two in ana.open


def test_rows_from_feedback_come_last_and_say_so():
    plan = sampling(overlap=5, feedback=12)
    items = sampled(plan, COMPLAINTS)
    random = {item.id for item in items if item.source is None}
    complained = {item.id for item in items if item.source == "feedback"}
    assert len(complained) == 12
    assert complained <= COMPLAINTS - random
    assert random == {item.id for item in sampled(sampling(overlap=5))}  # the sample is the same
    assert not any(item.shared for item in items if item.source)


def test_a_vote_counts_as_it_was_last_given(tmp_path):
    votes = [("a", "down"), ("b", "down"), ("b", "up"), ("c", "up")]
    records.write(tmp_path / "votes.jsonl", [{"id": one, "vote": vote} for one, vote in votes])
    assert queues.complaints(tmp_path) == {"a"}
    assert queues.complaints(tmp_path / "none") == set()


@pytest.mark.parametrize("line", [{"id": "a", "vote": "meh"}, {"vote": "down"}])
def test_a_vote_that_is_none_is_named_with_its_line(tmp_path, line):
    (tmp_path / "votes.jsonl").write_text('{"id": "a", "vote": "up"}\n' + json.dumps(line))
    with pytest.raises(InputError, match=r"votes\.jsonl:2: expected .*; correct it"):
        queues.complaints(tmp_path)


def lay_out_tests():
    tests = [row | {"split": "test"} for row in rows(3)]
    records.write_shards(paths.split("test"), [
        {key: row[key] for key in ("id", "channel", "split", "input")} for row in tests
    ])  # fmt: skip
    records.write_shards(paths.predictions("tiny"), [
        {"id": row["id"], "channel": row["channel"], "output": row["target"]} for row in tests
    ])  # fmt: skip
    return tests


def test_of_a_system_its_test_rows_are_sampled(workspace):
    tests = lay_out_tests()
    items = queues.load(sampling(of="tiny"))
    assert {(item.id, item.text) for item in items} == {
        (row["id"], "Customer: Hello.") for row in tests
    }


def test_versions_and_systems_are_mixed_and_nothing_tells_which_is_which(workspace):
    lay_out_tests()
    records.write_shards(paths.dataset("org"), rows())
    plan = sampling(audit=3, of=["org", "tiny"], overlap=3)
    items = queues.load(plan)
    drawn = Counter((item.of, item.channel, item.shared) for item in items)
    channels = ("botchat", "webform")
    assert all(drawn["org", channel, True] == 2 for channel in channels)  # of 3, the rest as well
    assert all(drawn["tiny", channel, True] == 1 for channel in channels)
    assert all(
        drawn[of, c, True] + drawn[of, c, False] == 3 for of in plan.settings.of for c in channels
    )
    sources = [of for of, _ in queues.queue(plan, items, "ana", []).open]
    assert sources != sorted(sources)
    assert sources != sorted(sources, reverse=True)
    assert all(not item.id.endswith(item.handle) and item.of not in item.handle for item in items)
    assert len({item.handle for item in items}) == len(items)


def test_a_system_that_has_written_nothing_yet_comes_later(workspace):
    records.write_shards(paths.dataset("org"), rows())
    plan = sampling(audit=3, of=["org", "tiny"])
    before = queues.load(plan)
    assert {item.of for item in before} == {"org"}
    assert queues.pending(plan) == ["tiny"]
    lay_out_tests()
    after = queues.load(plan)
    assert {item.key for item in before} < {item.key for item in after}
    assert {item.key for item in before if item.shared} <= {
        item.key for item in after if item.shared
    }
    assert queues.pending(plan) == []


def test_one_row_of_two_systems_is_two_summaries():
    plan = sampling(of=["r1", "org"])
    items = queues.mixed(
        plan, [queues.sampled(plan, of, rows(), "audit", ()) for of in ("r1", "org")]
    )
    assert len(items) == 240
    both = [item.key for item in items if item.id == items[0].id]
    assert len(both) == 2
    ana = queues.queue(plan, items, "ana", [annotation("ana", both[0])])
    assert list(ana.own) == [both[0]]
    assert both[1] in ana.open


def test_adjudicated_has_the_rows_on_which_experts_differ():
    plan = sampling()
    items = sampled(plan)
    same, codes, ratings, alone = (item.key for item in items[:4])
    annotated = [
        annotation("ana", same),
        annotation("ben", same),
        annotation("ana", ratings) | {"rating": 4},
        annotation("ben", ratings) | {"rating": 3},
        annotation("ana", codes),
        annotation("ben", codes) | {"codes": ["content_order"]},
        annotation("ana", alone) | {"codes": ["content_order"]},
    ]
    queue = queues.queue(plan, items, annotations.ADJUDICATED, annotated)
    assert queue.open == (codes, ratings)
    done = [*annotated, annotation(annotations.ADJUDICATED, codes)]
    queue = queues.queue(plan, items, annotations.ADJUDICATED, done)
    assert (queue.open, queue.done, queue.total) == ((ratings,), 1, 2)
