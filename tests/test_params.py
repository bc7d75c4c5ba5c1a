import copy
import shutil
from pathlib import Path

import pytest
import yaml
from conftest import REPO
from dvc.utils.serialize import modify_yaml
from pydantic import ValidationError

from distill.channels.settings import Channel
from distill.errors import ParamsError
from distill.params import load, shared
from distill.validation import Section, invalid

DEFAULT = yaml.safe_load((REPO / "tests/params.yaml").read_text())
REVISION, STUDENT = DEFAULT["revisions"]["r1"], DEFAULT["students"]["tiny"]
RUN = DEFAULT["runs"]["tiny-org"]
FILTERED, ASKED = {"parent": "org"}, {"llm": "rules", "prompts": "summarize"}
EDITED = {"parent": "teacher", "revision": "r1", "llm": "rules", "prompts": "r1"}
DEFAULT |= {"asked": {"told": ASKED}, "edited": {"better": EDITED}}
DEFAULT["systems"] = [*DEFAULT["systems"], "told", "better"]


def changed(keys, value):
    """Return the default params with one value changed; `keys` is its path, with dots."""
    values = copy.deepcopy(DEFAULT)
    *parents, last = keys.split(".")
    section = values
    for key in parents:
        section = section[key]
    section[last] = value
    return values


def with_endpoint():
    """Return the default params with an endpoint named large."""
    values = changed("llms.large", {"provider": "openai", "model": "m"})
    return values | {"endpoints": {"large": {"base_url": "http://localhost:1/v1"}}}


def test_the_default_and_the_profiles_are_valid():
    for path in [REPO / "params.yaml", *(REPO / "profiles").glob("*.yaml")]:
        assert load(path).versions[0] == "org"


