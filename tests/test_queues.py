import json

import pytest
from conftest import REPO

from distill import paths, records
from distill.errors import InputError
from distill.params import load
from distill.people import annotations, queues

DEFAULT = load(REPO / "params.yaml")
COMPLAINTS = {f"botchat-{number:06d}" for number in range(0, 400, 10)}


def settings(audit=60, **review):
    channels = {
        name: channel.model_copy(
            update={"sizes": channel.sizes.model_copy(update={"audit": audit})}
        )
        for name, channel in DEFAULT.channels.items()
    }
    changed = {"channels": channels, "annotation": DEFAULT.annotation.model_copy(update=review)}
    return DEFAULT.model_copy(update=changed)


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


def drawn(params, disliked=frozenset()):
    return queues.draw(params, rows(), "audit", set(disliked))


def mark(annotator, row_id, of="org"):
    return {"annotator": annotator, "id": row_id, "of": of, "codes": []}


def test_audit_rows_are_drawn_at_random_as_many_of_each_channel_as_its_size():
    params = settings(audit=60)
    items = drawn(params)
    assert len(items) == len({item.id for item in items}) == 120
    assert {item.id for item in items} <= {row["id"] for row in rows() if row["split"] == "audit"}
    assert items == drawn(params)
    other = params.model_copy(update={"seed": 8})
    assert {item.id for item in items} != {item.id for item in drawn(other)}


def test_everyone_begins_with_the_shared_rows_and_goes_on_in_an_order_of_their_own():
    params = settings(overlap=5)
    items = drawn(params)
    ana, ben = (queues.queue(params, items, name, []).open for name in ("ana", "ben"))
    assert ana[:10] == ben[:10] == tuple(item.id for item in items if item.shared)
    assert set(ana) == set(ben)
    assert ana[10:] != ben[10:]
    together = len(set(ana[10:40]) & set(ben[10:40]))
    assert together < 20  # of 30, so two experts seldom meet


def test_what_one_expert_has_done_the_others_need_not_but_for_the_overlap():
    params = settings(overlap=5)
    items = drawn(params)
    first = queues.queue(params, items, "ana", []).open
    marks = [mark("ana", row_id) for row_id in first[:30]]
    ana, ben, eve = (queues.queue(params, items, name, marks) for name in ("ana", "ben", "eve"))
    assert (ana.total, ana.done, list(ana.own)) == (120, 30, list(first[:30]))
    assert ben.done == 20
    assert set(ben.open) == set(eve.open) == set(first) - set(first[10:30])
    assert queues.queue(params, items, "ben", [mark("ana", first[20], of="r1")]).done == 0


def test_a_summary_that_was_made_anew_is_open_again():
    params = settings()
    items = drawn(params)
    one, two = (item.id for item in items[:2])
    said = [
        mark("ana", one) | {"digest": annotations.digest("<ul><li>Hello.</li></ul>")},
        mark("ana", two) | {"digest": annotations.digest("<ul><li>Hi.</li></ul>")},
    ]
    ana = queues.queue(params, items, "ana", said)
    assert list(ana.own) == [one]
    assert two in ana.open


def test_rows_from_feedback_come_last_and_say_so():
    params = settings(overlap=5, feedback=12)
    items = drawn(params, COMPLAINTS)
    random = {item.id for item in items if item.source is None}
    complained = {item.id for item in items if item.source == "feedback"}
    assert len(complained) == 12
    assert complained <= COMPLAINTS - random
    assert random == {item.id for item in drawn(settings(overlap=5))}  # the draw is not touched
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


def test_of_a_system_its_test_rows_are_drawn(workspace):
    tests = [row | {"split": "test"} for row in rows(3)]
    records.write_shards(paths.split("test"), [
        {key: row[key] for key in ("id", "channel", "split", "input")} for row in tests
    ])  # fmt: skip
    records.write_shards(paths.predictions("tiny"), [
        {"id": row["id"], "channel": row["channel"], "output": row["target"]} for row in tests
    ])  # fmt: skip
    items = queues.load(settings(of="tiny"))
    assert {(item.id, item.text) for item in items} == {
        (row["id"], "Customer: Hello.") for row in tests
    }
