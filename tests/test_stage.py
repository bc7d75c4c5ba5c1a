"""The command line of every stage: --help, unknown names, --params, Ctrl-C."""

import importlib
import os
import signal
import subprocess
import sys

import pytest
from conftest import REPO
from stages import process, stage

from distill.errors import RowError
from distill.stage import known, main, parser

SCRIPTS = [*sorted(path.stem for path in (REPO / "src").glob("*.py")), "doctor", "estimate"]
RUNS = "tiny-org, tiny-r1, tiny-r2, tiny-r2-guarded, tiny-r1-botchat, tiny-r1-webform,"


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_prints_the_docstring_and_runs_nothing(tmp_path, monkeypatch, capsys, script):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [f"{script}.py", "--help"])
    module = importlib.import_module(script)
    with pytest.raises(SystemExit) as ended:
        main(module.main)
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert module.__doc__.strip() in printed
    assert "--params PATH" in printed
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("anonymize", "unknown channel 'nobody'; known: botchat, webform"),
        ("annotate", "unknown version 'nobody'; known: org, r1, r2, r2-guarded"),
        ("analyze", "unknown version 'nobody'; known: org, r1, r2, r2-guarded"),
        ("revise", "unknown version 'nobody'; known: r1, r2, r2-guarded"),
        ("finetune", f"unknown run 'nobody'; known: {RUNS}"),
        ("predict", f"unknown system 'nobody'; known: {RUNS}"),
        ("judge", "unknown system 'nobody'; known: teacher, tiny, tiny-org"),
        ("score", "unknown system 'nobody'; known: none"),
        ("card", f"unknown run 'nobody'; known: {RUNS}"),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_an_unknown_name_is_one_line_that_lists_the_known_ones(
    monkeypatch, capsys, script, problem
):
    monkeypatch.setattr(sys, "argv", [f"{script}.py", "nobody"])
    with pytest.raises(SystemExit) as ended:
        main(importlib.import_module(script).main)
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith(f"error: {problem}")


@pytest.mark.usefixtures("workspace")
def test_a_script_run_as_dvc_does_reports_a_missing_name():
    done = process("analyze")
    assert done.returncode == 1
    assert done.stderr == "error: the version is missing; known: org, r1, r2, r2-guarded\n"


@pytest.mark.parametrize("arguments", [["r1", "r2"], ["r1", "--splits", "test"]])
def test_an_argument_too_many_is_one_line_with_the_usage(monkeypatch, capsys, arguments):
    monkeypatch.setattr(sys, "argv", ["analyze.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        parser("", "version").parse_args()
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        f"error: unrecognized arguments: {' '.join(arguments[1:])};"
        " usage: analyze.py version [options]\n"
    )


def test_the_parameters_can_lie_in_another_file(workspace):
    (workspace / "evokd").mkdir()
    text = (workspace / "params.yaml").read_text()
    (workspace / "evokd/params.yaml").write_text(text.replace("tiny-org:", "small-org:"))
    done = stage("card", "nobody", "--params", "evokd/params.yaml")
    assert done.returncode == 1
    assert done.stderr.startswith("error: evokd/params.yaml: ")


def test_a_known_name_is_returned():
    assert known("run", "b", {"a": 1, "b": 2}) == "b"


def test_an_error_of_the_project_is_one_line(capsys):
    def run():
        raise RowError("9 of 9 rows could not be used")

    with pytest.raises(SystemExit) as ended:
        main(run)
    assert ended.value.code == 1
    assert capsys.readouterr().err == "error: 9 of 9 rows could not be used\n"


def test_an_interrupt_is_one_line(capsys):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background job

    def run():
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(SystemExit) as ended:
        main(run)
    signal.signal(signal.SIGINT, before)
    assert ended.value.code == 130
    assert capsys.readouterr().err == "error: interrupted\n"


def test_an_error_of_the_program_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        main(lambda: 1 / 0)


def test_an_interrupt_while_modules_are_imported_is_one_line_too():
    code = "from distill import stage; raise KeyboardInterrupt"
    env = {"PYTHONPATH": str(REPO / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=env
    )
    assert done.returncode != 0
    assert done.stderr == "error: interrupted\n"
