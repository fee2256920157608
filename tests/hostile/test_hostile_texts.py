"""No text that somebody else may have written becomes more than text: no part of a page, and in a table no formula, no
other column, and nothing that a terminal obeys."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders.hostile import cases
from builders.observations import a_squat
from builders.reports import Read, a_squat_fault, a_squat_session, page_of, squatted, wrong
from hypothesis import example, given
from hypothesis import strategies as st

from livecoach.core import documents
from livecoach.core.config import paths
from livecoach.core.documents import CueEvent, SetLogEvent, codec
from livecoach.core.types import ignore
from livecoach.core.types.bounds import escape_cell, to_printable
from livecoach.pages.history.history_page import history_document
from livecoach.pages.history.history_page import render_history as history_page
from livecoach.pages.history.reading import make_past, read_session
from livecoach.pages.home import session_search, today
from livecoach.pages.plot import inline_script
from livecoach.records.session import exporting, layout
from livecoach.records.session.listing import read_whole_session
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.records.session.workout_csv import FORMATS, format_sets_csv, list_counted_sets

SEEN = [codec.round_observation(one) for one in a_squat()[:40]]
FRAGMENTS = st.sampled_from([
    "<zz9>", "</zz9>", "<script>zz9()</script>", "</script>", "</style>", "</title>", "<svg/onload=zz9()>", "<!--",
    "-->", "]]>", '"', "'", " onzz9=", '" onzz9="zz9()', "javascript:zz9()", "&lt;zz9&gt;", "&#60;zz9>", "{{ zz9 }}",
    "%3Czz9%3E", ",", ";", "\\", "\u2028", "\u202e", "a", "=1", "=", "~", "squat", "+1", "-1", "@SUM(A1)", "\t=1",
    "\r=", "\n=1", " =1", "\x1b[2J=1", "＝1+1", '=HYPERLINK("a.test";A1)',
])  # fmt: skip
TEXTS = st.lists(FRAGMENTS, min_size=1, max_size=6).map("".join)


@contextmanager
def named(text: str, exercise: str = "squat") -> Iterator[Session]:
    """A session whose folder, profile, fault and words of it are one text, and the note too, on one line."""
    fault = a_squat_fault(name=text, text=text)
    with TemporaryDirectory() as place:
        folder = a_squat_session(
            Path(place),
            [squatted(1, exercise=exercise), wrong(2, fault, exercise=exercise)],
            cues=[CueEvent(t_s=3.2, kind="good_rep", text=text, why=text, say=text, rep=1)],
            events=[SetLogEvent(t_s=4.0, set=1, load_kg=62.5, rpe=8.0, note=to_printable(text).strip() or "a")],
            observations=SEEN,
        )
        about = json.loads((folder / layout.DOCUMENT).read_text())
        (folder / layout.DOCUMENT).write_text(json.dumps(about | {"profile": text, "exercise": exercise}))
        yield open_session(folder.rename(Path(place, text.replace("/", "\u2044"))), ignore)


def nothing_got_through(html: str, script: str = f"<script>{inline_script()[0]}</script>", forms: int = 0) -> None:
    """Check that a page is whole, and that it holds no element, attribute or link of a text."""
    tags = Read(html.replace(script, "")).tags
    assert not {tag for tag, _ in tags} & {"script", "zz9", "iframe", "object", "embed", "base"}
    assert [tag for tag, _ in tags].count("form") == forms
    names = [(name, value or "") for _, attributes in tags for name, value in attributes.items()]
    assert not [name for name, _ in names if name.startswith("on")]
    assert not [
        value for name, value in names if name.endswith(("href", "src", "action")) and value.startswith("javascript:")
    ]


@given(text=TEXTS)
@cases(0.02)
def test_no_text_of_a_session_becomes_markup_in_a_page(text: str) -> None:
    with named(text) as session:
        nothing_got_through(page_of(session, "some", clip=True))
        past = make_past([read_session(session.folder, ignore)], [text])
        document = history_document(past, date(2026, 4, 1))
        nothing_got_through(history_page(document))
        script = '<script src="forms.js"></script>'
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(paths, "sessions_dir", lambda: session.folder.parent)
            patched.setattr(paths, "user_cache_dir", lambda: session.folder.parent / "cache")
            # To search, to compare, to delete the session, to correct all reps
            forms = 4 if session.folder.name.isprintable() else 2
            nothing_got_through(session_search.sessions_page({}), script, forms=forms)
            nothing_got_through(today.today_page(session.profile, date(2026, 4, 1), ignore), script)


def is_text(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return True
    return False


def is_obeyed(cell: str) -> bool:
    """Whether a spreadsheet would compute a text, or a terminal obey it."""
    return cell.lstrip()[:1] in tuple("=+-@＝＋－＠") or not cell.isprintable()


@given(text=TEXTS)
@example(text="=1+1")
@cases(0.1)
def test_no_text_of_a_session_becomes_a_formula_in_its_cell(text: str) -> None:
    with named(text, exercise=text) as session:
        files = {str(kind): format_sets_csv(list_counted_sets(session), kind) for kind in FORMATS}
        for name, table in (("reps", exporting.reps_table), ("observations", exporting.observations_table)):
            file = io.BytesIO()
            exporting.write_table(file, table([session]))
            files[name] = file.getvalue().decode()
        for name, written in files.items():
            rows = list(csv.reader(io.StringIO(written, newline=""), delimiter=";" if name == "strong" else ","))
            assert len(rows) > 1
            assert {len(row) for row in rows} == {len(rows[0])}, name
            assert not [cell for row in rows for cell in row if cell and is_text(cell) and is_obeyed(cell)], name
            assert name in ("reps", "observations") or any("62.5" in row for row in rows)
        assert json.loads(documents.to_json(read_whole_session(session.folder)))


@given(st.text())
def test_a_harmless_cell_keeps_the_words_of_any_text(text: str) -> None:
    """It has an apostrophe more at most, and white space and marks are replaced one by one."""
    cell = escape_cell(text)
    assert not is_obeyed(cell)
    assert len(cell) - len(text) in (0, 1)
    assert all(now == was for now, was in zip(reversed(cell), reversed(text), strict=False) if was.isalnum())


@pytest.mark.parametrize("text", ["easy", "2 - 1 = 1", "5@8", "", "a=b"])
def test_an_ordinary_text_is_written_to_its_cell_unchanged(text: str) -> None:
    assert escape_cell(text) == text
