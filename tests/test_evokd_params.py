"""EvoKD's parameters: complete profiles, names that exist, and a DAG that DVC can build."""

import re
import shutil
from pathlib import Path

import models
import pytest
import yaml
from conftest import REPO
from project import Project
from test_dependencies import modules

from distill import params
from distill.errors import ParamsError
from distill.params import evokd
from distill.params.evokd import stages

FOLDER = REPO / "evokd"
FILES = [FOLDER / "params.yaml", *sorted((FOLDER / "profiles").glob("*.yaml"))]
SINGLE = {"utterances", "report"}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_stage_of_a_profile_is_in_its_dag(project, file):
    settings = evokd.load(file)
    shutil.copy(file, project.folder / "evokd/params.yaml")
    listed = project.dvc("stage", "list", "--name-only", "evokd/dvc.yaml").split()
    found = {name.rpartition(":")[2] for name in listed}
    rounds, shots, augmented = settings.rounds, settings.shots, settings.augmented
    expected = SINGLE | {f"base@{name}" for name in settings.base}
    for stage in stages(settings):
        own = {"finetune", "predict", "score"}
        kind = "" if stage.key in rounds else "-shots" if stage.key in shots else "-augmented"
        expected.add(f"{stage.name}{kind if stage.name in own else ''}@{stage.key}")
    assert found == expected
    assert len(rounds) + len(shots) + len(augmented) == len(settings.runs)


def valid(**changes):
    return {**yaml.safe_load(FILES[0].read_text()), **changes}


def entry(**changes):
    return {
        "arm": "errors",
        "parent": "shots-intents",
        "channel": "intents",
        "student": "minilm",
    } | (changes)


FAULTS = {
    "rounds.x.parent: 'nowhere' is no version": {"rounds": {"x": entry(parent="nowhere")}},
    "rounds.x.parent: x cannot descend from itself": {"rounds": {"x": entry(parent="x")}},
    "rounds.x.arm: 'y' is not under arms; known: errors, random": {"rounds": {"x": entry(arm="y")}},
    "rounds.x.channel: 'y' is not under channels": {"rounds": {"x": entry(channel="y")}},
    "rounds.x.parent: shots-mentions is of another channel": {
        "rounds": {"x": entry(parent="shots-mentions")}
    },
    "runs.x.student: 'y' is not under students": {"rounds": {"x": entry(student="y")}},
    "rounds.shots-intents: the name is taken": {"rounds": {"shots-intents": entry()}},
    "write.llm: 'gpt' is not under llms": {
        "write": {"llm": "gpt", "conversations": 1, "shown": 2, "texts": 2}
    },
    "source: the rules write made-up messages": {"source": "data/own"},
    "students.minilm: a causal student is trained by LoRA": {
        "students": {"minilm": {"base": "x", "max_length": 9, "predict": {"batch": 1},
                                "train": {"epochs": 1, "batch": 1, "learning_rate": 1.0,
                                          "warmup": 0}}}
    },
    "rounds.x.arm: has l, which selects by a loss that a causal student does not give": {
        "arms": {"l": {"select": "loss"}}, "rounds": {"x": entry(arm="l", student="tiny")},
        "students": {"minilm": valid()["students"]["minilm"], "tiny": models.STUDENT},
    },
    "rounds.x.seeds: unknown key": {"rounds": {"x": entry(seeds=1)}},
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_name_or_setting_is_named(tmp_path, fault):
    file = tmp_path / "params.yaml"
    file.write_text(yaml.safe_dump(valid(**FAULTS[fault])))
    with pytest.raises(ParamsError, match=re.escape(f"{file}: {fault}")):
        evokd.load(file)


def test_a_student_goes_on_from_its_parents_where_the_arm_says_so(tmp_path):
    file = tmp_path / "params.yaml"
    values = valid(arms={"on": {"review": "continue"}}, rounds={"x": entry(arm="on")})
    file.write_text(yaml.safe_dump(values))
    runs = params.shared(file).runs
    assert (runs["x"].start, runs["shots-intents"].start) == ("shots-intents", None)


def test_the_readme_changes_the_parameters_validly(tmp_path):
    blocks = re.findall(r"^```yaml\n(.*?)^```", (FOLDER / "README.md").read_text(), re.M | re.S)
    assert blocks
    for block in blocks:
        changes = yaml.safe_load(block)
        values = valid(**{
            key: {**(valid().get(key) or {}), **value} if isinstance(value, dict) else value
            for key, value in changes.items()
        })  # fmt: skip
        file = tmp_path / "params.yaml"
        file.write_text(yaml.safe_dump(values))
        evokd.load(file)


STAGES = yaml.safe_load((FOLDER / "dvc.yaml").read_text())["stages"]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_every_module_that_decides_what_it_writes(name):
    told = STAGES[name].get("do", STAGES[name])
    script = told["cmd"].split()[1].removeprefix("../src/")
    deps = [dep.removeprefix("../src/") for dep in told["deps"] if dep.startswith("../src/")]
    assert script in deps
    needed = modules(script)
    assert {m for m in needed if not any(Path(m).is_relative_to(dep) for dep in deps)} == set()
