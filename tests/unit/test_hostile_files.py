"""Whatever stored files hold, they are read as far as they make sense, or refused in one line.

Every case changes one to three things in the files of a session, of a profile, of an annotation or of stored
observations (builders.hostile). LIVECOACH_FUZZ sets their number.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders.hostile import Damage, cases, damaged, damages
from builders.observations import a_header, a_squat
from builders.pipelines import a_pipeline
from builders.reports import a_squat_session, squatted, wrong
from builders.sessions import contents
from hypothesis import given

from livecoach import assembly, documents
from livecoach.cli.sessions_table import print_list, print_session, sessions_document
from livecoach.documents import CorrectionEvent, CueEvent, SetLogEvent, codec
from livecoach.errors import LivecoachError
from livecoach.history.reading import read_session
from livecoach.lab import annotation
from livecoach.player import StepCache
from livecoach.profile import Profile
from livecoach.report.content import gather
from livecoach.report.exercise_part import ReportInput
from livecoach.report.home import thumbnail
from livecoach.report.page import render_page
from livecoach.report.pictures import ReportPictures
from livecoach.session import tables
from livecoach.session.importing import import_session, open_import
from livecoach.session.listing import read_overview, session_entry
from livecoach.session.recording import ending_of_truncated
from livecoach.session.stored import Session, load_rep_window, open_session
from livecoach.session.video import SessionPictures
from livecoach.session.workout_csv import FORMATS, logged_sets, workout_csv
from livecoach.source.stored import StoredObservations
from livecoach.types.callbacks import ignore

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
    reps = [session]
    yield lambda: print_session(read_overview(folder))
    yield lambda: documents.to_json(read_overview(folder))
    yield lambda: print_list([session_entry(folder)])
    yield lambda: documents.to_json(sessions_document([session_entry(folder)]))
    yield lambda: ending_of_truncated(session)
    yield lambda: tables.write(io.BytesIO(), tables.reps(reps), "csv")
    yield lambda: tables.write(io.BytesIO(), tables.observations([session]), "csv")
    yield lambda: [workout_csv(logged_sets(session), kind) for kind in FORMATS]
    yield lambda: read_session(folder, ignore)
    yield lambda: gather(session)
    yield lambda: pictures(session)
    yield lambda: thumbnail(session)
    yield lambda: [load_rep_window(session, event) for event in session.reps]
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
        steps = StepCache(frames.payloads(), a_pipeline("squat"), lambda _: None)
        if len(steps):
            _ = steps[len(steps) - 1]


def imported(folder: Path) -> None:
    with open_import(folder) as found:
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
        holds([profile.exercises, lambda: profile.entries("squat"), lambda: profile.reps("squat", pose="lite")])


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


def page(session: Session) -> None:
    """Write the report."""
    coaches = {name: coach(name) for name in session.exercises}
    with ReportPictures(session, without_faces=False) as found:
        render_page(
            ReportInput(session=session, coaches=coaches, content=gather(session), pictures=found, damage=["some"])
        )


@cache
def coach(name: str) -> assembly.Coach:
    return assembly.load(name)
