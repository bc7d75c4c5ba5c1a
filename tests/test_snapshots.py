"""DVC and shells: what an experiment's snapshot lacks, paths in any script, libraries' logs."""

import json
import logging
import subprocess
import sys
import unicodedata
import warnings
from pathlib import Path

import pytest

from distill import channels, paths, prompts, records, stage
from distill.channels.settings import Turns
from distill.errors import InputError, ParamsError
from distill.ledger import Ledger
from distill.people import annotations
from distill.validation import read_yaml

TURNS = Turns(
    format="turns", id=None, turns=None, role="role", text="text", roles={"user": "Customer"}
)
SAID = [{"role": "user", "text": "hi"}]


@pytest.fixture
def snapshot(tmp_path, monkeypatch):
    """A copy of a repository that lacks what git does not track; yields the original."""
    original, copy = tmp_path / "original", tmp_path / "copy"
    for folder in (original / "prompts/r3", original / "data/annotations", copy):
        folder.mkdir(parents=True)
    monkeypatch.chdir(copy)
    monkeypatch.setenv("DVC_ROOT", str(original))
    return original


class TestSnapshot:
    def test_an_untracked_prompt_is_named_with_its_remedy(self, snapshot):
        (snapshot / "prompts/r3/code.txt").write_text("$summary")
        expected = (
            "prompts/r3/code.txt does not exist here: git does not track it, so this experiment"
            " lacks it; `git add prompts/r3/code.txt`, then run it again"
        )
        assert prompts.fault("r3/code", ("summary",)) == expected
        with pytest.raises(ParamsError, match="git add prompts/r3/code"):
            prompts.render("r3/code", summary="x")

    def test_what_the_original_lacks_too_is_just_missing(self, snapshot):
        assert prompts.fault("r3/code", ("summary",)).endswith(
            "write the prompt or correct its name"
        )

    def test_so_is_a_file_of_params(self, snapshot):
        (snapshot / "mine.yaml").write_text("seed: 7")
        with pytest.raises(ParamsError, match=r"mine\.yaml does not exist here: .*`git add mine"):
            read_yaml(Path("mine.yaml"))

    def test_an_experts_untracked_file_is_reported(self, snapshot, capsys):
        (snapshot / "data/annotations/ana.jsonl").write_text("")
        assert list(annotations.read()) == []
        assert "`git add data/annotations/ana.jsonl`" in capsys.readouterr().err

    def test_in_the_workspace_nothing_is_left_behind(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "a").touch()
        monkeypatch.setenv("DVC_ROOT", str(tmp_path))
        assert paths.left_behind(Path("a")) == ""


class TestPaths:
    @pytest.mark.parametrize("name", ["grüße", "чат", "对话", "a b'c", "e\u0301te\u0301"])
    def test_folders_and_files_may_have_any_name(self, tmp_path, name):
        folder = tmp_path / name / "c"
        folder.mkdir(parents=True)
        (folder / f"{name}.jsonl").write_text(json.dumps(SAID) + "\n{", encoding="utf-8")
        ledger = Ledger("anonymize", "c", 1.0)
        [row] = channels.read(tmp_path / name, "c", TURNS, ledger)
        assert row["id"] == f"c-{unicodedata.normalize('NFC', name)}-1"
        records.write(tmp_path / "out.jsonl", ledger.quarantined)

    def test_a_name_that_is_no_unicode_is_written_all_the_same(self, tmp_path):
        (tmp_path / "c").mkdir()
        (tmp_path / "c" / "caf\udce9.jsonl").write_text(json.dumps(SAID) + "\n{")
        ledger = Ledger("anonymize", "c", 1.0)
        [row] = channels.read(tmp_path, "c", TURNS, ledger)
        records.write(tmp_path / "out.jsonl", [row, *ledger.quarantined])
        assert row["id"] == "c-caf?-1"

    def test_an_error_that_names_such_a_file_is_printed_by_any_shell(self, tmp_path):
        script = (
            "from distill import stage\nfrom distill.errors import InputError\n"
            "def run():\n    print('fertig: grüße')\n    raise InputError('grüße/对话: leer')\n"
            "stage.main(run)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONPATH": str(Path(stage.__file__).parents[1]), "PYTHONIOENCODING": "ascii"},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.startswith(b"error: gr\\xfc\\xdfe/")
        assert done.stderr.count(b"\n") == 1


class TestLogs:
    def test_what_a_library_logs_or_warns_of_is_named_without_its_words(self, capfd):
        def run():
            logging.getLogger("library.part").warning("the prompt ends in %r", "my secret words")
            try:
                raise ValueError("my secret words")
            except ValueError:
                logging.getLogger("library").exception("failed on my secret words")
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn("my secret words", UserWarning, stacklevel=1)

        stage.main(run)
        err = capfd.readouterr().err
        assert "secret" not in err
        assert "WARNING of library.part (test_snapshots.py:" in err or err.count("\n") == 1
        assert "UserWarning of test_snapshots.py:" in err

    def test_all_of_it_is_shown_where_asked_for(self, caplog, monkeypatch):
        monkeypatch.setenv("DISTILL_LOGS", "full")
        stage.main(lambda: logging.getLogger("library").warning("all of the %s", "words"))
        assert caplog.messages == ["all of the words"]

    def test_logging_is_afterwards_as_it_was(self):
        made, shown = logging.getLogRecordFactory(), warnings.showwarning
        stage.main(lambda: None)
        assert logging.getLogRecordFactory() is made
        assert warnings.showwarning is shown

    def test_an_error_inside_is_still_one_line(self, capfd):
        def run():
            raise InputError("a.jsonl: empty file")

        with pytest.raises(SystemExit):
            stage.main(run)
        assert capfd.readouterr().err == "error: a.jsonl: empty file\n"
