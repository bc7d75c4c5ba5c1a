"""The documents: their examples are valid, their links lead somewhere, README is a front page."""

import re
import shutil
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from conftest import REPO
from dvc.utils.hydra import apply_overrides, get_hydra_sweeps
from dvc.utils.serialize import parse_yaml

from distill.params import load
from distill.tasks.summarize import taxonomy

README = REPO / "README.md"
FIRST_DAY = REPO / "docs/first-day.md"  # its sections replace those of the profile
DOCUMENTS = [
    README,
    REPO / "CONTRIBUTING.md",
    REPO / "CHANGELOG.md",
    *sorted((REPO / "docs").glob("*.md")),
]
LAPTOP = REPO / "profiles/laptop.yaml"  # the examples change it: it has an endpoint
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PARAMS = "params.yaml"


def blocks(document, language):
    return [text for kind, text in BLOCK.findall(document.read_text()) if kind == language]


def file_of(example):
    """The file that an example is of: its first line names any other than params.yaml."""
    named = re.match(r"# (\S+\.ya?ml)\n", example)
    return named[1] if named else PARAMS


EXAMPLES = [
    (f"{document.name}:{number}", example)
    for document in DOCUMENTS
    for number, example in enumerate(blocks(document, "yaml"), start=1)
]


def examples(file):
    return [pytest.param(text, id=name) for name, text in EXAMPLES if file_of(text) == file]


def merged(values, changes):
    """The values with the changes, maps key by key."""
    found = dict(values)
    for key, change in changes.items():
        known = values.get(key)
        both = isinstance(known, dict) and isinstance(change, dict)
        found[key] = merged(known, change) if both else change
    return found


def loaded(workspace, values):
    (workspace / PARAMS).write_text(yaml.safe_dump(values))
    return load()


@pytest.mark.parametrize("example", examples(PARAMS))
def test_every_example_of_params_is_valid(workspace, example):
    changes = parse_yaml(example, PARAMS)  # by DVC's parser, the stricter one
    values = yaml.safe_load(LAPTOP.read_text())
    replaced = example in blocks(FIRST_DAY, "yaml")
    loaded(workspace, values | changes if replaced else merged(values, changes))


def test_the_readmes_sections_may_replace_those_of_the_profile(workspace):
    [example] = blocks(README, "yaml")
    values = yaml.safe_load(LAPTOP.read_text()) | parse_yaml(example, PARAMS)
    assert list(loaded(workspace, values).channels) == ["agentchat"]


def test_the_costs_of_the_example_are_as_it_says(workspace):
    [example] = [text for _, text in EXAMPLES if text.startswith("costs:")]
    values = merged(yaml.safe_load(LAPTOP.read_text()), yaml.safe_load(example))
    params = loaded(workspace, values)
    assert params.costs.budget == 50
    assert params.price("large").dollars(1e6, 1e6) == 2


@pytest.mark.parametrize("example", examples("taxonomy.yaml"))
def test_every_example_of_the_taxonomy_is_valid(workspace, example):
    path = workspace / "taxonomy.yaml"
    before = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(merged(before, yaml.safe_load(example))))
    assert len(taxonomy.load()) > sum(map(len, before.values()))
    load()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_ablation_that_is_shown_is_valid(workspace, document):
    for command in re.findall(r"^dvc exp run .*", document.read_text(), re.MULTILINE):
        overrides = re.findall(r"-S (\S+)", command)
        for one in get_hydra_sweeps({PARAMS: overrides}) if overrides else ():
            shutil.copy(REPO / PARAMS, workspace)
            apply_overrides(workspace / PARAMS, one[PARAMS])
            assert load() != load(REPO / PARAMS), command


def test_the_documents_show_ablations():
    shown = re.findall(r"^dvc exp run .*-S", README.read_text(), re.MULTILINE)
    assert len(shown) >= 3


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_and_path_that_is_named_exists(document):
    makefile = (REPO / "Makefile").read_text()
    [targets] = re.findall(r"^\.PHONY: (.*)", makefile, re.MULTILINE)
    for block in blocks(document, "bash"):
        for command in re.findall(r"(?:^|&& )make ((?:[a-z-]+ ?)+)", block, re.MULTILINE):
            assert set(command.split()) <= set(targets.split())
    folders = "src|tools|tests|benchmarks|profiles|docs"
    for path in re.findall(
        rf"(?<![\w/<>.])(?:{folders})/[\w./-]*\w(?![\w<*])", document.read_text()
    ):
        assert (REPO / path).exists(), path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_python_that_is_shown_compiles_and_finds_the_package(document):
    for example in blocks(document, "python"):
        compile(example, document.name, "exec")
        for statement in re.findall(r"^from distill.*", example, re.MULTILINE):
            exec(statement, {})


def anchors(document: Path):
    """The anchors that GitHub gives to headings."""
    text = BLOCK.sub("", document.read_text())
    for heading in re.findall(r"^#+ (.*)", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document):
    text = BLOCK.sub("", document.read_text())
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|\.\./\.\./actions/", link):  # the latter of the repository's host
            continue
        place, _, anchor = link.partition("#")
        path = document.parent / place if place else document
        assert path.exists(), link
        assert not anchor or anchor in anchors(path), link


def test_the_readme_is_a_front_page():
    assert len(README.read_text().split()) <= 1200


def test_badges_citation_and_changelog_are_true():
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    badges = unquote(README.read_text().partition("\n\n")[2].partition("\n\n")[0])
    assert f"python-{project['requires-python'].replace('>=', '≥ ')}-" in badges
    assert f"license-{project['license'].replace('-', '--')}-" in badges
    assert set(re.findall(r"actions/workflows/([\w.]+)", badges)) == {"test.yaml"}
    assert (REPO / ".github/workflows/test.yaml").exists()
    citation = yaml.safe_load((REPO / "CITATION.cff").read_text())
    assert citation["license"] == project["license"]
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    papers = set(re.findall(r"arxiv\.org/abs/[\d.]+", README.read_text()))
    assert {one["url"].removeprefix("https://") for one in citation["references"]} == papers
    releases = re.findall(r"^## \[(\d.*?)\]", (REPO / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert releases[0] == project["version"]
