import json
import sys
from pathlib import Path

import pytest

import labelstudio
from distill import paths, records
from distill.errors import InputError
from distill.people import annotations
from distill.tasks.summarize import format

TOLD = format.render(["My parcel is late", "<b>I</b> want a person"])
CODE = "unn_content_requests_agent"
HOSTILE = "Customer: <script>alert(1)</script> $text **bold** {{1}}"


def row(number, channel="botchat", split="audit", text="Customer: My parcel is late."):
    return {
        "id": f"{channel}-00000{number}",
        "channel": channel,
        "split": split,
        "input": text,
        "target": TOLD,
        "edits": [],
    }


@pytest.fixture
def project(workspace):
    rows = [row(0), row(1, text=HOSTILE), row(2, split="train"), row(3, "webform")]
    records.write_shards(paths.dataset("org"), rows)
    return workspace


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["labelstudio.py", *arguments])
    labelstudio.main()


def exported(monkeypatch, channel="botchat"):
    """The configuration and the tasks that Label Studio is given."""
    run(monkeypatch, "export", "org", channel)
    folder = Path(f"data/labelstudio/org-{channel}")
    return (folder / "config.xml").read_text(), json.loads((folder / "tasks.json").read_text())


def result(name, kind, **value):
    return {"id": name, "from_name": name, "to_name": "summary", "type": kind, "value": value}


def answered(task, number=1, codes=(CODE,), by=1, **more):
    """A task as Label Studio's export as JSON holds it."""
    results = [result("rating", "rating", rating=3), result("note", "textarea", text=["a", "b"])]
    if codes:
        results.append(result("codes", "choices", choices=list(codes)))
    annotation = {
        "id": 70 + number,
        "completed_by": by,
        "result": results,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-11-22T10:00:00.000000Z",
        "updated_at": "2026-11-22T10:00:00.000000Z",
        "lead_time": 12.5,
        **more,
    }
    return {"id": number, **task, "annotations": [annotation], "predictions": [], "drafts": []}


def project_file(tasks, name="project.json"):
    Path(name).write_text(json.dumps(tasks))
    return name


def saved(annotator="ana"):
    path = paths.ANNOTATIONS / f"{annotator}.jsonl"
    return list(records.read(path)) if path.exists() else []


def test_the_audit_rows_of_a_channel_become_tasks(project, monkeypatch):
    _, tasks = exported(monkeypatch)
    assert [task["data"]["id"] for task in tasks] == ["botchat-000000", "botchat-000001"]
    assert tasks[1]["data"] == {
        "id": "botchat-000001",
        "of": "org",
        "channel": "botchat",
        "digest": annotations.digest(TOLD),
        "text": HOSTILE,
        "summary": "• My parcel is late\n• <b>I</b> want a person",
    }


def test_the_configuration_offers_the_channels_codes(project, monkeypatch):
    chats, _ = exported(monkeypatch)
    forms, _ = exported(monkeypatch, "webform")
    assert f'value="{CODE}"' in chats
    assert f'value="{CODE}"' not in forms
    assert "customer_type_missing" in forms


def test_label_studios_own_sdk_takes_configuration_tasks_and_annotations(project, monkeypatch):
    interface = pytest.importorskip("label_studio_sdk.label_interface")
    config, tasks = exported(monkeypatch)
    labels = interface.LabelInterface(config)
    labels.validate()
    for number, task in enumerate(tasks, start=1):
        assert labels.validate_task(task)
        assert labels.validate_annotation(answered(task, number)["annotations"][0])
    wrong = answered(tasks[0], codes=["no_such_code"])["annotations"][0]
    assert not labels.validate_annotation(wrong)


