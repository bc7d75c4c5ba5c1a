import json
import shutil
from pathlib import Path

import pytest
import yaml

import calibrate
from distill import paths, records
from distill.errors import InputError
from distill.people import annotations
from distill.tasks.summarize import format

ROOT = Path(__file__).parents[1]
TOLD = format.render(["The lamp is broken."])


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Ratings of the teacher and one run of real interactions; no annotations yet."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "taxonomy.yaml", tmp_path)
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    values = yaml.safe_load((ROOT / "tests/params.yaml").read_text(encoding="utf-8"))
    values |= {
        "source": "data/raw",
        "runs": {"tiny-org": {"student": "tiny", "version": "org"}},
        "systems": ["teacher", "tiny", "tiny-org"],
        "report": {"bootstrap": 200},
        "release": None,
    }
    Path("params.yaml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    rows = [
        {"id": f"{channel}-{n}", "channel": channel, "input": f"Customer: Lamp {n} is broken."}
        for channel in ("botchat", "webform")
        for n in range(5)
    ]
    for split in ("train", "dev", "audit", "test"):
        records.write_shards(paths.split(split), rows if split == "test" else [])
    for system in values["systems"]:
        records.write_shards(paths.predictions(system), [{**row, "output": TOLD} for row in rows])
        records.write_shards(
            paths.ratings(system), [{**row, "rating": 1 + n % 5} for n, row in enumerate(rows)]
        )
    paths.ANNOTATIONS.mkdir()
    return tmp_path


def annotate(*lines):
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    Path("data/annotations/ann.jsonl").write_text(text, encoding="utf-8")


def note(**changes):
    return {"id": "botchat-0", "of": "tiny-org", "rating": 2, "codes": [], "note": "", **changes}


def metric(name):
    return json.loads(Path(f"metrics/{name}.json").read_text(encoding="utf-8"))


def calibrated():
    calibrate.main()
    return metric("calibration_details")


def test_what_was_said_of_an_earlier_summary_counts_no_more(repository, capsys):
    annotate(note(digest=annotations.digest(TOLD)), note(id="botchat-1", digest="0123456789ab"))
    assert calibrated()["botchat"]["people"]["n"] == 1
    assert capsys.readouterr().err == (
        "data/annotations/ann.jsonl:2: the summary of botchat-1 in tiny-org has changed since; this"
        " annotation does not count until the row is annotated again\n"
    )


def test_without_peoples_ratings_nothing_is_compared(repository):
    nothing = {"people": {"n": 0}, "by_system": {}}
    assert calibrated() == {"botchat": nothing, "webform": nothing}
    assert metric("calibration") == {"botchat": None, "webform": None}


def test_the_judge_is_compared_with_people_per_channel(repository):
    annotate(*(note(id=f"botchat-{n}", rating=1 + n) for n in range(5)))
    found = calibrated()
    assert found["webform"] == {"people": {"n": 0}, "by_system": {}}
    human = found["botchat"]["people"]
    assert (human["n"], human["spearman"], human["kendall"]) == (5, 1.0, 1.0)
    assert (human["weighted_kappa"], human["difference"]) == (1.0, 0.0)


def test_rows_drawn_from_feedback_say_nothing_of_the_judge(repository):
    annotate(note(), note(id="botchat-1"), note(id="botchat-2", source="feedback"))
    assert calibrated()["botchat"]["people"]["n"] == 2


def test_ratings_that_are_all_alike_have_no_correlation(repository):
    annotate(note(), note(id="botchat-1"))
    human = calibrated()["botchat"]["people"]
    assert (human["n"], human["spearman"]) == (2, None)


