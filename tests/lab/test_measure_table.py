"""Measured figures as text and JSON."""

import json
import math

import pytest

from livecoach.lab.measure.table import Estimate, Rounded, Share, Table, cell_text, tables_as_json, tables_as_text

TABLE = Table(
    title="Counts",
    columns=("group", "exact", "error"),
    rows=(("squat", Share(3, 4), Rounded(0.251, 2)), ("deadlift", Share(0, 0), Rounded(math.nan, 2))),
    notes=("All of them.",),
)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, "–"),
        ("squat", "squat"),
        (3, "3"),
        (Share(41, 42), "41 of 42 (88–100 %)"),
        (Share(0, 0), "–"),
        (Rounded(12.34, 1), "12.3"),
        (Rounded(math.nan, 1), "–"),
        (Estimate(0.5, 0.25, 0.75), "0.500 (0.250–0.750)"),
        (Estimate(0.5, math.nan, math.nan), "0.500"),
        (Estimate(math.nan, math.nan, math.nan), "–"),
    ],
)
def test_a_cell_shows_a_figure_with_its_interval_or_a_dash(cell, text):
    """A share has Wilson's interval; what is not known is a dash."""
    assert cell_text(cell) == text


def test_a_table_is_written_as_markdown():
    """Its columns are as wide as their content, whatever the width of a terminal would be."""
    lines = [line.strip() for line in tables_as_text([TABLE]).splitlines() if line.strip()]
    assert [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[1:5] if "---" not in line] == [
        ["group", "exact", "error"],
        ["squat", "3 of 4 (30–95 %)", "0.25"],
        ["deadlift", "–", "–"],
    ]
    assert (lines[0], lines[-1]) == ("Counts", "All of them.")


def test_the_json_of_tables_says_how_they_were_made():
    content = json.loads(tables_as_json([TABLE], "livecoach lab measure counts", {"seed": 3, "motion": None}))
    assert (content["command"], content["options"]) == ("livecoach lab measure counts", {"seed": 3})
    (table,) = content["tables"]
    assert table["rows"][0]["exact"] == {"value": 0.75, "low": 0.3006, "high": 0.9544, "count": 3, "of": 4}
    assert table["rows"][1]["error"] is None
    assert table["notes"] == ["All of them."]
