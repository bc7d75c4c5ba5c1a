"""Rows in data/sample that the generator did not write: noticed, never read, never lost."""

import json
import shutil

import pytest
import yaml
from project import Project

import anonymize
import sample
from distill import params, paths, provenance, records
from distill.errors import InputError
from distill.ledger import Ledger

CHATS = paths.SAMPLE / sample.CHATS
FORMS = paths.SAMPLE / sample.FORMS
OWN = {"id": "mine-1", "turns": [{"role": "customer", "text": "I am Ana Ruiz, call 555 0100"}]}


@pytest.fixture
def made(workspace):
    settings = yaml.safe_load((workspace / "params.yaml").read_text())
    settings["sample"] = {"rows": 5}
    (workspace / "params.yaml").write_text(yaml.safe_dump(settings))
    sample.main()
    return workspace


def cleared(channel="botchat"):
    return list(anonymize.cleared(channel, params.load(), Ledger("anonymize", channel)))


def appended():
    with CHATS.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(OWN) + "\n")
    return CHATS


def edited():
    rows = list(records.read(CHATS))
    rows[2]["turns"][0]["text"] = "I am Ana Ruiz"
    records.write(CHATS, rows)
    return CHATS


def replaced():
    records.write(CHATS, [OWN])
    return CHATS


def beside():
    records.write(CHATS.parent / "2026/mine.jsonl", [OWN])
    return CHATS.parent / "2026/mine.jsonl"


def with_the_samples_digests():
    """A file of one's own below the digests of another."""
    records.write(CHATS.parent / "mine/chats.jsonl", [OWN])
    shutil.copy(CHATS.parent / provenance.FILE, CHATS.parent / "mine")
    return CHATS.parent / "mine/chats.jsonl"


def without_digests():
    (CHATS.parent / provenance.FILE).unlink()
    return CHATS


def with_digests_that_are_none():
    (CHATS.parent / provenance.FILE).write_text("[1]")
    return CHATS


WAYS = [
    appended,
    edited,
    replaced,
    beside,
    with_the_samples_digests,
    without_digests,
    with_digests_that_are_none,
]


def test_the_sample_itself_is_anonymized_without_a_secret(made):
    assert len(cleared()) == len(cleared("webform")) == 5
    assert provenance.foreign(paths.SAMPLE, paths.TRUTH) == []


@pytest.mark.parametrize("way", WAYS)
def test_other_rows_are_not_anonymized_with_the_public_key(made, way):
    file = way()
    message = rf"^{file}: not what the stage `sample` wrote.* set source: data/raw in params.yaml"
    with pytest.raises(InputError, match=message):
        cleared()
    assert len(cleared("webform")) == 5


@pytest.mark.parametrize("way", WAYS)
def test_nor_does_the_next_sample_overwrite_them(made, way):
    file = way()
    before = file.read_bytes()
    with pytest.raises(InputError, match=rf"^{file}: not what the stage `sample` wrote"):
        sample.main()
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["agentchat/chats.jsonl", "mine.jsonl", "botchat/b.jsonl.gz"])
def test_files_in_any_other_place_are_noticed_too(made, name):
    records.write(paths.SAMPLE / name, [OWN])
    assert provenance.foreign(paths.SAMPLE, paths.TRUTH) == [paths.SAMPLE / name]


def test_forms_are_told_apart_as_well(made):
    FORMS.write_text(FORMS.read_text().replace("<topic>", "<topic>I am Ana Ruiz. ", 1))
    with pytest.raises(InputError, match=rf"^{FORMS}: "):
        cleared("webform")


def test_several_files_are_one_line(made):
    replaced()
    beside()
    with pytest.raises(InputError, match=r"^data/sample/botchat/2026/mine.jsonl \(and 1 more\): "):
        cleared()


def test_another_seed_replaces_the_sample(made):
    before = CHATS.read_bytes()
    settings = yaml.safe_load((made / "params.yaml").read_text()) | {"seed": 8}
    (made / "params.yaml").write_text(yaml.safe_dump(settings))
    sample.main()
    assert CHATS.read_bytes() != before
    assert len(cleared()) == 5


@pytest.mark.parametrize("calls", range(1, 6))
def test_a_sample_that_was_killed_while_it_wrote_is_no_foreign_one(made, monkeypatch, calls):
    write, left = records._replacing, iter(range(calls))

    def kill(path):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return write(path)

    with monkeypatch.context() as patch:
        patch.setattr(records, "_replacing", kill)
        if calls < 5:
            with pytest.raises(KeyboardInterrupt):
                sample.main()
    sample.main()
    assert len(cleared()) == len(cleared("webform")) == 5


def test_dvc_repro_leaves_them_where_they_are_and_says_what_to_do(tmp_path):
    project = Project(tmp_path)
    project.shrink()
    project.dvc("repro", "sample")
    own = tmp_path / "data/sample/botchat/mine.jsonl"
    own.write_text(json.dumps(OWN) + "\n")
    message, failure = project.refused("repro", "anonymize@botchat")
    assert message.startswith("error: data/sample/botchat/mine.jsonl: not what the stage")
    assert "failed to reproduce 'sample'" in failure
    assert json.loads(own.read_text()) == OWN
    own.unlink()
    project.dvc("repro", "anonymize@botchat")