def test_what_was_annotated_of_a_dataset_version_is_left_aside(repository):
    annotate(note(of="org"))
    assert calibrated()["botchat"]["people"] == {"n": 0}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (note(rating=6), "1 to 5"),
        (note(rating=2.5), "1 to 5"),
        (note(codes=["nonsense"]), "nonsense"),
        ('{"id": "botchat-1", "of": "tin', "JSON"),
    ],
)
def test_a_bad_annotation_is_named_by_file_and_line(repository, bad, reason):
    annotate(note(), bad)
    with pytest.raises(InputError, match=rf"ann\.jsonl:2: .*{reason}"):
        calibrate.main()


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        (note(of="r9"), "'r9' is neither a version nor a system of params.yaml"),
        (note(id="botchat-99"), "no row of data/split has the id 'botchat-99'"),
    ],
)
def test_an_annotation_of_what_is_gone_is_listed_and_does_not_count(
    repository, capsys, gone, reason
):
    annotate(note(), gone, note(id="botchat-1"))
    assert calibrated()["botchat"]["people"]["n"] == 2
    assert capsys.readouterr().err == (
        f"data/annotations/ann.jsonl:2: {reason}; the annotation is not counted\n"
        "Annotations that are not counted: 1\n"
    )


def test_the_metric_of_a_channel_is_spearmans_with_people(repository):
    annotate(*(note(id=f"botchat-{n}", rating=1 + n) for n in range(5)))
    calibrated()
    assert metric("calibration") == {"botchat": 1.0, "webform": None}


def test_how_often_two_ratings_met_is_counted_for_the_plot(repository):
    annotate(note(id="botchat-1", rating=5), note(id="botchat-1", of="teacher", rating=5))
    calibrated()
    assert Path("metrics/calibration.csv").read_text() == (
        "channel,against,judge,rating,n\nbotchat,people,2,5,2\n"
    )


def test_a_judge_may_rate_by_means(repository):
    rows = [
        {**row, "rating": row["rating"] / 2 + 0.25}
        for row in records.read(paths.ratings("teacher"))
    ]
    records.write_shards(paths.ratings("teacher"), rows)
    annotate(*(note(id=f"botchat-{n}", of="teacher", rating=1 + n) for n in range(5)))
    assert calibrated()["botchat"]["people"]["spearman"] == 1.0


def test_on_the_sample_the_judge_is_compared_with_the_truth(repository):
    values = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    values["source"] = "data/sample"
    Path("params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    tests = list(records.read(paths.split("test")))
    records.write(
        paths.TRUTH,
        [
            {
                **{"id": row["id"], "channel": row["channel"], "language": "en"},
                **{"sentiment": "none", "role": None, "role_stated": "absent", "nothing": False},
                **{"facts": [{"text": f"Lamp {row['id'][-1]} is broken."}], "noise": []},
                **{"entities": {}, "pii": []},
            }
            for row in tests
        ],
    )
    for system in ("teacher", "tiny", "tiny-org"):
        faithful = [
            {**row, "output": format.render([row["input"].removeprefix("Customer: ")])}
            for row in tests
        ]
        records.write_shards(paths.predictions(system), faithful)
        records.write_shards(paths.ratings(system), [{**row, "rating": 4} for row in tests])
    found = calibrated()["botchat"]
    assert found["truth"]["n"] == 10
    assert found["truth"]["interactions"] == 5
    assert found["truth"]["difference"] == -1.0
    assert found["truth_untrained"]["n"] == 5


def test_the_judges_bias_is_given_for_each_system(repository):
    for system, ratings in (("teacher", [2, 3, 4, 5, 5]), ("tiny-org", [1, 1, 2, 3, 4])):
        rows = [row for row in records.read(paths.ratings(system)) if row["channel"] == "botchat"]
        rated = [row | {"rating": rating} for row, rating in zip(rows, ratings, strict=True)]
        records.write_shards(paths.ratings(system), rated)
    annotate(
        *(note(id=f"botchat-{n}", rating=1 + n) for n in range(5)),
        *(note(id=f"botchat-{n}", of="teacher", rating=1 + n) for n in range(5)),
    )
    found = calibrated()["botchat"]["by_system"]
    assert list(found) == ["teacher", "tiny-org"]
    teacher, run = (found[system]["people"] for system in found)
    assert (teacher["difference"], run["difference"]) == (0.8, -0.8)
    assert teacher["difference_low"] <= 0.8 <= teacher["difference_high"]
    assert 0.9 < teacher["kendall"] < 1 and 0.9 < run["spearman"] < 1
