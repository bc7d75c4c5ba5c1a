"""A text in production: personal data replaced as the pipeline did, and put back."""

import json

import pytest

from distill.errors import ParamsError, RowError
from distill.params import load
from distill.production import personal

TEXT = (
    "Customer: I am Ana Ruiz, ana.ruiz@mail.example. Where is order 07-11223-45678?\nBot: Hi Ana!"
)
SUMMARY = "<ul><li>{name} asks where order {order} is</li></ul>"


@pytest.fixture
def settings(workspace):
    return load().anonymize


def anonymized(settings, text=TEXT, **options):
    return personal.anonymized(text, settings, on_sample=True, **options)


def test_nothing_personal_is_left_and_each_value_has_its_original(settings):
    seen = anonymized(settings)
    for value in ("Ana", "Ruiz", "ana.ruiz@mail.example", "07-11223-45678"):
        assert value not in seen.text
    assert {"Ana Ruiz", "ana.ruiz@mail.example", "07-11223-45678"} <= set(seen.values.values())
    assert personal.restored(seen.text, seen.values) == TEXT


def test_a_summary_gets_the_customers_own_values_back(settings):
    seen = anonymized(settings)
    made = {original: value for value, original in seen.values.items()}
    summary = SUMMARY.format(name=made["Ana Ruiz"], order=made["07-11223-45678"])
    restored = personal.restored(summary, seen.values)
    assert restored == SUMMARY.format(name="Ana Ruiz", order="07-11223-45678")


def test_a_text_is_anonymized_as_stage_anonymize_does_it(settings, tmp_path):
    from distill.privacy.clearing import Clear
    from distill.privacy.secret import Secret
    from distill.privacy.survey import LookAt, looks, surveyed

    seen = anonymized(settings, id="botchat-000001")
    row = {"id": "botchat-000001", "channel": "botchat", "input": TEXT}
    secret, part = Secret(settings, True), tmp_path / "1.part"
    part.write_bytes(LookAt(settings, secret)([row]))
    clear = Clear(settings, surveyed([part], settings, [], secret), secret, ())
    _, staged = clear([[row, *looks(part)]]).decode().splitlines()
    assert seen.text == json.loads(staged)["input"]


def test_equal_values_of_one_id_are_equal_and_of_another_not(settings):
    assert anonymized(settings, id="a").text == anonymized(settings, id="a").text
    assert anonymized(settings, id="a").text != anonymized(settings, id="b").text


def test_a_value_inside_of_a_word_is_no_value():
    assert personal.restored("Evacole and Eva.", {"Eva": "Ana"}) == "Evacole and Ana."
    assert personal.restored("nothing", {}) == "nothing"


def test_a_mask_that_stands_for_two_values_is_not_put_back(settings):
    masked = settings.model_copy(update={"policy": {"ORDER_NUMBER": "mask", "EMAIL": "mask"}})
    seen = anonymized(masked, "Customer: ana@mail.example or ana.r@mail.example")
    assert "[EMAIL]" not in seen.values


def test_strict_mode_and_a_missing_secret_are_refused(settings, monkeypatch):
    strict = settings.model_copy(update={"mode": "strict"})
    with pytest.raises(ParamsError, match="strict needs a whole channel"):
        anonymized(strict)
    monkeypatch.delenv(settings.secret_env, raising=False)
    with pytest.raises(ParamsError, match="DISTILL_SECRET is not set"):
        personal.anonymized(TEXT, settings)


def test_a_text_that_cannot_be_cleared_is_refused(settings, monkeypatch):
    from distill.privacy import rows
    from distill.privacy.find.detect import Span

    monkeypatch.setattr(rows, "second_look", lambda *_: [Span(0, 4, "PERSON")])
    with pytest.raises(RowError, match="personal_data_left:PERSON; the text must not leave"):
        anonymized(settings)