def test_what_people_say_there_comes_back_as_annotations(project, monkeypatch, capsys):
    _, tasks = exported(monkeypatch)
    file = project_file([answered(tasks[0]), answered(tasks[1], 2, codes=())])
    run(monkeypatch, "import", file, "ana")
    rows = list(records.read(paths.dataset("org")))
    digests = {row["id"]: annotations.digest(row["target"]) for row in rows}
    first = {"id": "botchat-000000", "of": "org", "rating": 3, "codes": [CODE], "note": "a\nb"}
    first |= {"digest": digests["botchat-000000"]}
    second = {"id": "botchat-000001", "codes": [], "digest": digests["botchat-000001"]}
    assert saved() == [first, first | second]
    read = next(annotations.read())
    assert read == {**first, "annotator": "ana", "where": "data/annotations/ana.jsonl:1"}
    assert annotations.load("org", rows)["botchat-000000"]["codes"] == [CODE]
    assert "2 annotations imported" in capsys.readouterr().out


def test_skipped_and_unanswered_tasks_are_left_out(project, monkeypatch):
    _, tasks = exported(monkeypatch)
    skipped = answered(tasks[0], was_cancelled=True)
    run(monkeypatch, "import", project_file([skipped, {**tasks[1], "annotations": []}]), "ana")
    assert saved() == []


def test_the_latest_of_a_persons_annotations_counts_and_others_rows_stay(project, monkeypatch):
    other = {"id": "botchat-000009", "of": "r1", "rating": 1, "codes": [], "note": ""}
    records.write(paths.ANNOTATIONS / "ana.jsonl", [other])
    _, tasks = exported(monkeypatch)
    task = answered(tasks[0], updated_at="2026-11-23T00:00:00Z")
    task["annotations"].append(answered(tasks[0], codes=())["annotations"][0])
    for _ in range(2):  # a second import changes nothing
        run(monkeypatch, "import", project_file([task]), "ana")
    assert [one["id"] for one in saved()] == ["botchat-000009", "botchat-000000"]
    assert saved()[1]["codes"] == [CODE]


def test_of_several_people_one_is_named(project, monkeypatch):
    _, tasks = exported(monkeypatch)
    ana, ben = {"id": 1, "email": "ana@example.org"}, {"id": 2, "email": "ben@example.org"}
    file = project_file([answered(tasks[0], by=ana), answered(tasks[1], 2, by=ben)])
    with pytest.raises(InputError, match=r"ana@example\.org, ben@example\.org; name one with --by"):
        run(monkeypatch, "import", file, "ben")
    run(monkeypatch, "import", file, "ben", "--by", "ben@example.org")
    assert [one["id"] for one in saved("ben")] == ["botchat-000001"]


def older(task):
    """A task as versions before 1.0 export it."""
    return {**task, "completions": task.pop("annotations")}


def related(task):
    """A task of which somebody joined two results."""
    task["annotations"][0]["result"].append({"type": "relation", "from_id": "a", "to_id": "b"})
    return task


def rated_twice(task):
    """A task with a second rating that says nothing."""
    task["annotations"][0]["result"].append(result("rating", "rating", rating=None))
    return task


def with_value(name, **value):
    """A change of what one control says."""

    def changed(task):
        for one in task["annotations"][0]["result"]:
            if one["from_name"] == name:
                one["value"] = value or None
        return task

    return changed


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (with_value("rating", rating=3.0), {"rating": 3}),
        (with_value("rating", rating=None), {"rating": None}),
        (with_value("rating"), {"rating": None}),
        (with_value("note", text="one line"), {"note": "one line"}),
        (with_value("note", text=None), {"note": ""}),
        (with_value("note", text=["a", None]), {"note": "a"}),
        (with_value("codes", choices=CODE), {"codes": [CODE]}),
        (with_value("codes", choices=[CODE, CODE]), {"codes": [CODE]}),
        (with_value("codes"), {"codes": []}),
        (lambda task: {**task, "id": None}, {"rating": 3}),
        (older, {"rating": 3, "codes": [CODE]}),
        (related, {"rating": 3, "codes": [CODE]}),
        (rated_twice, {"rating": 3}),
        (lambda task: {**task, "annotations": [None, *task["annotations"]]}, {"rating": 3}),
    ],
)
def test_values_as_other_versions_and_tools_write_them_are_read(
    project, monkeypatch, change, expected
):
    _, tasks = exported(monkeypatch)
    run(monkeypatch, "import", project_file([change(answered(tasks[0]))]), "ana")
    [found] = annotations.read()
    assert found["id"] == "botchat-000000"
    assert {key: found[key] for key in expected} == expected


