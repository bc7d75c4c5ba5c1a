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
STAGES = yaml.safe_load((REPO / "dvc.yaml").read_text())["stages"]
LLM = "arf/llm/__init__.py"

# Deliberately no dependency of any stage, and their imports are not followed.
LEFT_OUT = {
    "arf/__init__.py": "is empty",
    "arf/errors.py": "words of errors",
    "arf/paths.py": "the places that dvc.yaml names itself",
    "arf/records.py": "lines of JSON, read and written",
    "arf/ledger.py": "counts rows, changes none",
    "arf/params.py": "what it reads stands under the stage's params",
    "arf/usage.py": "the one name on the command line",
    "arf/validation.py": "refuses, changes nothing",
    LLM: "the way to a model; the rules behind it are followed",
    "arf/llm/endpoint.py": "the HTTP client, its limits and caches: its change must not pay again",
}
# Imported, but of no weight in one stage.
UNUSED = {
    ("label", "arf/llm/rules/editor.py"): "of the rules only the teacher is asked",
    ("label", "arf/llm/rules/judge.py"): "of the rules only the teacher is asked",
    ("revise", "arf/llm/rules/teacher.py"): "of the rules only the editor is asked",
    ("revise", "arf/llm/rules/judge.py"): "of the rules only the editor is asked",
    ("revise", "arf/taxonomy.py"): "the guard checks for the one error that was edited",
    ("predict", "arf/llm/rules/__init__.py"): "rules are no student",
    ("predict-base", "arf/llm/rules/__init__.py"): "rules are no student",
    ("check", "arf/privacy/kinds.py"): "names of kinds",
}
# What only refuses is all that check does.
NAMED_ALL_THE_SAME = {("check", f"arf/{name}.py") for name in ("params", "prompts", "validation")}


def imported(path: Path) -> Iterator[str]:
    """The project's own modules that a file imports, wherever in it: "arf/llm/rules/judge.py"."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(f"{node.module}.{name.name}" for name in node.names)]
        for name in names:
            place = name.replace(".", "/")
            found = (f"{place}.py", f"{place}/__init__.py")
            yield from (one for one in found if place[:3] == "arf" and (SRC / one).is_file())


def modules(stage: str, script: str) -> set[str]:
    """All modules that decide what a stage writes."""
    reached, ahead = set(), [script]
    while ahead:
        for module in imported(SRC / ahead.pop()):
            if module in reached or (stage, module) in UNUSED:
                continue
            reached.add(module)
            if module not in LEFT_OUT or module == LLM:
                ahead.append(module)
    return reached - set(LEFT_OUT)


def stage(name: str) -> tuple[str, list[str]]:
    """A stage's script and its dependencies, relative to src/."""
    told = STAGES[name].get("do", STAGES[name])
    script = told["cmd"].split()[1].removeprefix("src/")
    return script, [dep.removeprefix("src/") for dep in told["deps"] if dep.startswith("src/")]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_every_module_that_decides_what_it_writes(name):
    script, deps = stage(name)
    assert script in deps
    needed = modules(name, script)
    uncovered = {
        module for module in needed if not any(Path(module).is_relative_to(dep) for dep in deps)
    }
    assert uncovered == set()


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_no_module_that_it_does_not_use(name):
    script, deps = stage(name)
    used = {script, *modules(name, script)}
    idle = {dep for dep in deps if not any(Path(module).is_relative_to(dep) for module in used)}
    assert idle == {module for stage, module in NAMED_ALL_THE_SAME if stage == name}


@pytest.mark.parametrize("module", [*LEFT_OUT, *(module for _, module in UNUSED)])
def test_what_is_left_out_exists(module):
    assert (SRC / module).is_file()


@pytest.mark.parametrize(
    "script",
    ["check", "sample", "split", "label", "analyze", "revise", "judge", "calibrate", "report",
     "card"],
)  # fmt: skip
def test_a_light_stage_imports_no_torch(script):
    code = f"import sys; sys.path.insert(0, 'src'); import {script}; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
