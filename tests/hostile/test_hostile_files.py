"""Whatever stands in a file of the user's, it is read as far as it makes sense, or refused in one line.

Every case changes one to three things in the files of one door (builders.hostile). LIVECOACH_FUZZ sets their number.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import make_archive
from tempfile import TemporaryDirectory

import pytest
from builders.analyses import an_analysis
from builders.hostile import Damage, Door, Files, Reader, cases, damaged, damages, held, on_disk
from builders.observations import a_header, a_squat
from builders.pipelines import a_pipeline
from builders.reports import a_squat_session, page_of, squatted, wrong
from builders.sessions import contents
from builders.sources import write_video
from hypothesis import given
from hypothesis import strategies as st

from livecoach.batch.batch_summary import render_summary, summarise_batch, write_tables
from livecoach.batch.running import TaskOutcome
from livecoach.capture.file import VideoFile
from livecoach.capture.stored_observations import StoredObservations
from livecoach.cli.batch_folder import BatchFolder
from livecoach.cli.sessions import session_detail_lines, session_line, sessions_document
from livecoach.core import documents
from livecoach.core.config import load_settings, paths, save_settings
from livecoach.core.config import settings as settings_module
from livecoach.core.documents import CorrectionEvent, CueEvent, SetLogEvent, codec
from livecoach.core.errors import ConfigError, OutputError
from livecoach.lab import annotation
from livecoach.pages.history.reading import read_session
from livecoach.pages.report.content import read_report_content
from livecoach.pages.report.session_cards import draw_thumbnail
from livecoach.phone import access
from livecoach.records.earlier import read_earlier_sets, read_log
from livecoach.records.knowledge import LifterReferences
from livecoach.records.plan import read_plan
from livecoach.records.profile import Profile
from livecoach.records.session import exporting
from livecoach.records.session.importing import import_session, open_import
from livecoach.records.session.listing import describe_session, read_whole_session
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.records.session.video import SessionPictures
from livecoach.records.session.workout_csv import FORMATS, format_sets_csv, list_counted_sets
from livecoach.run.coached import CoachedRun
from livecoach.run.parts import Part

NAME = "2026-03-01_18-30-00-squat"
SEEN = [codec.round_observation(replace(one, width_px=160, height_px=120)) for one in a_squat()[:40]]
PROFILE = "data/profiles/me"


@cache
def a_bundle() -> Files:
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
        return {f"{NAME}/{name}": content for name, content in contents(folder).items()}


def of_session(place: Path) -> Iterator[Reader]:
    """Yield whatever reads a session, but for the report."""
    folder = place / NAME
    session = open_session(folder, print)
    yield lambda: print(*session_detail_lines(read_whole_session(folder)), sep="\n")
    yield lambda: documents.to_json(read_whole_session(folder))
    yield lambda: print(session_line(describe_session(folder)))
    yield lambda: documents.to_json(sessions_document([describe_session(folder)]))
    yield lambda: session.ending
    yield lambda: exporting.write_table(io.BytesIO(), exporting.reps_table([session]))
    yield lambda: exporting.write_table(io.BytesIO(), exporting.observations_table([session]))
    yield lambda: [format_sets_csv(list_counted_sets(session), kind) for kind in FORMATS]
    yield lambda: read_session(folder, print)
    yield lambda: read_report_content(session)
    yield lambda: pictures(session)
    yield lambda: draw_thumbnail(session)
    yield lambda: replayed(session)
    yield lambda: imported(folder)


def pictures(session: Session) -> None:
    if session.video is not None:
        with closing(SessionPictures(session.video)) as video:
            for _ in video.read_pictures():
                pass


def replayed(session: Session) -> None:
    with closing(session.open_frames()) as frames:
        run = CoachedRun(Part(pipeline=a_pipeline("squat")))
        for _ in run.process_recording(frame.observation for frame in iter(frames.read, None) if frame.observation):
            pass


def imported(folder: Path) -> None:
    with on_disk({}) as home:
        take_all(Path(make_archive(f"{home}/it", "zip", folder.parent, folder.name)))


def take_all(archive: Path) -> None:
    with open_import(archive) as found:
        for session in found.sessions:
            import_session(session, print)


def report(place: Path) -> Iterator[Reader]:
    """Write the report, which takes longer than all other readers together."""
    yield lambda: page_of(open_session(place / NAME, print), "some", clip=True)


@cache
def a_zip() -> Files:
    with TemporaryDirectory() as place, on_disk(a_bundle()) as folder:
        return {"it.zip": Path(make_archive(f"{place}/it", "zip", folder, NAME)).read_bytes()}


def of_zip(place: Path) -> Iterator[Reader]:
    """Import it: what is there then is whole, and a session's."""

    def whole() -> None:
        try:
            take_all(place / "it.zip")
        finally:
            there = contents(paths.sessions_dir()) if paths.sessions_dir().exists() else {}
            assert there.items() <= a_bundle().items()

    yield whole