def test_an_annotation_without_results_or_annotator_says_nothing_but_counts(project, monkeypatch):
    _, tasks = exported(monkeypatch)
    file = project_file([answered(tasks[0], result=None, by=None)])
    run(monkeypatch, "import", file, "ana", "--by", "unknown")
    assert [(one["rating"], one["codes"], one["note"]) for one in saved()] == [(None, [], "")]


def foreign(task):
    return {**task, "data": {"image": "cat.png"}}


def with_data(**values):
    return lambda task: {**task, "data": {**task["data"], **values}}


def with_result(*results):
    def changed(task):
        task["annotations"][0]["result"] += results
        return task

    return changed


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (foreign, "task 2: has no id and version in its data; the file is another project's"),
        (with_data(id="botchat-999999"), "task 2: id 'botchat-999999' is not in data/dataset/org"),
        (with_data(of="r9"), "task 2: 'r9' is no version of params.yaml"),
        (
            with_result(result("codes", "choices", choices=["customer_type_missing"])),
            "task 2: 'customer_type_missing' is no code of botchat in taxonomy.yaml",
        ),
        (
            with_result(result("mood", "choices", choices=["glad"])),
            "task 2: a result of 'mood', which is none of codes, rating and note",
        ),
        (with_value("codes", taxonomy=[[CODE]]), "task 2: a result of 'codes'"),
        *(
            (
                with_result(result("rating", "rating", rating=rating)),
                f"task 2: the rating must be 1 to 5, not {rating!r}",
            )
            for rating in (9, 3.5, True, "3", [3], float("nan"))
        ),
        (with_data(id=None), "task 2: id must be a text, not None"),
        (with_data(id=7), "task 2: id must be a text, not 7"),
        (with_data(digest=7), "task 2: digest must be a text, not 7"),
        (
            with_result(result("note", "textarea", text="\ud83d")),
            "task 2: note is no valid Unicode",
        ),
        (with_result(result("codes", "choices", choices=[{}])), "task 2: {} is not in taxonomy"),
        (with_result(None), "task 2: a result of None"),
        (lambda task: {**task, "annotations": ["x"]}, "task 2: has an annotation that is no obj"),
        (
            lambda task: {**task["data"], "id": 2},
            "task 2: has no annotations; export as JSON, not as JSON-MIN",
        ),
    ],
)
def test_what_is_not_ours_is_one_clear_line_and_nothing_is_lost(
    project, monkeypatch, change, problem
):
    _, tasks = exported(monkeypatch)
    records.write(paths.ANNOTATIONS / "ana.jsonl", [{"id": "x", "of": "org", "codes": []}])
    before = (paths.ANNOTATIONS / "ana.jsonl").read_bytes()
    file = project_file([answered(tasks[0]), change(answered(tasks[1], 2))])
    with pytest.raises(InputError) as error:
        run(monkeypatch, "import", file, "ana")
    assert problem in str(error.value)
    assert "\n" not in str(error.value)
    assert (paths.ANNOTATIONS / "ana.jsonl").read_bytes() == before


@pytest.mark.parametrize("content", ["{", '{"tasks": []}'])
def test_a_file_that_is_no_export_is_one_clear_line(project, monkeypatch, content):
    Path("broken.json").write_text(content)
    with pytest.raises(InputError, match=r"broken\.json: .*; export the project as JSON"):
        run(monkeypatch, "import", "broken.json", "ana")


def test_an_unknown_version_or_channel_is_named(project, monkeypatch):
    with pytest.raises(InputError, match=r"'r9' is no version of params\.yaml; known: org, r1"):
        run(monkeypatch, "export", "r9", "botchat")
    with pytest.raises(InputError, match=r"'fax' is no channel of params\.yaml; known: botchat"):
        run(monkeypatch, "export", "org", "fax")


def test_an_annotators_name_cannot_leave_the_folder(project, monkeypatch):
    with pytest.raises(InputError, match="name is made of a-z"):
        run(monkeypatch, "import", project_file([]), "../ana")