@pytest.mark.parametrize(
    ("keys", "value", "problem"),
    [
        ("sead", 7, "sead: unknown key; remove it or correct its spelling"),
        ("students.tiny.lora.rank", 8, "students.tiny.lora.rank: unknown key"),
        ("channels.botchat.turns", {}, "channels.botchat.turns: .*valid string"),
        ("channels.botchat.rolls", {}, "params.yaml: channels.botchat.rolls: unknown key"),
        (
            "channels.botchat.format",
            "csv",
            "channels.botchat.format: must be one of 'turns', 'xml'",
        ),
        ("channels.fax", {}, "channels.fax.format: missing; add it"),
        ("llms.gpt", {"provider": "openai", "url": "x"}, "params.yaml: llms.gpt.model: missing"),
        (
            "llms.gpt",
            {"provider": "openai", "model": "m"},
            "endpoints.gpt: missing; add the connection",
        ),
        ("endpoints.gpt", {"base_url": "http://x"}, "endpoints.gpt: serves no entry of llms"),
        ("release", "tiny-r9", "release: 'tiny-r9' is not under runs; known: tiny-org"),
        ("split.sizes", {}, "split.sizes.botchat: missing; add the rows"),
        ("annotate.splits", [], "annotate.splits: .*at least 1 item"),
        ("revisions.r1.fixes", {}, "revisions.r1.fixes: .*at least 1 item"),
        (
            "revisions.r1.fixes.botchat",
            ["unn_content_requests_agent"] * 2,
            "fixes.botchat: unn_content_requests_agent is listed twice",
        ),
        ("students.tiny.lora.target", 5, "students.tiny.lora.target: .*valid string"),
        ("seed", -1, "params.yaml: seed: .*greater than or equal to 0"),
        (
            "channels.webform.fields.Message",
            "topic[",
            "fields.Message: 'topic\\[' is no path inside",
        ),
        (
            "channels.webform.fields.Message",
            "message/text()",
            "fields.Message: .* is no path inside",
        ),
        ("channels.webform.fields", {"Customer": "name"}, "fields.Customer: is not a valid label"),
        ("channels.webform.fields", {"a: b": "name"}, "fields.a: b: is not a valid label"),
        ("channels.botchat.roles", {"user": "User"}, 'no role maps to "Customer"'),
        ("label.llm", "gpt", "label.llm: 'gpt' is not under llms; known: rules"),
        (
            "students.tiny.predict.endpoint",
            "gpt",
            "students.tiny.predict.endpoint: 'gpt' is not under endpoints; known: none",
        ),
        ("revisions.r1.parent", "r0", "revisions.r1.parent: 'r0' does not exist; known: org"),
        ("revisions.r1.parent", "r2", "revisions.r1.parent: r1 cannot descend from itself"),
        ("revisions.r1.fixes.botchat", ["typo"], "fixes.botchat: 'typo' is not in taxonomy.yaml"),
        (
            "revisions.r1.fixes.email",
            [],
            "fixes.email: is not under channels; known: botchat, webform",
        ),
        (
            "revisions.r1.fixes.webform",
            ["unn_content_requests_agent"],
            "unn_content_requests_agent applies to botchat, agentchat only",
        ),
        (
            "revisions.r1.fixes.webform",
            ["content_order"],
            r"prompts/r1/content_order\.txt does not exist; write the prompt",
        ),
        ("revisions.teacher", REVISION, "revisions.teacher: the name is taken by the teacher"),
        ("revisions.org", REVISION, "revisions.org: the name is taken by the teacher's version"),
        ("students.r1", STUDENT, "students.r1: the name is taken by revisions.r1; choose another"),
        ("runs.teacher", RUN, "runs.teacher: the name is taken by the teacher; choose another one"),
        ("runs.org", RUN, "runs.org: the name is taken by the teacher's version"),
        ("runs.tiny", RUN, "runs.tiny: the name is taken by students.tiny"),
        ("runs.base", RUN, "runs.base: the name is taken by the folder of the unpacked models"),
        ("versions", ["org"], "versions: must list org and all revised and filtered versions: org"),
        (
            "annotation.of",
            "r9",
            "annotation.of: .r9. is neither a version nor a system; known: org, r1",
        ),
        ("filtered.r1", FILTERED, "filtered.r1: the name is taken by revisions.r1; choose another"),
        ("filtered.clean", {"parent": "r9"}, "filtered.clean.parent: 'r9' does not exist; known"),
        ("filtered.clean", {"parent": "clean"}, "clean cannot descend from itself; name another"),
        ("asked.tiny", ASKED, "asked.tiny: the name is taken by students.tiny; choose another one"),
        ("asked.told.llm", "gpt", "asked.told.llm: 'gpt' is not under llms; known: rules"),
        (
            "asked.told.prompts",
            "own",
            r"asked.told.prompts: prompts/own/botchat\.txt does not exist; write the prompt",
        ),
        (
            "asked.told.prompts",
            "judge",
            "asked.told.prompts: has no effect with rules, which know summarize and informed only",
        ),
        (
            "edited.teacher",
            EDITED,
            "edited.teacher: the name is taken by the teacher; choose another one",
        ),
        ("edited.better.parent", "tiny-r9", "edited.better.parent: 'tiny-r9' does not exist; kno"),
        ("edited.better.parent", "better", "better cannot descend from itself; name another"),
        ("edited.better.revision", "r9", "edited.better.revision: 'r9' is not under revisions"),
        ("edited.better.llm", "gpt", "edited.better.llm: must be 'rules', as in revisions.r1"),
        ("edited.better.prompts", "r2", "edited.better.prompts: must be 'r1', as in revisions.r1"),
        (
            "revisions.r1.only_flagged",
            True,
            "edited.better.revision: r1 edits rows with a finding, and nobody annotates test rows",
        ),
        ("annotation.overlap", -1, "annotation.overlap: .*greater than or equal to 0"),
        (
            "systems",
            ["teacher"],
            "systems: must list the teacher, all asked and edited systems, eve",
        ),
        ("runs.tiny-org.version", "r9", "runs.tiny-org.version: 'r9' is not under versions"),
        ("runs.tiny-org.student", "big", "runs.tiny-org.student: 'big' is not under students"),
        (
            "runs.tiny-r1.phases",
            [["botchat"] * 2],
            "tiny-r1.phases: 'botchat' is listed twice in one",
        ),
        ("runs.tiny-org.phases", [["fax"]], "runs.tiny-org.phases: 'fax' is not under channels"),
        ("runs.a/b", {"student": "tiny", "version": "org"}, "runs.a/b: 'a/b' must be made of a-z"),
        ("anonymize.max_quarantined", 2, "anonymize.max_quarantined: .*less than or equal to 1"),
        ("anonymize.policy", {"SHOE": "keep"}, "anonymize.policy: unknown type 'SHOE'; known: PE"),
        ("anonymize.policy", {"PERSON": "hide"}, "anonymize.policy.PERSON: .*'replace', 'keep'"),
        ("costs.prices", {"gpt": {"prompt": 1, "completion": 2}}, "costs.prices.gpt: is not under"),
        ("costs.prices", {"rules": {"prompt": 1}}, "costs.prices.rules.completion: missing; add"),
        ("costs.budget", -1, "costs.budget: .*greater than or equal to 0"),
        ("anonymize.ner", "bert", "anonymize.ner: 'bert' must be one of spacy, transformers"),
    ],
)
def test_an_invalid_key_is_reported(workspace, keys, value, problem):
    (workspace / "params.yaml").write_text(yaml.safe_dump(changed(keys, value)))
    with pytest.raises(ParamsError, match=problem):
        load()


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("id", "message-id", "id: unknown key"),
        ("fields", {}, "fields: .*at least 1 item"),
        ("fields", {"From": "from:"}, "fields.From: .*match pattern"),
        ("fields", {"Message": "subject"}, "fields.Message: is a reserved label"),
        ("quoted", "hide", "quoted: .*'keep' or 'drop'"),
    ],
)
def test_an_invalid_key_of_an_email_channel_is_reported(workspace, key, value, problem):
    email = {"format": "email", "fields": {"From": "from"}}
    values = changed("channels.email", email)
    values["split"]["sizes"]["email"] = values["split"]["sizes"]["botchat"]
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    assert load().channels["email"].quoted == "drop"
    values["channels"]["email"] = email | {key: value}
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ParamsError, match=rf"channels\.email\.{problem}"):
        load()


