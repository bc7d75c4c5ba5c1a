"""Teachers, editor, judge, checkers, truths: none uses another's detectors."""

import ast
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from conftest import REPO

SRC = REPO / "src"
SUMMARIZE = SRC / "distill/tasks/summarize"
REASON = SRC / "distill/tasks/reason"
READERS = {
    "teacher": sorted(SUMMARIZE.glob("rules/teacher*")),
    "editor": sorted(SUMMARIZE.glob("rules/editor*")),
    "judge": sorted(SUMMARIZE.glob("rules/judge*")),
    "checks": [SUMMARIZE / "checks", SUMMARIZE / "reading", SUMMARIZE / "guard"],
    "truth": [SRC / "distill/offline/truth"],
    "reasoning teachers": [REASON / "rules"],
    "answer checker": [REASON / "answers"],
    "truth of questions": [
        SRC / "distill/offline/questions/statements.py",
        SRC / "distill/offline/questions/truth.py",
    ],
}
# What any two may have in common: the format of a summary, the names and severities of errors, and
# what reads files and reports mistakes. None of it looks for an error in a text.
COMMON = {
    "distill.errors",
    "distill.llm.wrappers",  # reasoning and fences around an answer
    "distill.paths",
    "distill.prompts",
    "distill.records",
    "distill.stats",
    "distill.stats.intervals",
    "distill.stats.inter_rater",
    "distill.tasks.summarize.format",
    "distill.tasks.summarize.taxonomy",
    "distill.validation",
}


def files(places: list[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def name(path: Path) -> str:
    """The dotted name of a module's file."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def place(module: str) -> Path | None:
    """The file of one of the project's own modules, None for a name that is no module."""
    stem = SRC / module.replace(".", "/")
    return next(
        (one for one in (stem.with_suffix(".py"), stem / "__init__.py") if one.is_file()), None
    )


def imported(path: Path) -> set[str]:
    """The project's own modules that a file takes something from."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("distill")}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            module = str(node.module)
            if module.startswith("distill"):
                inner = {f"{module}.{alias.name}" for alias in node.names}
                modules = {one for one in inner if place(one)}
                found |= modules if modules == inner else {module, *modules}
    return found


def reached(places: list[Path]) -> set[str]:
    """The modules of a reader and all that they import, directly or not."""
    ahead, known = [name(path) for path in files(places)], set()
    while ahead:
        module = ahead.pop()
        path = place(module)
        if module not in known and path:
            known.add(module)
            ahead += imported(path)
    return known


def shared(first: str, second: str) -> set[str]:
    """The modules that two readers have in common beyond what all may use."""
    return reached(READERS[first]) & reached(READERS[second]) - COMMON


def test_every_reader_has_its_files():
    assert all(all(path.exists() for path in places) and places for places in READERS.values())


@pytest.mark.parametrize(("first", "second"), list(combinations(READERS, 2)))
def test_two_readers_have_no_detector_in_common(first, second):
    assert len(shared(first, second)) == 0, f"{first} and {second} share {shared(first, second)}"


def test_no_reader_is_part_of_another():
    modules = {reader: {name(path) for path in files(places)} for reader, places in READERS.items()}
    for first, second in combinations(READERS, 2):
        assert not modules[first] & reached(READERS[second])
        assert not modules[second] & reached(READERS[first])


def test_what_is_common_is_used():
    used = set.union(*(reached(places) for places in READERS.values()))
    assert {module for module in COMMON if place(module)} - used <= {
        "distill.prompts", "distill.stats", "distill.stats.intervals", "distill.stats.inter_rater",
    }  # fmt: skip


def test_a_shared_detector_would_be_seen(monkeypatch):
    """The count is not zero because nothing is counted."""
    monkeypatch.setitem(READERS, "spy", [SUMMARIZE / "checks"])
    assert "distill.tasks.summarize.checks.content" in shared("spy", "checks")
