"""Who speaks in a turn, in which order, and turns without a text."""

import json
from pathlib import Path

import pytest

from distill import channels
from distill.channels.settings import Turns
from distill.errors import InputError
from distill.ledger import Ledger

ABOVE = Turns(
    format="turns",
    id="id",
    turns="participants.messages",
    role="participants.role",
    text="text",
    roles={"guest": "Customer", "agent": "Agent", "system": None},
)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger("anonymize", "c", 1.0)


def read(folder: Path, ledger: Ledger, *rows: object, **changes: object) -> list[str]:
    (folder / "c").mkdir()
    (folder / "c/chats.json").write_text(json.dumps(rows), encoding="utf-8")
    channel = Turns.model_validate(ABOVE.model_dump() | changes)
    return [row["input"] for row in channels.read(folder, "c", channel, ledger)]


def reasons(ledger: Ledger) -> list[str]:
    return [row["reason"] for row in ledger.quarantined]


def part(role: str | None, *texts: str | None, **more: object) -> dict[str, object]:
    known = {} if role is None else {"role": role}
    return known | {"messages": [{"text": text} for text in texts]} | more


class TestRolesAboveTheTurn:
    def test_a_participant_is_an_object_around_its_messages(self, tmp_path, ledger):
        chat = [
            part("agent", "Good day"),
            part("guest", "Hi", "My lamp broke"),
            part("agent", "Oh"),
        ]
        [found] = read(tmp_path, ledger, {"id": 1, "participants": chat})
        assert found == "Agent: Good day\nCustomer: Hi\nCustomer: My lamp broke\nAgent: Oh"

    def test_the_role_may_stand_deeper_or_several_levels_above(self, tmp_path, ledger):
        inner = [{"log": {"said": [{"text": "Hi"}]}}, {"log": {"said": {"text": "Hello?"}}}]
        sessions = [{"by": {"kind": "guest"}, "blocks": inner}]
        [found] = read(
            tmp_path,
            ledger,
            {"id": 1, "call": {"sessions": sessions}},
            turns="call.sessions.blocks.log.said",
            role="call.sessions.by.kind",
        )
        assert found == "Customer: Hi\nCustomer: Hello?"

    def test_an_object_may_hold_a_single_participant(self, tmp_path, ledger):
        row = {"id": 1, "visitor": part("guest", "Hi"), "staff": part("agent", "Hello")}
        roles = {"guest": "Customer", "null": "Agent"}
        turns = ["visitor.messages", "staff.messages"]
        [found] = read(tmp_path, ledger, row, turns=turns, role="visitor.role", roles=roles)
        assert found == "Customer: Hi\nAgent: Hello"

    def test_a_turns_own_field_of_that_name_wins(self, tmp_path, ledger):
        own = part("agent", "Hi")
        own["messages"].append({"text": "Where is it?", "participants.role": "guest"})
        [found] = read(tmp_path, ledger, {"id": 1, "participants": [own]})
        assert found == "Agent: Hi\nCustomer: Where is it?"

    def test_who_says_nothing_has_no_turn_and_the_dropped_are_dropped(self, tmp_path, ledger):
        silent = [{"role": "agent"}, part("agent"), part("system", "joined")]
        [found] = read(tmp_path, ledger, {"id": 1, "participants": [*silent, part("guest", "Hi")]})
        assert found == "Customer: Hi"

    def test_a_customer_may_be_a_person_above_the_turn(self, tmp_path, ledger):
        chat = [part(None, "Hi", who=55), part(None, "Hello", who=9)]
        row = {"id": 1, "requester": {"id": 55}, "participants": chat}
        changes = {"role": "participants.who", "customer": "requester.id", "roles": {"*": "Agent"}}
        assert read(tmp_path, ledger, row, **changes) == ["Customer: Hi\nAgent: Hello"]

    @pytest.mark.parametrize(
        ("chat", "reason"),
        [
            ([part(None, "Hi")], "missing_field:participants.role"),
            ([part("stranger", "Hi")], "unknown_role"),
            ([{"role": "guest"}], "missing_field:participants.messages"),
            ([{"role": "guest", "messages": "Hi"}], "wrong_type:participants.messages"),
            ([part(["guest"], "Hi")], "wrong_type:participants.role"),
        ],
    )
    def test_a_row_without_them_is_quarantined(self, tmp_path, ledger, chat, reason):
        good = [part("guest", "Hi")]
        rows = [{"id": 1, "participants": chat}, {"id": 2, "participants": good}]
        assert read(tmp_path, ledger, *rows) == ["Customer: Hi"]
        assert reasons(ledger) == [reason]