@cache
def a_profile() -> Files:
    reps = {f"{PROFILE}/squat/{n:03d}.rep": a_bundle()[f"{NAME}/reference/{n:03d}.rep"] for n in range(2)}
    sets = b'[{"day": "2026-01-05", "exercise": "squat", "order": 1, "reps": 5, "load_kg": 80.0}]'
    plan = b"begins: 2026-11-23\nsets:\n  - {week: 1, exercise: squat, sets: 3, reps: 5, load: 100kg, rest: 3:00}\n"
    return {
        **reps,
        f"{PROFILE}/forgotten.json": b'{"squat": "2026-01-01T00:00:00Z"}',
        f"{PROFILE}/height_cm": b"180.5",
        f"{PROFILE}/earlier.json": sets,
        f"{PROFILE}/plan.yaml": plan,
    }


def of_profile(_: Path) -> Iterator[Reader]:
    profile = Profile("me", print)
    yield profile.list_exercises
    yield lambda: LifterReferences(profile, print).find_reference("squat", "lite")
    yield lambda: profile.read_forgotten("squat")
    yield lambda: settings_module.read_height_cm("me")
    yield lambda: read_earlier_sets("me")
    yield lambda: read_plan("me")


def stored_observations() -> Files:
    payloads = (codec.encode_header(a_header()), *map(codec.encode, SEEN))
    return {"set.obs": b"".join(map(codec.make_record, payloads))}


def of_observations(place: Path) -> Iterator[Reader]:
    """Read them as `analyze` and `replay` do: the first damage ends it."""
    yield lambda: list(StoredObservations(place / "set.obs").payloads)
    yield lambda: analysed(place / "set.obs")


def analysed(path: Path) -> None:
    with closing(StoredObservations(path)) as source:
        pipeline = a_pipeline("squat")
        for frame in iter(source.read, None):
            assert frame.observation is not None
            pipeline.step(frame.observation)


@cache
def an_annotation() -> Files:
    with TemporaryDirectory() as place:
        path = Path(place, "annotation.csv")
        marked = annotation.Annotation(
            stages={5: "up", 20: "down"}, reps=(annotation.RepMark(frame=20, at_s=0.7, label="good"),)
        )
        annotation.save(path, marked, SEEN, "set.obs")
        return contents(Path(place))


@cache
def videos() -> Files:
    with TemporaryDirectory() as place:
        return {f"a.{kind}": write_video(Path(place, f"a.{kind}")).read_bytes() for kind in ("mp4", "ts", "avi", "mkv")}


def of_videos(place: Path) -> Iterator[Reader]:
    for name in videos():
        yield lambda path=place / name: shown(path)


def shown(path: Path) -> None:
    with closing(VideoFile(path)) as video:
        for _ in iter(video.read, None):
            pass


LOG = (
    b"Date,Workout Name,Exercise Name,Set Order,Weight,Weight Unit,Reps,RPE,Notes\n"
    b'2026-01-05 18:51:52,Legs,"Squat (Barbell)",1,100.0,kg,5,8,\n'
    b'"22 Dec 2025, 08:00",Legs,"Deadlift (Barbell)",2,220.5,lbs,3,,easy\n'
)


@cache
def identity() -> Files:
    """What the phone's page is known by."""
    with on_disk({}) as place:
        access.load_identity("10.0.0.2")
        return contents(place)


