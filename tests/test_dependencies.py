"""dvc.yaml names every module that can change what a stage writes."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import REPO

SRC = REPO / "src"
METHODS = ("fair",)  # folders with a pipeline of their own, whose stages are named fair:attempt


def stages(file: Path) -> dict[str, dict]:
    return yaml.safe_load(file.read_text())["stages"]


STAGES = stages(REPO / "dvc.yaml") | {
    f"{method}:{name}": told
    for method in METHODS
    for name, told in stages(REPO / method / "dvc.yaml").items()
}
# Deliberately no dependency of any stage, and their imports are not followed.
LEFT_OUT = {
    "distill/__init__.py": "is empty",
    "distill/disk.py": "words of errors",
    "distill/engine": "where rows are computed, not what",
    "distill/errors.py": "words of errors",
    "distill/ledger.py": "counts rows, changes none",
    "distill/llm": "the way to a model: its change must not pay again",
    "distill/params": "what a stage reads of it stands under its params",
    "distill/paths.py": "the places that dvc.yaml names itself",
    "distill/providers.py": "the way to a model",
    "distill/records.py": "JSON lines, read and written",
    "distill/row_file.py": "JSON lines, read one at a time",
    "distill/stage.py": "the command line",
    "distill/validation.py": "refuses, changes nothing",
}
ANSWERS = ("predict", "predict-base")
# Named although no import shows it: the task that a row names, the student behind a provider, and
# what only refuses.
NAMED_ALL_THE_SAME = {
    *(("plan", dep) for dep in ("distill/params", "distill/prompts.py", "distill/tasks/summarize")),
    *(
        (stage, dep)
        for stage in ("label", "ask", *ANSWERS)
        for dep in ("distill/prompts.py", "distill/tasks/summarize")
    ),
    ("finetune", "distill/tasks/summarize"),
    *((stage, "distill/students") for stage in ANSWERS),
    *(
        (f"fair:{stage}", dep)
        for stage in ("attempt", "finetune", "score", *ANSWERS)
        for dep in ("distill/tasks/reason",)
    ),
    *((f"fair:{stage}", "distill/prompts.py") for stage in ("attempt", *ANSWERS)),
    ("fair:finetune", "distill/tasks/critique.py"),
    *((f"fair:{stage}", "distill/students") for stage in ("attempt", *ANSWERS)),
}


def imported(path: Path) -> Iterator[str]:
    """The project's own modules that a file imports: "distill/tasks/summarize/guard.py"."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(f"{node.module}.{name.name}" for name in node.names)]
        for name in names:
            place = name.replace(".", "/")
            found = (f"{place}.py", f"{place}/__init__.py")
            yield from (
                one for one in found if place.startswith("distill") and (SRC / one).is_file()
            )


def is_left_out(module: str) -> bool:
    """Settings too: what a stage reads of them stands under its params."""
    return Path(module).name == "settings.py" or any(
        Path(module).is_relative_to(place) for place in LEFT_OUT
    )


def modules(script: str) -> set[str]:
    """All modules that decide what a stage writes, but for the packages' own docstrings."""
    reached, ahead = set(), [script]
    while ahead:
        for module in imported(SRC / ahead.pop()):
            if module not in reached and not is_left_out(module):
                reached.add(module)
                ahead.append(module)
    return {module for module in reached if not is_bare(module)}


def is_bare(module: str) -> bool:
    """Whether a module is a docstring alone."""
    return len(ast.parse((SRC / module).read_text()).body) <= 1


def stage(name: str) -> tuple[str, list[str]]:
    """A stage's script and its dependencies, relative to src/."""
    told = STAGES[name].get("do", STAGES[name])
    deps = [dep.removeprefix("../") for dep in told["deps"]]
    script = told["cmd"].split()[1].removeprefix("../").removeprefix("src/")
    return script, [dep.removeprefix("src/") for dep in deps if dep.startswith("src/")]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_every_module_that_decides_what_it_writes(name):
    script, deps = stage(name)
    assert script in deps
    needed = modules(script)
    uncovered = {
        module for module in needed if not any(Path(module).is_relative_to(dep) for dep in deps)
    }
    assert uncovered == set()


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_no_module_that_it_does_not_use(name):
    script, deps = stage(name)
    used = {script, *modules(script)}
    idle = {dep for dep in deps if not any(Path(module).is_relative_to(dep) for module in used)}
    assert idle == {module for stage, module in NAMED_ALL_THE_SAME if stage == name}


@pytest.mark.parametrize("module", LEFT_OUT)
def test_what_is_left_out_exists(module):
    assert (SRC / module).exists()


LIGHT = ["plan", "sample", "split", "label", "annotate", "analyze", "revise", "filter", "predict",
         "ask", "edit", "score", "judge", "calibrate", "report", "card",
         "questions", "attempt", "explain", "gate", "review", "accept", "report_fair",
         "utterances", "shots", "write", "tag", "augment", "report_evokd"]  # fmt: skip


def test_no_light_stage_imports_torch():
    """The first that does would be printed, in a process that has imported nothing else."""
    code = "import sys; sys.path.insert(0, 'src')\n" + "".join(
        f"import {script}\nif 'torch' in sys.modules: sys.exit('{script}')\n" for script in LIGHT
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