@pytest.mark.parametrize(
    ("prompt", "text", "problem"),
    [
        ("summarize/botchat", None, r"channels\.botchat: .*summarize/botchat\.txt does not exist"),
        ("judge/webform", None, r"channels\.webform: .*judge/webform\.txt does not exist"),
        ("annotate", "$codes $text", r"annotate: .*annotate\.txt: \$summary is missing"),
        (
            "summarize/botchat",
            "Summarize.",
            r"summarize/botchat\.txt: \$text is missing; add it",
        ),
        (
            "judge/botchat",
            "$tekst",
            r"judge/botchat\.txt: unknown placeholder \$tekst; known: \$codes",
        ),
        (
            "r2/unn_content_redundant",
            "Cut.",
            r"fixes\.botchat: .*redundant\.txt: \$summary is missing",
        ),
        ("r2/unn_content_redundant", "$interaction", r"\$summary is missing; add it"),
        (
            "r2/unn_content_redundant",
            "$summary $interaction $text",
            r"unknown placeholder \$text; known: \$summary, \$interaction",
        ),
        (
            "r2/unn_content_redundant",
            "$5 $summary",
            r"redundant\.txt: a \$ starts no .*write \$\$ for a",
        ),
    ],
)
def test_a_prompt_with_wrong_placeholders_is_reported(workspace, prompt, text, problem):
    path = workspace / f"prompts/{prompt}.txt"
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    with pytest.raises(ParamsError, match=rf"^params\.yaml: .*{problem}"):
        load()


@pytest.mark.parametrize("section", ["judge", "split"])
def test_a_missing_section_is_reported(workspace, section):
    values = {key: value for key, value in DEFAULT.items() if key != section}
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ParamsError, match=f"{section}: missing; add it"):
        load()


def test_a_budget_needs_the_price_of_every_endpoint(workspace):
    values = with_endpoint() | {"costs": {"budget": 5}}
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ParamsError, match=r"costs\.prices\.large: missing; a budget needs every"):
        load()


def test_all_errors_are_reported_at_once(workspace):
    values = changed("revisions.r1.parent", "r0") | {"systems": ["teacher"]}
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ParamsError) as failure:
        load()
    first, second = str(failure.value).splitlines()
    assert first.startswith("params.yaml: revisions.r1.parent: ")
    assert second.startswith("params.yaml: systems: must list")


def test_only_flagged_needs_a_source_of_findings_in_train_rows(workspace):
    values = changed("revisions.r1.only_flagged", True)
    values["annotate"]["splits"] = ["audit"]
    values["revisions"]["r1"]["fixes"] = {"botchat": ["content_missing"]}
    (workspace / "prompts/r1/content_missing.txt").write_text("$summary")
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ParamsError, match="only_flagged: edits no train row for content_missing"):
        load()


@pytest.mark.parametrize(
    ("codes", "fault"),
    [
        (["content_other", "unn_other"], "'unn_other' is no code with a check; known: content_"),
        (["content_other", "content_other"], "content_other is listed twice; list it once"),
    ],
)
def test_the_codes_of_analyze_have_checks(workspace, codes, fault):
    (workspace / "params.yaml").write_text(yaml.safe_dump(changed("analyze.checks", codes)))
    with pytest.raises(ParamsError, match=rf"params\.yaml: analyze\.checks: {fault}"):
        load()


def test_the_shared_sections_can_be_read_from_another_methods_file(workspace):
    values = changed("rounds", {"e1": {"parent": "org"}})
    (workspace / "evokd.yaml").write_text(yaml.safe_dump(values))
    assert shared(workspace / "evokd.yaml").runs["tiny-org"].student == "tiny"
    values["students"]["tiny"]["lora"]["rank"] = 8
    (workspace / "evokd.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ParamsError, match=r"evokd\.yaml: students\.tiny\.lora\.rank: unknown"):
        shared(workspace / "evokd.yaml")


def test_changing_a_parameter_by_dvc_changes_one_line_of_the_file(workspace):
    for path in [REPO / "params.yaml", *(REPO / "profiles").glob("*.yaml")]:
        shutil.copy(path, workspace / "params.yaml")
        before = path.read_text().splitlines()
        with modify_yaml(workspace / "params.yaml") as values:
            next(iter(values["students"].values()))["lora"]["r"] = 16
        after = (workspace / "params.yaml").read_text().splitlines()
        assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_the_tag_of_a_union_is_not_part_of_a_key_in_any_section():
    class Method(Section):
        sources: dict[str, Channel]

    with pytest.raises(ValidationError) as raised:
        Method.model_validate({"sources": {"chat": {"format": "turns", "rolls": {}}}})
    error = invalid(Path("evokd.yaml"), raised.value, Method)
    assert "evokd.yaml: sources.chat.rolls: unknown key; remove it or correct" in str(error)


@pytest.mark.parametrize("content", [b"", b"a: [", b"\xff", b"- 1"])
def test_a_file_that_is_not_a_map_is_reported(workspace, content):
    (workspace / "params.yaml").write_bytes(content)
    with pytest.raises(ParamsError, match=r"params\.yaml"):
        load()
