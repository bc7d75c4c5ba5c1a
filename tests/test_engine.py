"""A function goes over rows in order, in one process or on all cores."""

import multiprocessing
import os

import pytest

from distill import engine
from distill.engine import in_parallel


@pytest.fixture(params=["spawn", "fork"])
def few_are_many(request, monkeypatch):
    """Four rows and more go to all cores; spawn, the default of macOS, shares no memory."""
    before = multiprocessing.get_start_method()
    monkeypatch.setattr(engine, "MANY", 3)
    multiprocessing.set_start_method(request.param, force=True)
    yield
    multiprocessing.set_start_method(before, force=True)


def process(_: object) -> int:
    return os.getpid()


def refuse(row: int) -> int:
    if row == 5:
        raise ValueError("row 5")
    return row


def test_results_come_in_the_order_of_the_rows(few_are_many):
    assert list(in_parallel(str.upper, "abcdefgh")) == list("ABCDEFGH")


def test_the_first_rows_are_done_here_and_the_others_elsewhere(few_are_many):
    processes = list(in_parallel(process, range(8)))
    assert set(processes[:3]) == {os.getpid()}
    assert os.getpid() not in processes[3:]


def test_an_exception_of_a_row_is_raised(few_are_many):
    with pytest.raises(ValueError, match="row 5"):
        list(in_parallel(refuse, range(8)))


def test_rows_are_read_as_they_are_needed():
    read = []
    results = in_parallel(str, (read.append(n) or n for n in range(10)))
    assert next(results) == "0"
    assert read == [0]


def test_no_rows_start_no_process():
    assert list(in_parallel(process, [])) == []
