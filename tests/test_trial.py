"""The page Try it: an interaction is anonymized, answered and judged; votes reach the queue."""

import pytest
from runs import NAME, rows

from distill import paths, records
from distill.errors import InputError
from distill.params import load
from distill.people import queues
from distill.privacy.seal import is_cleared, key
from distill.workbench import trial

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries
TEXT = "I am Ana Ruiz, my order 07-11223-45678 never came.\nBot: Let me look."


@pytest.fixture
def params(workspace):
    return load()


def connected(params):
    return lambda system: trial.connect(params, system)


def test_a_pasted_text_is_anonymized_and_sealed(params):
    row = trial.own(TEXT, "botchat", params)
    assert row["input"].startswith("Customer: I am ")
    for value in ("Ana", "Ruiz", "07-11223-45678"):
        assert value not in row["input"]
    assert is_cleared(row, params.anonymize, key(params.anonymize, params.on_sample))
    assert trial.own(TEXT, "botchat", params) == row


def test_an_empty_text_is_refused(params):
    with pytest.raises(InputError, match="the interaction is empty"):
        trial.own(" \n ", "botchat", params)


def test_the_teachers_output_is_judged_with_its_errors(params):
    row = trial.own("I want an agent! My order 07-11223-45678 never came.", "botchat", params)
    found = trial.answer(row, paths.TEACHER, params, connected(params))
    assert found.output.startswith("<ul><li>")
    assert found.fault == ""
    assert found.rating in range(1, 6)
    assert (found.rating == 5) == (found.errors == ())


def test_a_run_answers_as_predict_does_and_rubbish_is_judged_or_said(trained):
    params = load()
    assert NAME in trial.systems(params)
    assert "tiny-org" not in trial.systems(params)  # not trained
    row = rows("test", 1)[0] | {"input": "Customer: my order never came"}
    found = trial.answer(row, NAME, params, connected(params))
    student = trial.connect(params, NAME)
    [reply] = student.complete([trial.tasks.request(row)])
    assert found.output == reply.text


def test_a_thumb_down_draws_the_row_into_the_queue_and_up_takes_it_out(params):
    row = rows("test", 1)[0]
    trial.vote(row, "tiny-r1", "<ul><li>x</li></ul>", "down")
    assert queues.complaints() == {row["id"]}
    trial.vote(row, "tiny-r1", "<ul><li>x</li></ul>", "up")
    assert queues.complaints() == set()
    [saved] = records.read(paths.FEEDBACK / "workbench.jsonl")
    assert (saved["system"], saved["vote"]) == ("tiny-r1", "up")
    with pytest.raises(InputError, match="a vote is up or down"):
        trial.vote(row, "tiny-r1", "", "sideways")


def test_the_page_shows_teacher_and_judge_side_by_side(workspace):
    from streamlit.testing.v1 import AppTest

    records.write_shards(paths.split("test"), rows("test", 2))

    def script():
        from distill.params import load
        from distill.workbench import try_it

        try_it.page(load())

    app = AppTest.from_function(script, default_timeout=60).run()
    assert not app.exception
    assert app.multiselect[0].value == [paths.TEACHER]
    app.button[0].click().run()
    assert not app.exception
    assert [one.value for one in app.subheader] == [paths.TEACHER]
    assert any(one.value.startswith("The judge: ") for one in app.markdown)
    [down] = [one for one in app.button if one.key == "teacher-down"]
    down.click().run()
    assert queues.complaints() == {"botchat-test-000000"}
