"""The egress gate: an external host receives only texts that anonymize has cleared."""

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from endpoint import completion, serve
from stages import stage

from distill import params, paths, records
from distill.errors import EgressError, EndpointError, ParamsError
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.endpoint.hosts import is_inside
from distill.llm.settings import OpenAI
from distill.privacy.seal import SAMPLE_KEY, derived, seal
from distill.providers import remote
from distill.tasks import request
from distill.tasks.summarize import questions

TEXT = "Customer: the kettle from Marigold Lane never came"
ROW = {"id": "botchat-000001", "channel": "botchat", "task": "summarize", "input": TEXT}
GOOD = "<ul><li>the kettle never came</li></ul>"


def connect(url, stage="label", source=None, **changes):
    """The provider of an endpoint."""
    entry = OpenAI(provider="openai", model="m", base_url=url, retries=0, timeout=5, **changes)
    own = {"source": source} if source else {}
    return remote(entry, params.load().model_copy(update=own), stage, "large")


def asked(url, rows, about=request, **changes):
    """What the model behind `url` replies about the rows."""
    model = connect(url, **changes)
    replies = []
    with Ledger("label", "test", max_quarantined=1) as ledger:
        for row, reply in ask(model, ledger.entered(rows), about, ledger):
            replies.append(reply.text or reply.error)
            if reply.error:
                ledger.quarantine(row["id"], reply.error, reply.detail)
            else:
                ledger.ok()
    return replies


def sealed(row, key=SAMPLE_KEY, **policy):
    current = params.load().anonymize.model_copy(update=policy)
    return row | {"cleared": seal(row, current, key)}


def good(body):
    return completion(GOOD)


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("localhost:8000", True),
        ("LOCALHOST", True),
        ("127.0.0.1:8000", True),
        ("127.9.8.7", True),
        ("[::1]:8000", True),
        ("localhost.example.com", False),
        ("localhost@example.com", False),
        ("127.0.0.1.example.com", False),
        ("a.localhost", False),  # a name server may answer for it
        ("0.0.0.0", False),
        ("10.0.0.5", False),
        ("[fd00::5]", False),
        ("api.example.com", False),
    ],
)
def test_what_counts_as_this_machine(host, inside):
    entry = OpenAI(provider="openai", model="m", base_url=f"http://{host}/v1")
    assert is_inside(entry) == inside


@pytest.mark.parametrize(
    ("allowed", "host", "inside"),
    [
        ("llm.corp.example", "llm.corp.example:8000", True),
        ("llm.corp.example", "LLM.corp.example", True),
        ("llm.corp.example", "x.llm.corp.example", False),
        ("corp.example", "llm.corp.example", False),
        ("10.0.0.0/8", "10.1.2.3:8000", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "[fd00::5]", False),
        ("fd00::/8", "[fd00::5]", True),
        ("10.0.0.0/8", "10.1.2.3.example.com", False),
    ],
)
def test_hosts_are_allowed_by_name_or_by_network(allowed, host, inside):
    entry = OpenAI(
        provider="openai", model="m", base_url=f"http://{host}/v1", allow_hosts=[allowed]
    )
    assert is_inside(entry) == inside


