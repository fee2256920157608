"""Whatever stored files hold, they are read as far as they make sense, or refused in one line, and no text of theirs
becomes a part of a page or another column of a table.

Every case changes one to three things in the files of a session, of a profile, of an annotation or of stored
observations (builders.hostile). LIVECOACH_FUZZ sets their number.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from shutil import make_archive
from tempfile import TemporaryDirectory

import pytest
from builders.hostile import Damage, cases, damaged, damages
from builders.observations import a_header, a_squat
from builders.pipelines import a_pipeline
from builders.reports import Read, a_squat_fault, a_squat_session, squatted, wrong
from builders.sessions import contents
from hypothesis import given
from hypothesis import strategies as st

from livecoach.capture.stored import StoredObservations
from livecoach.cli.sessions import session_line, sessions_document, shown_lines
from livecoach.core import documents
from livecoach.core.documents import CorrectionEvent, CueEvent, SetLogEvent, codec
from livecoach.core.errors import LivecoachError
from livecoach.core.types import ignore
from livecoach.core.types.bounds import printable
from livecoach.decisions import assembly
from livecoach.lab import annotation
from livecoach.pages.history.page import history_document
from livecoach.pages.history.page import render_page as history_page
from livecoach.pages.history.reading import past_of, read_session
from livecoach.pages.plot import inline_script
from livecoach.pages.report.content import gather
from livecoach.pages.report.home import render_home, thumbnail
from livecoach.pages.report.page import render_page
from livecoach.pages.report.pictures import ReportPictures
from livecoach.records.knowledge import Knowledge
from livecoach.records.profile import Profile
from livecoach.records.session import exporting, layout
from livecoach.records.session.importing import import_session, open_import
from livecoach.records.session.listing import read_overview, session_entry
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.records.session.video import SessionPictures
from livecoach.records.session.workout_csv import FORMATS, logged_sets, workout_csv
from livecoach.run.coached import CoachedRun
from livecoach.run.parts import Part

NAME = "2026-03-01_18-30-00-squat"
SEEN = [codec.rounded(replace(one, width_px=160, height_px=120)) for one in a_squat()[:40]]
STORED = b"".join(codec.record(payload) for payload in (codec.encode_header(a_header()), *map(codec.encode, SEEN)))


@cache
def a_bundle() -> dict[str, bytes]:
    """The files of a session in which there is something of everything."""
    with TemporaryDirectory() as place:
        folder = a_squat_session(
            Path(place),
            [squatted(1), wrong(2)],
            cues=[CueEvent(t_s=3.2, kind="good_rep", text="1", why=None, say="1", rep=1)],
            events=[
                CorrectionEvent(t_s=3.2, rep=1, start_s=0.8, label="bad", fault="forward_lean", frame=100),
                SetLogEvent(t_s=4.0, set=1, load_kg=80.0, rpe=8.0, note="easy", frame=120),
            ],
            reference=2,
            observations=SEEN,
            video=True,
        )
        return contents(folder)


@contextmanager
def on_disk(files: Mapping[str, bytes], folder: str) -> Iterator[Path]:
    """Give a folder with the files, in a data folder of its own."""
    with TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", place)
        for name, content in files.items():
            path = Path(place, folder, name)
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_bytes(content)
        yield Path(place, folder)


def holds(readers: Sequence[Callable[[], object]]) -> None:
    """Check that each reader ends, or raises an error of one line, and prints nothing that a terminal obeys."""
    shown = io.StringIO()
    with redirect_stdout(shown):
        for read in readers:
            try:
                read()
            except LivecoachError as err:
                assert str(err).isprintable(), repr(err)  # noqa: PT017 (most readers raise nothing)
    assert shown.getvalue().replace("\n", "").isprintable(), ascii(shown.getvalue())


def all_readers(session: Session) -> Iterator[Callable[[], object]]:
    """Yield whatever reads a session."""
    folder = session.folder
    yield lambda: list(shown_lines(read_overview(folder)))
    yield lambda: documents.to_json(read_overview(folder))
    yield lambda: session_line(session_entry(folder))
    yield lambda: documents.to_json(sessions_document([session_entry(folder)]))
    yield lambda: session.ending
    yield lambda: exporting.write_table(io.BytesIO(), exporting.reps_table([session]))
    yield lambda: exporting.write_table(io.BytesIO(), exporting.observations_table([session]))
    yield lambda: [workout_csv(logged_sets(session), kind) for kind in FORMATS]
    yield lambda: read_session(folder, ignore)
    yield lambda: gather(session)
    yield lambda: pictures(session)
    yield lambda: thumbnail(session)
    yield lambda: [session.window(event) for event in session.rep_events]
    yield lambda: replayed(session)
    yield lambda: imported(folder)


def pictures(session: Session) -> None:
    """Read each picture of the video that can be read."""
    if session.video is not None:
        with closing(SessionPictures(session.video)) as video:
            for _ in video.each():
                pass


def replayed(session: Session) -> None:
    with closing(session.frames()) as frames:
        run = CoachedRun(Part(pipeline=a_pipeline("squat")))
        for _ in run.whole(frame.observation for frame in iter(frames.read, None) if frame.observation):
            pass


def imported(folder: Path) -> None:
    with TemporaryDirectory() as place:
        archive = make_archive(f"{place}/it", "zip", folder.parent, folder.name)
        with open_import(Path(archive)) as found:
            for session in found.sessions:
                import_session(session)


@given(changes=damages(sorted(a_bundle())))
@cases(0.7)
def test_a_session_is_read_or_refused(changes: list[Damage]):
    """By every command that reads sessions."""
    with on_disk(damaged(a_bundle(), changes), NAME) as folder:
        said: list[str] = []
        try:
            session = open_session(folder, said.append)
        except LivecoachError as err:
            assert str(err).isprintable(), repr(err)  # noqa: PT017 (most sessions can be opened)
            return
        holds(some(list(all_readers(session)), changes))


def some(readers: Sequence[Callable[[], object]], changes: Sequence[Damage]) -> Sequence[Callable[[], object]]:
    """Return two of the readers, others for other changes: all of them would take a tenth of a second."""
    first = int(changes[0].at * 997 * len(readers)) % len(readers)
    return readers[first], readers[(first + 5) % len(readers)]


@given(changes=damages(["000.rep", "001.rep"]))
@cases(0.1)
def test_a_profile_is_read_without_what_is_damaged(changes: list[Damage]):
    """A damaged rep is left out, and told."""
    good = {f"{n:03d}.rep": a_bundle()[f"reference/{n:03d}.rep"] for n in range(2)}
    with on_disk(damaged(good, changes), "livecoach/profiles/me/squat"):
        said: list[str] = []
        profile = Profile("me", said.append)
        holds([profile.exercises, lambda: Knowledge(profile, said.append).known("squat", "lite")])


@given(changes=damages(["set.obs"]))
@cases(0.1)
def test_stored_observations_are_read_or_refused(changes: list[Damage]):
    """As `analyze` and `replay` read them: the first damage ends it."""
    with on_disk(damaged({"set.obs": STORED}, changes), "x") as folder:
        holds([lambda: list(StoredObservations(folder / "set.obs").payloads()), lambda: analysed(folder / "set.obs")])


def analysed(path: Path) -> None:
    with closing(StoredObservations(path)) as source:
        pipeline = a_pipeline("squat")
        for frame in iter(source.read, None):
            assert frame.observation is not None
            pipeline.step(frame.observation)


@given(changes=damages(["annotation.csv", "annotation.json"]))
@cases(0.1)
def test_an_annotation_is_read_or_refused(changes: list[Damage]):
    """With what to do about it."""
    with on_disk(damaged(an_annotation(), changes), "x") as folder:
        holds([lambda: annotation.load(folder / "annotation.csv", SEEN)])


@cache
def an_annotation() -> dict[str, bytes]:
    with TemporaryDirectory() as place:
        path = Path(place, "annotation.csv")
        marked = annotation.Annotation(
            stages={5: "up", 20: "down"}, reps=(annotation.RepMark(frame=20, at_s=0.7, label="good"),)
        )
        annotation.save(path, marked, SEEN, "set.obs")
        return contents(Path(place))


@given(changes=damages(sorted(a_bundle())))
@cases(0.01)
def test_a_report_is_written_or_refused(changes: list[Damage]):
    """It takes longer than all other readers together."""
    with on_disk(damaged(a_bundle(), changes), NAME) as folder:
        holds([lambda: page(open_session(folder, ignore))])


def page(session: Session) -> str:
    """The report."""
    exercises = {name: trained(name) for name in session.exercises}
    with ReportPictures(session, without_faces=False) as found:
        return render_page(gather(session), exercises, found, ["some"])


@cache
def trained(name: str) -> assembly.TrainedExercise:
    return assembly.load_exercise(name)


FRAGMENTS = st.sampled_from([
    "<zz9>", "</zz9>", "<script>zz9()</script>", "</script>", "</style>", "</title>", "<svg/onload=zz9()>", "<!--",
    "-->", "]]>", '"', "'", " onzz9=", '" onzz9="zz9()', "javascript:zz9()", "&lt;zz9&gt;", "&#60;zz9>", "{{ zz9 }}",
    "%3Czz9%3E", ",", ";", "\\", "\u2028", "\u202e", "a", "=1", "=", "~", "squat",
])  # fmt: skip
TEXTS = st.lists(FRAGMENTS, min_size=1, max_size=6).map("".join)


def note_of(text: str) -> str:
    """The text as a note, which is one line and not empty."""
    return printable(text).strip() or "a"


@contextmanager
def named(text: str) -> Iterator[Session]:
    """A session whose folder, profile, note, fault and words of it are one text."""
    fault = a_squat_fault(name=text, text=text)
    with TemporaryDirectory() as place:
        folder = a_squat_session(
            Path(place),
            [squatted(1), wrong(2, fault)],
            cues=[CueEvent(t_s=3.2, kind="good_rep", text=text, why=text, say=text, rep=1)],
            events=[SetLogEvent(t_s=4.0, set=1, load_kg=80.0, rpe=8.0, note=note_of(text))],
            observations=SEEN,
        )
        about = json.loads((folder / layout.DOCUMENT).read_text())
        (folder / layout.DOCUMENT).write_text(json.dumps(about | {"profile": text}))
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
def test_no_text_of_a_session_gets_into_a_page_as_more_than_text(text: str) -> None:
    """Into the report, the history and the home page."""
    with named(text) as session:
        nothing_got_through(page(session))
        past = past_of([read_session(session.folder, ignore)], [text])
        document = history_document(past, date(2026, 4, 1))
        nothing_got_through(history_page(document))
        card = {
            **dict.fromkeys(("title", "when", "who", "line", "loads", "report", "key"), text),
            "counts": (),
            "figure": None,
            "first_set": 1,
            "others": text,
        }
        card["name"] = session.name
        home = render_home([card], document, [], count=1)
        nothing_got_through(home, '<script src="forms.js"></script>', forms=1)  # that deletes the session


@given(text=TEXTS)
@cases(0.1)
def test_no_text_of_a_session_moves_a_cell_of_an_export(text: str) -> None:
    """Neither of the tables, nor of the training logs, nor of the JSON."""
    with named(text) as session:
        logs = {kind: workout_csv(logged_sets(session), kind) for kind in FORMATS}
        file = io.BytesIO()
        exporting.write_table(file, exporting.reps_table([session]))
        for name, written in {**logs, "reps": file.getvalue().decode()}.items():
            rows = list(csv.reader(io.StringIO(written, newline=""), delimiter=";" if name == "strong" else ","))
            assert len(rows) > 1
            assert {len(row) for row in rows} == {len(rows[0])}, name
        assert json.loads(documents.to_json(read_overview(session.folder)))
