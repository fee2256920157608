"""No text that somebody else may have written is a formula in a spreadsheet, in any CSV file that livecoach writes."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from builders.observations import a_squat
from builders.sessions import a_session
from builders.steps import a_fault, a_rep
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.documents import RepEvent, SetLogEvent, to_json
from livecoach.core.types.bounds import neutral_cell, printable
from livecoach.records.session import exporting, layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.records.session.workout_csv import FORMATS, LogFormat, logged_sets, workout_csv

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\x1b[2J=1",
    "＝1+1",
    '=HYPERLINK("a.test";A1)',
]


def refused(cells: Iterable[str]) -> list[str]:
    """The cells that a spreadsheet would compute, or a terminal obey."""
    return [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@＝＋－＠") or not cell.isprintable()]


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def texts(file: str, delimiter: str = ",") -> list[str]:
    """All cells that are no numbers."""
    rows = csv.reader(io.StringIO(file, newline=""), delimiter=delimiter)
    return [cell for row in rows for cell in row if cell and not is_number(cell)]


@pytest.fixture(params=HOSTILE, ids=ascii)
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Session:
    """A session whose folder, profile, exercise, fault and note are the same hostile text, but for the note, which is
    read on one line alone."""
    text = request.param
    fault = a_fault(name=text)
    rep = a_rep(index=1, start_s=1.0, turn_s=2.0, end_s=3.0, exercise=text, verdict="anomalous", faults=(fault,))
    folder = a_session(tmp_path, reps=0, observations=a_squat()[:5], events=[RepEvent(t_s=3.0, rep=rep, set="1")])
    (folder / layout.SETS).write_text(
        to_json(SetLogEvent(t_s=9.0, set=1, load_kg=62.5, rpe=8.0, note=printable(text))) + "\n"
    )
    about = json.loads((folder / layout.DOCUMENT).read_text())
    (folder / layout.DOCUMENT).write_text(json.dumps(about | {"profile": text, "exercise": text}))
    return open_session(folder.rename(tmp_path / text), lambda _: None)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_training_log_holds_no_formula(session: Session, kind: LogFormat) -> None:
    file = workout_csv(logged_sets(session), kind)
    assert "62.5" in file
    assert refused(texts(file, ";" if kind == "strong" else ",")) == []


def test_tables_of_a_session_hold_no_formula(session: Session) -> None:
    for table in (exporting.reps_table([session]), exporting.observations_table([session])):
        file = io.BytesIO()
        exporting.write_table(file, table)
        assert refused(texts(file.getvalue().decode())) == []


@given(st.text())
def test_a_neutral_cell_keeps_its_words(text: str) -> None:
    """It has an apostrophe more at most, and white space and marks are replaced one by one."""
    cell = neutral_cell(text)
    assert refused([cell]) == []
    assert len(cell) - len(text) in (0, 1)


@pytest.mark.parametrize("text", ["easy", "2 - 1 = 1", "5@8", "", "a=b"])
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutral_cell(text) == text