@cache
def a_batch() -> Files:
    reps = tuple(wrong(number) for number in (1, 2))
    outcome = TaskOutcome(key="a", recording="/films/a.mp4", document=an_analysis(reps=reps), wall_s=1.5)
    with on_disk({}) as place:
        with BatchFolder(place / "out").open() as folder:
            folder.store(outcome)
        return contents(place)


def of_batch(place: Path) -> Iterator[Reader]:
    """Sum up what is done: a recording of which the result is damaged is done again."""

    def summed_up() -> None:
        known = BatchFolder(place / "out").read_outcome("a")
        outcomes = [] if known is None else [known]
        write_tables(place, outcomes)
        render_summary(summarise_batch(outcomes), 1 - len(outcomes))

    yield summed_up


DOORS = {
    "session": Door(files=a_bundle, readers=of_session, readers_a_case=2, share=0.7),
    "report": Door(files=a_bundle, readers=report, share=0.01),
    "zip": Door(files=a_zip, readers=of_zip, share=0.2, kept="*"),
    "profile": Door(files=a_profile, readers=of_profile, share=0.2),
    "observations": Door(files=stored_observations, readers=of_observations, share=0.1),
    "annotation": Door(
        files=an_annotation, readers=lambda place: [lambda: annotation.load(place / "annotation.csv", SEEN)], share=0.1
    ),
    "video": Door(files=videos, readers=of_videos, share=0.5),
    "training log": Door(
        files=lambda: {"log.csv": LOG}, readers=lambda place: [lambda: read_log(place / "log.csv", "metric")], share=0.1
    ),
    "batch": Door(files=a_batch, readers=of_batch, share=0.4),
    "phone's certificates": Door(
        files=identity, readers=lambda _: [lambda: access.load_identity("10.0.0.2")], share=0.1, kept="-"
    ),
}
"""What is read → its files and readers. LIVECOACH_FUZZ times a share is the number of cases."""


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_damaged_file_is_read_or_refused(door: Door) -> None:
    door.hold()


PART = st.sampled_from(
    ["..", ".", "", "~", "C:", "session.json", "observations.obs", "reference", "000.rep", NAME, "a\\b", "tables", "\n"]
) | st.text(max_size=5)
ENTRIES = st.lists(PART, min_size=1, max_size=4).map("/".join).filter(lambda name: name.split("\0")[0])


@cases(0.2)
@given(names=st.lists(ENTRIES, min_size=1, max_size=4), with_session=st.booleans())
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_of_whatever_names_writes_only_into_its_session(names: list[str], with_session: bool) -> None:
    """Inside the folder of sessions too there are only sessions, with files of sessions."""
    entries = [*(a_bundle().items() if with_session else ()), *((name, b"evil") for name in names)]
    with on_disk({}) as home:
        try:
            with zipfile.ZipFile(home / "it.zip", "w") as file:
                for name, content in entries:
                    file.writestr(name, content)
        except (UnicodeEncodeError, ValueError):
            return
        with held(home):
            take_all(home / "it.zip")
        for taken in set(contents(home)) - {"it.zip"}:
            assert taken.startswith(f"data/sessions/{NAME}/")
            assert f"{NAME}/{Path(taken).name}" in a_bundle() or taken.endswith(".rep")


SETTINGS = {"config/settings.yaml": (paths.configs_dir() / "settings.yaml").read_bytes()}


@cases(0.2)
@given(changes=damages(sorted(SETTINGS)), volume=st.floats(0, 1))
def test_a_value_saved_in_damaged_settings_loses_no_other_value(changes: list[Damage], volume: float) -> None:
    """Either the value can be read back and the rest is as it was, or the file is byte for byte what it was."""
    with on_disk(damaged(SETTINGS, changes)), held():
        file = paths.user_config_file()
        content = file.read_bytes()
        try:
            before = load_settings({"sound.volume": volume})
            settings_module.all_settings()
            save_settings({"sound.volume": volume})
        except (ConfigError, OutputError):
            assert file.read_bytes() == content
            raise
        assert load_settings({}) == before
