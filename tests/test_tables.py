"""Tables: plain text in, Markdown and CSV out."""

import csv

from distill.stats.intervals import Estimate
from distill.stats.tables import Bold, Table, markdown, mean_cell, share_cell, write_csv


def test_a_cell_is_plain_text_and_markdown_shows_it_as_it_is():
    table = Table("A | B", ["Code"], [["a|b"], ["3.91** [3.71, 4.11]"], ["<i> `x` \\"]])
    assert table.markdown() == (
        "## A \\| B\n\n"
        "| Code |\n"
        "| --- |\n"
        "| a\\|b |\n"
        "| 3.91\\*\\* [3.71, 4.11] |\n"
        "| &lt;i> \\`x\\` \\\\ |\n"
    )


def test_a_bold_cell_is_bold_around_its_text():
    assert "| **4.01\\*** |" in Table("T", ["Mean"], [[Bold("4.01*")]]).markdown()


def test_a_table_without_rows_has_a_row_of_dashes():
    assert Table("T", ["A", "B"], []).markdown().endswith("| --- | --- |\n| - | - |\n")


def test_a_page_has_its_note_between_title_and_tables():
    page = markdown("Title", [Table("T", ["A"], [["1"]])], "*: a mark")
    assert page.startswith("# Title\n\n\\*: a mark\n\n## T\n")


def test_cells_show_value_interval_and_n():
    assert mean_cell(Estimate(4.049, 3.91, 4.18, 150), "*") == "4.05* [3.91, 4.18], n=150"
    assert share_cell(Estimate(0.9412, 0.88, 0.97, 120)) == "94% [88%, 97%], n=120"
    assert share_cell(Estimate(1.0, 0.97551, 1.0, 153), 2) == "100.00% [97.55%, 100.00%], n=153"
    assert mean_cell(Estimate(None, None, None, 0)) == "-"


def test_csv_has_four_digits_and_nothing_for_what_is_unknown(tmp_path):
    write_csv(tmp_path / "new/rows.csv", ["a", "b"], [{"a": 1 / 3, "b": None}, {"a": 2}])
    with (tmp_path / "new/rows.csv").open(newline="") as lines:
        assert list(csv.reader(lines)) == [["a", "b"], ["0.3333", ""], ["2", ""]]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["rows.csv"]  # no temporary file