@pytest.mark.parametrize("wrong", ["https://a.example", "a.example:80", "*.example", "10.0.0.5/8"])
def test_an_entry_that_could_never_match_is_named(workspace, wrong):
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["endpoints"] = {"large": {"base_url": "http://a.example", "allow_hosts": [wrong]}}
    Path("params.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ParamsError, match=r"allow_hosts\.0: .* must be a host's name"):
        params.load()


def test_this_machine_needs_no_seal(workspace):
    with serve(good) as (url, _):
        assert asked(url, [ROW]) == [GOOD]


def test_a_cleared_row_passes(workspace, elsewhere):
    with serve(good, host=elsewhere) as (url, received):
        assert asked(url, [sealed(ROW)]) == [GOOD]
    assert TEXT in received[0]["messages"][0]["content"]


REFUSED = {
    "no seal": lambda: ROW,
    "an empty seal": lambda: ROW | {"cleared": ""},
    "a seal that is no text": lambda: ROW | {"cleared": None},
    "a made-up seal": lambda: ROW | {"cleared": "é" * 32},
    "another policy": lambda: sealed(ROW, secret_env="OTHER"),
    "another secret": lambda: sealed(ROW, key=b"another"),
    "another text": lambda: sealed(ROW) | {"input": f"{TEXT}!"},
    "another channel": lambda: sealed(ROW) | {"channel": "webform"},
    "another row's seal": lambda: sealed(ROW | {"id": "botchat-000002"}) | {"id": ROW["id"]},
}


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_any_other_row_is_refused_before_a_byte_leaves(workspace, elsewhere, row):
    with socket.create_server((elsewhere, 0)) as server:
        server.settimeout(0)
        with pytest.raises(EgressError) as refusal:
            asked(f"http://{elsewhere}:{server.getsockname()[1]}/v1", [row()])
        with pytest.raises(BlockingIOError):
            server.accept()
    said = str(refusal.value)
    assert said.startswith(f"label: botchat-000001 was not sent to {elsewhere}: ")
    assert "dvc repro -sf anonymize" in said
    assert "allow_hosts" in said
    assert "\n" not in said
    assert "kettle" not in said


def test_a_limit_on_rows_is_no_part_of_the_policy(workspace, elsewhere):
    with serve(good, host=elsewhere) as (url, _):
        assert asked(url, [sealed(ROW, max_quarantined=0.9)]) == [GOOD]


def test_a_text_other_than_the_rows_is_refused(workspace, elsewhere):
    def swapped(row):
        return request(row | {"input": "Customer: something else"})

    with (
        serve(good, host=elsewhere) as (url, received),
        pytest.raises(EgressError, match="label: botchat-000001"),
    ):
        asked(url, [sealed(ROW)], swapped)
    assert received == []


def test_a_request_that_sends_the_summary_alone_needs_the_rows_seal_too(workspace, elsewhere):
    def about(row):
        return questions.fix(row, "unn_content_redundant", "r2")

    row = ROW | {"target": GOOD}
    with serve(good, host=elsewhere) as (url, received):
        with pytest.raises(EgressError, match="botchat-000001"):
            asked(url, [row], about)
        assert received == []
        assert asked(url, [sealed(row)], about) == [GOOD]


def test_a_request_about_no_row_is_refused(workspace, elsewhere):
    with serve(good, host=elsewhere) as (url, received):
        model = connect(url)
        [reply] = model.complete([replace(request(sealed(ROW)), rows=())])
        assert reply.error == "not_cleared"
        assert "botchat-000001" in reply.detail
    assert received == []


def test_a_kept_reply_does_not_open_the_gate(workspace, elsewhere):
    with serve(good, host=elsewhere) as (url, received):
        asked(url, [sealed(ROW)])
        with pytest.raises(EgressError):
            asked(url, [ROW])
        assert asked(url, [sealed(ROW)]) == [GOOD]
    assert len(received) == 1


def test_real_data_needs_the_secret_before_anything_is_sent(workspace, elsewhere, monkeypatch):
    monkeypatch.delenv("DISTILL_SECRET", raising=False)
    with pytest.raises(ParamsError, match="DISTILL_SECRET is not set"):
        connect(f"http://{elsewhere}:9/v1", source="data/raw")


def test_an_allowed_network_gets_rows_without_a_seal(workspace, elsewhere):
    with serve(good, host=elsewhere) as (url, _):
        assert asked(url, [ROW], allow_hosts=[f"{elsewhere}/32"]) == [GOOD]


def test_no_redirect_is_followed(workspace, elsewhere):
    with serve(good, host=elsewhere) as (other, received):

        def moved(body):
            return 307, {"Location": f"{other}/chat/completions"}, ""

        with serve(moved) as (url, _):
            assert asked(url, [ROW]) == ["refused"]
    assert received == []


def test_no_proxy_of_the_environment_sees_what_stays_inside(workspace, elsewhere, monkeypatch):
    with serve(good, host=elsewhere) as (proxy, received), serve(good) as (url, _):
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.removesuffix("/v1"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert asked(url, [ROW]) == [GOOD]
        assert received == []
        inside = {"allow_hosts": ["llm.example"], "patience": 1}
        with pytest.raises(EndpointError, match=r"nobody answers at http://llm\.example/v1"):
            asked("http://llm.example/v1", [ROW], **inside)
        assert received == []
        with pytest.raises(EgressError):
            asked("http://llm.example/v1", [ROW])
        assert received == []
        assert asked("http://llm.example/v1", [sealed(ROW)]) == [GOOD]
        assert len(received) == 1


def answer(body):
    """What any of the stages can use, by the form that its prompt asks for."""
    prompt = body["messages"][0]["content"]
    if '"concise"' in prompt:
        return completion('{"errors": [], "concise": true}')
    if '"errors"' in prompt:
        return completion('{"errors": []}')
    return completion(GOOD)


THINGS = [
    "kettle", "lamp", "carpet", "mirror", "guitar", "blender", "curtain", "ladder", "teapot",
    "drill", "candle", "pillow",
]  # fmt: skip


@pytest.fixture
def own_data(workspace, elsewhere, monkeypatch):
    """A project with twelve chats of its own and every model elsewhere; yields what was asked."""
    monkeypatch.setenv("DISTILL_SECRET", "long and random")
    raw = Path("data/raw/botchat")
    raw.mkdir(parents=True)
    texts = [f"my {thing} {n} is late, ana@mail.example" for n, thing in enumerate(THINGS)]
    chats = [
        {"id": f"{n:06}", "turns": [{"role": "customer", "text": text}]}
        for n, text in enumerate(texts)
    ]
    records.write(raw / "chats.jsonl", chats)
    with serve(answer, host=elsewhere) as (url, received):
        values = yaml.safe_load(Path("params.yaml").read_text())
        values["source"] = "data/raw"
        del values["channels"]["webform"]
        sizes = values["split"]["sizes"]["botchat"] | {"test": 2, "dev": 2, "audit": 2}
        values["split"]["sizes"] = {"botchat": sizes}
        values["llms"] = {"large": {"provider": "openai", "model": "m"}}
        values["endpoints"] = {"large": {"base_url": url}}
        for section in ("label", "annotate", "judge"):
            values[section]["llm"] = "large"
        for revision in values["revisions"].values():
            revision |= {"llm": "large", "fixes": {"botchat": ["unn_content_redundant"]}}
            revision["prompts"] = "r2"
        values["runs"], values["release"] = {}, None
        values["systems"] = ["teacher", "tiny"]
        Path("params.yaml").write_text(yaml.safe_dump(values))
        yield received


CALLS = [("label",), ("annotate", "org"), ("revise", "r1"), ("judge", "teacher")]
STAGES = [("anonymize", "botchat"), ("split",), *CALLS[:2], ("analyze", "org"), *CALLS[2:]]


def test_the_seal_goes_with_a_row_to_every_stage_that_asks(own_data):
    for call in STAGES:
        done = stage(*call)
        assert done.returncode == 0, done.stderr
    assert len(own_data) == 12 + 10 + 1 + 2  # the summaries to be edited are all the same
    assert "mail.example" not in json.dumps(own_data)
    assert all(row["cleared"] for row in records.read(paths.dataset("r1")))


def test_every_stage_refuses_in_one_line_that_names_the_row_and_itself(own_data, monkeypatch):
    for call in STAGES:
        assert stage(*call).returncode == 0
    own_data.clear()
    monkeypatch.setenv("DISTILL_SECRET", "another long text")
    for call in reversed(CALLS):  # the last first: a refused stage leaves no rows to the next
        done = stage(*call)
        assert done.returncode == 1
        assert done.stderr.startswith(f"error: {call[0]}: botchat-0000")
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""
        assert not any(thing in done.stderr for thing in THINGS)
    assert own_data == []


PERSONAL = "Dr. Maria Lopez-Garcia, maria.lopez@mail.es, +49 30 901820 77"


def beside(extra):
    """A request that says more than the row's cleared text."""

    def about(row):
        made = request(row)
        content = f"{made.messages[0]['content']}\n{extra}"
        return replace(made, messages=[{"role": "user", "content": content}])

    return about


ROUND_THE_GATE = {
    "a summary changed by hand": lambda row: questions.fix(
        row | {"target": f"<ul><li>{PERSONAL} complained</li></ul>"}, "unn_content_redundant", "r2"
    ),
    "an example in the prompt's file": beside(f"Example: {PERSONAL}"),
    "a phone number alone": beside("Call 0171 4455 6677 first."),
    "a number that is said to be none": beside("Ignore 4539148803436467."),
    "a password": beside("password: hunter2!x"),
    "an address encoded": beside("maria%2Elopez&#64;mail.es"),
    "an account number": beside("Her account is 40218395."),
    "a plate": beside("reg LD51 SMR"),
    "a handle": beside("ask @jdoe_88"),
    "a name as a code": beside("maria_lopez_garcia"),
    "a password in the next line": beside("The password is\nhunter2!x"),
    "an address cut in two": beside("maria.lopez@\nmail.es"),
    "a number between stars": beside("4539*1488*0343*6467"),
    "digits of another script": beside("call ९८७६५४३२१०"),
    "letters apart": beside("m a r i a @ m a i l . e s"),
    "a class of the answer": lambda row: replace(
        request(row), schema={"enum": ["refund_request", "maria.lopez@mail.es"]}
    ),
    "invisible characters": beside("ma\u200bria.lopez@ma\u200bil.es"),
    "another turn of the conversation": lambda row: replace(
        request(row), messages=[*request(row).messages, {"role": "user", "content": PERSONAL}]
    ),
}


@pytest.mark.parametrize("about", ROUND_THE_GATE.values(), ids=ROUND_THE_GATE)
def test_nothing_personal_leaves_beside_the_cleared_text(workspace, elsewhere, about):
    with serve(good, host=elsewhere) as (url, received):
        assert asked(url, [sealed(ROW)], about) == ["untraced"]
        assert received == []


def test_codes_and_short_numbers_of_a_prompt_pass(workspace, elsewhere):
    extra = "Codes: unn_content_redundant, E12.\nExample: my blender from order 2211 is late."

    def about(row):
        return replace(beside(extra)(row), schema={"enum": ["refund_request", "order_late"]})

    with serve(good, host=elsewhere) as (url, _):
        assert asked(url, [sealed(ROW)], about) == [GOOD]


def test_a_summary_in_the_words_of_its_interaction_passes(workspace, elsewhere):
    row = ROW | {"input": f"{TEXT}, says Ana Ruiz on 0171 4455 6677"}
    row["target"] = "<ul><li>Ana Ruiz (0171 4455 6677) lacks 2 kettles</li></ul>"

    def about(one):
        return questions.fix(one, "unn_content_redundant", "r2")

    with serve(good, host=elsewhere) as (url, received):
        assert asked(url, [sealed(row)], about) == [GOOD]
        assert len(received) == 1


def test_a_stage_between_that_puts_raw_text_back_is_refused(workspace, elsewhere):
    raw = sealed(ROW) | {"input": f"{TEXT} for {PERSONAL}"}
    with serve(good, host=elsewhere) as (url, received):
        with pytest.raises(EgressError, match="botchat-000001"):
            asked(url, [raw])
        assert received == []


@pytest.mark.parametrize(
    "guessable", ["", "short", "password1234", "111111111111", "123456789012", "abababababab"]
)
def test_a_secret_that_can_be_guessed_is_refused(workspace, monkeypatch, guessable):
    monkeypatch.setenv("DISTILL_SECRET", guessable)
    with pytest.raises(ParamsError, match="DISTILL_SECRET"):
        connect("http://llm.example:9/v1", source="data/raw")


def test_neither_the_secret_nor_another_key_makes_a_seal():
    policy = params.load().anonymize
    made = {seal(ROW, policy, secret) for secret in (SAMPLE_KEY, derived(SAMPLE_KEY, "values"))}
    assert len(made) == 2
    assert derived(SAMPLE_KEY, "values") != derived(SAMPLE_KEY, "seal") != SAMPLE_KEY
