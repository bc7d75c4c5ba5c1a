"""Files of the batch API are deleted at the provider once their replies are stored, not before."""

import pytest
from batches import CREATE, serve_batches
from endpoint import echo, requests
from test_batch import model, texts

from distill.errors import BatchError, StoreError
from distill.llm.store import Store

SAID = [f"SAY {n}." for n in range(5)]
OUTPUT = "DELETE /files/output-3"


def partly(body):
    """A server that refuses one row of a batch, so that there is an error file, too."""
    refused = "3" in body["messages"][0]["content"]
    return (500, {}, "busy") if refused else echo(body)


def test_input_output_and_error_file_are_deleted(workspace):
    with serve_batches(echo) as server:
        server.in_batch = partly
        assert texts(model(server.url), requests(5)) == SAID
    assert {file.partition("-")[0] for file in server.files} == {"input", "output", "error"}
    assert server.deleted == server.files.keys()


@pytest.mark.parametrize("status", ["failed", "expired", "cancelled"])
def test_so_are_those_of_a_batch_that_ends_otherwise(workspace, status):
    with serve_batches(echo) as server:
        server.status, server.expire = status, 2
        assert texts(model(server.url), requests(5)) == SAID
    assert server.deleted == server.files.keys()


def test_none_is_before_its_replies_are_in_the_store(workspace):
    found = []

    def look():
        store = Store()
        found.append((sum(size.replies for size in store.cache_sizes()), store.pending_dollars()))
        store.close()

    with serve_batches(echo) as server:
        server.deleting = look
        texts(model(server.url, budget=9, price={"prompt": 1, "completion": 1}), requests(5))
    assert found == [(5, 0.0)] * 2


def test_none_is_where_the_replies_cannot_be_stored(workspace, monkeypatch):
    def full(*_):
        raise StoreError("no space left on the disk")

    with serve_batches(echo) as server:
        server.held = True
        server.faults["GET /batches/batch-2"] = [(401, {}, "")]
        with pytest.raises(BatchError):
            texts(model(server.url), requests(5))
        server.held = False
        with monkeypatch.context() as patch, pytest.raises(StoreError):
            patch.setattr(Store, "put", full)
            texts(model(server.url), requests(5))
        assert not server.deleted
        assert texts(model(server.url), requests(5)) == SAID
        assert server.deleted == server.files.keys()
    assert max(server.prompts().values()) == 1


def test_a_batch_that_is_waited_for_keeps_its_file(workspace):
    with serve_batches(echo) as server:
        server.faults["GET /batches/batch-2"] = [(401, {}, "")]
        with pytest.raises(BatchError):
            texts(model(server.url), requests(5))
    assert not server.deleted


def test_a_file_of_which_the_server_makes_no_batch_is_deleted(workspace):
    with serve_batches(echo) as server:
        server.faults[CREATE] = [(400, {}, '{"error": {"code": "invalid_file"}}')]
        with pytest.raises(BatchError, match="HTTP 400 invalid_file"):
            texts(model(server.url), requests(5))
    assert server.deleted == server.files.keys()


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ((405, {}, "no such method"), "HTTP 405"),
        ((401, {}, '{"error": {"code": "expired_key"}}'), "HTTP 401 expired_key"),
        ((200, {}, '{"id": "output-3", "deleted": false}'), "it does not say that it did"),
        ((200, {}, "<html>hello</html>"), "the response is not one of OpenAI's API"),
        ((503, {}, "busy"), "HTTP 503"),
    ],
)
def test_a_failed_deletion_is_said_and_costs_no_reply(workspace, capsys, response, reason):
    with serve_batches(echo) as server:
        server.faults[OUTPUT] = [response] * 3
        assert texts(model(server.url), requests(5)) == SAID
    assert server.deleted == {"input-1"}
    said = capsys.readouterr().err
    assert f"label: output-3 of a batch may still be at 127.0.0.1 ({reason}" in said
    assert "; delete it there" in said


def test_a_fault_that_passes_is_waited_out_and_a_file_that_is_gone_is_no_fault(workspace, capsys):
    with serve_batches(echo) as server:
        server.faults[OUTPUT] = [(503, {}, "busy"), (429, {"Retry-After": "0.1"}, "")]
        server.faults["DELETE /files/input-1"] = [(404, {}, '{"error": {"code": "not_found"}}')]
        assert texts(model(server.url), requests(5)) == SAID
    assert server.deleted == {"output-3"}
    assert "may still be" not in capsys.readouterr().err


def test_nothing_that_a_server_says_of_a_text_is_repeated(workspace, capsys):
    with serve_batches(echo) as server:
        server.faults[OUTPUT] = [(400, {}, '{"error": {"message": "cannot delete SAY 3."}}')]
        texts(model(server.url), requests(5))
    said = capsys.readouterr().err
    assert "output-3 of a batch may still be" in said
    assert "SAY 3" not in said
