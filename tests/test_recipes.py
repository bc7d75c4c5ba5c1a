"""The files of recipes/: what each program would read of them, as far as it can be had here."""

import re
import shlex
import subprocess

import pytest
import yaml
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import launch_command_parser
from conftest import REPO
from dvc.cli.parser import get_main_parser

from distill import params

RECIPES = REPO / "recipes"
SKYPILOT = yaml.safe_load((RECIPES / "skypilot.yaml").read_text())
SCRIPTS = {
    "slurm.sh": (RECIPES / "slurm.sh").read_text(),
    "setup of skypilot.yaml": SKYPILOT["setup"],
    "run of skypilot.yaml": SKYPILOT["run"],
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_the_shell_parses_a_script(script):
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["slurm.sh", "run of skypilot.yaml"])
def test_dvc_knows_each_command_and_its_options(name):
    found = [line for line in SCRIPTS[name].splitlines() if line.startswith("dvc ")]
    words = [shlex.split(re.sub(r'"\$@"|\$OPTIONS', "-S students.llama.lora.r=16", line))
             for line in found]  # fmt: skip
    for command in words:
        get_main_parser().parse_args(command[1:])  # ends the process on one that it does not know
    assert [command[1] for command in words] == ["pull", "exp", "push", "exp"]


def test_the_environments_of_scripts_are_those_that_are_made():
    assert "source .venv/bin/activate" in SCRIPTS["slurm.sh"]
    assert "make setup" in SCRIPTS["setup of skypilot.yaml"]
    assert re.search("^setup:", (REPO / "Makefile").read_text(), re.MULTILINE)


def test_slurm_reads_its_options_before_the_first_command():
    lines = SCRIPTS["slurm.sh"].splitlines()
    options = [number for number, line in enumerate(lines) if line.startswith("#SBATCH --")]
    assert options
    assert all(line.startswith("#") for line in lines[: options[-1]])


def test_the_task_of_skypilot_has_keys_of_its_schema_and_no_secret():
    assert SKYPILOT.keys() <= {
        "name", "workdir", "resources", "envs", "secrets", "setup", "run", "num_nodes",
    }  # fmt: skip
    assert set(SKYPILOT["secrets"].values()) == {None}
    used = set(re.findall(r"\$(\w+)", SKYPILOT["run"]))
    assert used == set(SKYPILOT["envs"])


def test_the_command_that_starts_the_task_gives_every_secret_that_it_asks_for():
    text = (RECIPES / "skypilot.yaml").read_text()
    assert re.findall(r"--secret ([A-Z_]+)", text) == list(SKYPILOT["secrets"])
    assert set(re.findall(r"--env (\w+)", text)) <= SKYPILOT["envs"].keys()


def test_accelerate_reads_the_configuration_of_fsdp2():
    path = str(RECIPES / "fsdp2.yaml")
    config = load_config_from_file(path)
    assert str(config.distributed_type.value) == "FSDP"
    options = launch_command_parser().parse_args(["--config_file", path, "finetune.py"])
    for key in config.fsdp_config:
        assert hasattr(options, key), key


@pytest.mark.parametrize("settings", [{"config": "recipes/fsdp2.yaml"}, {"devices": 1}])
def test_a_student_names_its_devices_or_a_configuration(workspace, settings):
    values = yaml.safe_load((workspace / "params.yaml").read_text())
    values["students"]["tiny"]["launch"] = settings
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    assert params.load().students["tiny"].launch.model_dump(exclude_defaults=True) == settings
