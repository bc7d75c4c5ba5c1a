"""Fixes that ruin rows, as the field reported them, are said or refused."""

from pathlib import Path

import pytest
from endpoint import completion, serve
from stages import GOOD, configure, rows, stage

from distill import paths, records


def test_revise_says_when_an_edit_changes_rows_without_its_error(workspace):
    summary = "<ul><li>Where is my order?</li><li>wants a refund</li></ul>"
    made = [{**row, "target": summary, "edits": []} for row in rows("train", range(20))]
    records.write_shards(paths.dataset("org"), made)
    read = ({"id": row["id"], "source": "gpt", "findings": []} for row in made)
    records.write_shards(paths.annotated("org"), read)

    def ruin(body):
        return completion("<ul><li>nothing to summarize</li></ul>")

    with serve(ruin) as (url, _):
        configure(url)
        done = stage("revise", "r1")
        assert done.returncode == 0, done.stderr
    assert (
        "revise r1: botchat: the edit for sentiment_inferred_frustrated changed 20 of 20 summaries"
        " without this error"
    ) in done.stderr


def test_revise_says_nothing_of_an_edit_that_leaves_such_rows_alone(workspace):
    made = [{**row, "target": GOOD.format(n=1), "edits": []} for row in rows("train", range(20))]
    records.write_shards(paths.dataset("org"), made)
    read = ({"id": row["id"], "source": "gpt", "findings": []} for row in made)
    records.write_shards(paths.annotated("org"), read)
    with serve(lambda body: completion(GOOD.format(n=1))) as (url, _):
        configure(url)
        done = stage("revise", "r1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "around",
    [
        "<summary>$summary</summary>",
        "<summary>\n$summary</summary>",
        "<customer-text>\n$summary\n</customer-text>",
        '<text lang="en">\n$summary\n</text>',
    ],
)
def test_a_prompt_whose_tags_do_not_stand_alone_is_refused(workspace, around):
    path = Path("prompts/r1/sentiment_inferred_frustrated.txt")
    path.write_text(f"Delete the feeling.\n{around}\n")
    checked = stage("plan")
    assert checked.returncode == 1
    assert f"{path}: <" in checked.stderr
    assert "alone on a line" in checked.stderr


def test_the_laptop_profile_guards_each_revision():
    import yaml
    from conftest import REPO

    profile = yaml.safe_load((REPO / "profiles/laptop.yaml").read_text())
    assert all(revision["guard"] for revision in profile["revisions"].values())