class TestOrder:
    def chat(self, *times: object) -> dict[str, object]:
        said = [{"text": f"{at}", "at": time} for at, time in enumerate(times)]
        sides = [{"role": "guest", "messages": said[:2]}, {"role": "agent", "messages": said[2:]}]
        return {"id": 1, "participants": sides}

    @pytest.mark.parametrize(
        "times",
        [
            (1, 3.5, 2),
            ("9", "11", "10"),
            ("2026-03-01T09:00:00Z", "2026-03-01T09:02:00Z", "2026-03-01T11:01:00+02:00"),
            ("2026-03-01 09:00", "2026-03-01 10:00", "2026-03-01 09:30:00.250"),
        ],
    )
    def test_turns_of_several_participants_are_merged_by_it(self, tmp_path, ledger, times):
        [found] = read(tmp_path, ledger, self.chat(*times), order="at")
        assert found == "Customer: 0\nAgent: 2\nCustomer: 1"

    def test_turns_with_the_same_keep_the_order_of_the_file(self, tmp_path, ledger):
        [found] = read(tmp_path, ledger, self.chat(5, 5, 5), order="at")
        assert found == "Customer: 0\nCustomer: 1\nAgent: 2"

    @pytest.mark.parametrize("time", [None, True, "nan", "01/02/2026 9 am", [1], 10**400])
    def test_what_is_no_number_and_no_time_is_quarantined(self, tmp_path, ledger, time):
        good = self.chat(1, 2, 3) | {"id": 2}
        assert len(read(tmp_path, ledger, self.chat(1, time, 2), good, order="at")) == 1
        assert reasons(ledger) == ["wrong_type:at"]


class TestTurnsWithoutAText:
    def chat(self, *turns: object, id: int = 1) -> dict[str, object]:
        return {"id": id, "participants": [{"role": "guest", "messages": [*turns]}]}

    @pytest.mark.parametrize(
        "picture",
        [
            {"text": None, "image": "a.png"},
            {"text": "", "image": "a.png"},
            {"image": "a.png"},
            {"text": [{"type": "image_url", "image_url": {"url": "a.png"}}]},
        ],
    )
    def test_a_customers_picture_costs_its_turn_and_is_counted(self, tmp_path, ledger, picture):
        found = read(tmp_path, ledger, self.chat({"text": "See this"}, picture, {"text": "Broken"}))
        assert found == ["Customer: See this\nCustomer: Broken"]
        assert reasons(ledger) == []
        assert ledger.notes == {"customer_turn_without_text": 1}

    def test_of_a_quarantined_chat_none_is_counted(self, tmp_path, ledger):
        silent = self.chat({"text": None}, {"text": None})
        assert read(tmp_path, ledger, silent, self.chat({"text": "Hi"}, id=2)) == ["Customer: Hi"]
        assert reasons(ledger) == ["empty_text"]
        assert not ledger.notes

    def test_the_count_stands_in_the_ledger_and_is_said(
        self, tmp_path, ledger, monkeypatch, capsys
    ):
        monkeypatch.chdir(tmp_path)
        read(tmp_path, ledger, self.chat({"text": "Hi"}, {"text": None}))
        ledger.ok()
        ledger.close()
        counts = json.loads((tmp_path / "data/ledger/anonymize-c.json").read_text())
        assert counts["notes"] == {"customer_turn_without_text": 1}
        assert "left out of usable rows: customer_turn_without_text 1" in capsys.readouterr().err

    def test_a_wrong_name_of_the_field_is_not_taken_for_pictures(self, tmp_path, ledger):
        with pytest.raises(InputError, match=r"no row has the field body"):
            read(tmp_path, ledger, self.chat({"text": "Hi"}), text="body")

    def test_a_text_of_another_type_is_a_fault(self, tmp_path, ledger):
        rows = [self.chat({"text": "Hi"}, {"text": 5}), self.chat({"text": "Hi"}, id=2)]
        assert read(tmp_path, ledger, *rows) == ["Customer: Hi"]
        assert reasons(ledger) == ["wrong_type:text"]
