"""Films of the home page wait while a set is lifted, are analysed, and leave nothing behind when they are cancelled."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from builders.analyses import an_analysis
from builders.sessions import a_document, a_session
from builders.steps import a_rep
from builders.waiting import wait_until

from livecoach.batch import film_queue
from livecoach.batch.film_pages import _film_values
from livecoach.batch.film_queue import FilmProgress, FilmQueue, QueuedFilm, has_live_run
from livecoach.batch.running import AnalystPool, Task, TaskOutcome
from livecoach.capture.file import NO_TIMES, impossible_picture_error
from livecoach.capture.loss_counter import FrameLoss
from livecoach.capture.pictures import ImpossiblePicture
from livecoach.core.config import load_settings
from livecoach.core.config.paths import user_cache_dir
from livecoach.core.documents import FramesDocument
from livecoach.core.language import translate, using_language
from livecoach.records.profile import identify_recording
from livecoach.records.session import layout
from livecoach.records.session.amending import move_set
from livecoach.records.session.opening import open_session
from livecoach.run.run_options import RunOptions
from livecoach.run.session_recording import record_session


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Analyses that end at once, or that wait until they are ended; each says on the way that it is half done."""

    def run(task: Task, analysts: AnalystPool, on_share: Callable[[float], object]) -> TaskOutcome:
        for share in (0.0, 0.25, 0.5):
            on_share(share)
        while task.recording.endswith("endless.mp4") and not analysts._closed:
            time.sleep(0.01)
        if task.recording.endswith("lost.mp4"):
            return task.make_outcome(document=an_analysis(reps=[a_rep()], session=None))
        if task.recording.endswith(("nobody.mp4", "other.mp4")):
            seen = FramesDocument(read=100, with_pose=100 * task.recording.endswith("other.mp4"), dropped=0)
            return task.make_outcome(document=an_analysis(session=None, frames=seen))
        if not task.recording.endswith("good.mp4"):
            return task.make_outcome(kind="failed", message="not a video.", status=4)
        return task.make_outcome(document=an_analysis(session="2026-03-01_18-30-00-squat"))

    monkeypatch.setattr(film_queue, "run_task", run)
    monkeypatch.setattr(film_queue, "LOOK_S", 0.01)


def films(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.touch()
    return paths


def add_films(queue: FilmQueue, folder: Path, *names: str) -> None:
    for film in films(folder, *names):
        queue.add(film.name, film, ())


@pytest.fixture
def queue() -> Iterator[FilmQueue]:
    queue = FilmQueue(1, must_wait=lambda: False)
    yield queue
    queue.close()


def test_each_film_becomes_a_session_or_says_why_not(tmp_path):
    queue = FilmQueue(2, must_wait=lambda: False)
    add_films(queue, tmp_path, "good.mp4", "bad.mp4")
    queue.add_failed("huge.mp4", "too large")
    wait_until(lambda: [film.progress.state for film in queue.films.values()] == ["done", "failed", "failed"])
    good, bad, huge = (film.progress for film in queue.films.values())
    assert (good.session, good.exercise) == ("2026-03-01_18-30-00-squat", "squat")
    assert (bad.message, huge.message) == ("not a video.", "too large")
    wait_until(lambda: not list(tmp_path.iterdir()))
    queue.close()


def test_a_film_without_a_rep_says_so_and_why(tmp_path, queue):
    """Nobody, or somebody who does not do the exercise."""
    add_films(queue, tmp_path, "nobody.mp4", "other.mp4", "lost.mp4")
    wait_until(lambda: all(film.progress.has_ended for film in queue.films.values()))
    nobody, other, lost = (translate(film.progress.message) for film in queue.films.values())
    assert nobody.startswith("No rep was found, and no session is kept. Nobody was seen.")
    assert lost.startswith("The session could not be saved.")
    assert other.endswith("If the film shows a set, choose its exercise above and add it again.")


def test_a_film_that_is_a_session_already_shows_what_the_session_holds(tmp_path, sessions, queue):
    """Whatever exercise was chosen now: its report is that of the session."""
    reps = [a_rep(exercise="deadlift") for _ in range(2)]
    (film,) = films(tmp_path, "good.mp4")
    source, identity = replace(a_document().source, live=False), identify_recording(film, "first name.mp4")
    a_session(sessions, reps=reps, exercise="deadlift", session=identity, source=source)
    queue.add("good.mp4", film, ("--exercise=squat",))
    wait_until(lambda: queue.films[1].progress.has_ended)
    known = queue.films[1].progress
    assert (known.same_as, known.exercise, known.reps) == ("", "deadlift", 2)
    assert known.message == "Its report can count a set as another exercise."


def test_a_film_of_a_session_is_not_analysed_again_nor_are_copies_at_once(tmp_path, sessions, monkeypatch):
    """A folder of films that is dropped again takes no time, and each film in it is one session of its lifter."""
    analysed, name = [], "2026-03-01_18-30-00-squat"
    (film,) = films(tmp_path, "good.mp4")
    (tmp_path / "copy").mkdir()
    source, identity = replace(a_document().source, live=False), identify_recording(film, "first name.mp4")

    def run(task: Task, *_: object) -> TaskOutcome:
        analysed.append(task)
        time.sleep(0.1)
        a_session(sessions, name=name, session=identity, source=source, profile=None)
        return task.make_outcome(document=an_analysis(session=name))

    monkeypatch.setattr(film_queue, "run_task", run)
    queue = FilmQueue(2, must_wait=lambda: False)
    queue.add("good.mp4", film, (), lifter="mia")
    queue.add("copy.mp4", *films(tmp_path / "copy", "good.mp4"), (), lifter="mia")
    wait_until(lambda: all(one.progress.has_ended for one in queue.films.values()))
    assert len(analysed) == 1
    assert {one.progress.same_as for one in queue.films.values()} in ({None, "good.mp4"}, {None, "copy.mp4"})
    assert open_session(sessions / name, pytest.fail).profiles == ("mia",)
    queue.close()


def test_no_film_begins_while_a_set_is_lifted(tmp_path):
    over = Event()
    queue = FilmQueue(1, must_wait=lambda: not over.is_set())
    queue.add("good.mp4", *films(tmp_path, "good.mp4"), ())
    wait_until(lambda: queue.is_held)
    assert queue.films[1].progress.state == "waiting"
    over.set()
    wait_until(lambda: queue.films[1].progress.state == "done")
    assert not queue.is_held
    queue.close()


def test_a_film_that_has_begun_pauses_while_a_set_is_lifted(tmp_path):
    """Also one that was dropped while the camera of that set opened. It can be cancelled meanwhile."""
    looks = iter([False])
    over = Event()
    queue = FilmQueue(2, must_wait=lambda: next(looks, not over.is_set()))
    queue.add("good.mp4", *films(tmp_path, "good.mp4"), ())
    wait_until(lambda: queue.films[1].progress.is_paused)
    assert queue.is_held
    assert queue.films[1].progress.share == 0.0
    over.set()
    wait_until(lambda: queue.films[1].progress.state == "done")
    assert not queue.films[1].progress.is_paused

    over.clear()
    looks = iter([False])
    queue.add("endless.mp4", *films(tmp_path, "endless.mp4"), ())
    wait_until(lambda: queue.films[2].progress.is_paused)
    queue.remove(2)
    wait_until(lambda: not list(tmp_path.iterdir()))
    queue.close()


def test_a_pause_is_not_part_of_the_time_left(tmp_path, monkeypatch):
    now_s, is_lifted = 0.0, False
    monkeypatch.setattr(film_queue.time, "monotonic", lambda: now_s)
    queue = FilmQueue(1, must_wait=lambda: is_lifted)
    queue.add("endless.mp4", *films(tmp_path, "endless.mp4"), ())
    wait_until(lambda: queue.films[1].progress.share == 0.5)
    now_s = 10.0
    queue._advance(queue.films[1], 0.5)
    assert queue.films[1].progress.left_s == pytest.approx(20.0)

    def lifted(_: float) -> None:
        nonlocal now_s, is_lifted
        now_s, is_lifted = 100.0, False

    monkeypatch.setattr(film_queue.time, "sleep", lifted)
    is_lifted = True
    queue._advance(queue.films[1], 0.5)
    queue._advance(queue.films[1], 0.5)
    assert queue.films[1].progress.left_s == queue.left_s == pytest.approx(20.0)
    queue.close()


def test_a_cancelled_film_lets_the_next_one_begin(tmp_path, queue):
    """One that runs, one that waits; the time left is told on the way."""
    add_films(queue, tmp_path, "endless.mp4", "waits.mp4", "good.mp4")
    wait_until(lambda: queue.films[1].progress.share == 0.5)
    assert queue.films[1].progress.left_s is not None
    for number in (2, 1, 7):
        queue.remove(number)
    wait_until(lambda: queue.films[3].progress.state == "done")
    wait_until(lambda: not list(tmp_path.iterdir()))
    assert list(queue.films) == [3]


def test_films_share_processes_which_end_with_the_last_film(tmp_path, monkeypatch, queue):
    """A start takes as long as a short film."""
    pools: list[AnalystPool] = []
    monkeypatch.setattr(film_queue, "AnalystPool", lambda: pools.append(AnalystPool()) or pools[-1])
    add_films(queue, tmp_path, "endless.mp4", "bad.mp4", "good.mp4")
    wait_until(lambda: queue.films[1].progress.share == 0.5)
    queue.remove(1)
    wait_until(lambda: queue.films[3].progress.state == "done")
    assert [pool._closed for pool in pools] == [True, True]


def test_the_time_left_of_all_films_is_never_shorter_than_that_of_one(tmp_path, monkeypatch, queue):
    """Films that have not begun are expected to last as long as the others, and a second look begins anew."""
    now_s = 0.0
    monkeypatch.setattr(film_queue.time, "monotonic", lambda: now_s)
    assert queue.left_s is None
    add_films(queue, tmp_path, "endless.mp4", "waits.mp4", "good.mp4")
    first = queue.films[1]
    wait_until(lambda: first.progress.share == 0.5)
    now_s = 10.0
    queue._advance(first, 0.5)
    assert (first.progress.left_s, queue.left_s) == pytest.approx((20.0, 20.0 + 2 * 30.0))
    queue._advance(first, 0.1)
    assert first.progress.left_s is None
    assert queue.left_s == pytest.approx(3 * 30.0)
    now_s = 20.0
    queue._advance(first, 0.2)
    assert first.progress.is_again
    assert (first.progress.left_s, queue.left_s) == pytest.approx((80.0, 80.0 + 2 * 100.0))
    for number in (2, 3):
        queue.remove(number)
    assert queue.left_s == first.progress.left_s


def test_the_end_of_the_queue_ends_and_removes_all_films(tmp_path):
    queue = FilmQueue(1, must_wait=lambda: False)
    add_films(queue, tmp_path, "endless.mp4", "good.mp4")
    wait_until(lambda: queue.films[1].progress.state == "running")
    queue.close()
    wait_until(lambda: not list(tmp_path.iterdir()))
    assert not queue.films


def test_only_a_camera_s_session_is_a_set_that_is_lifted(sessions):
    of_film = replace(a_document().source, live=False)
    assert not has_live_run()
    for number, source in enumerate((of_film, a_document().source)):
        folder = a_session(sessions, name=f"{number}", source=source, cut_off=True)
        with layout.lock_session(folder):
            assert has_live_run() is source.live
        (folder / layout.RECORDING_MARK).touch()
        assert not has_live_run()


@pytest.mark.usefixtures("data_home")
def test_a_live_run_that_keeps_no_session_is_a_set_that_is_lifted():
    live = a_document()
    film = replace(live, source=replace(live.source, live=False))
    for about, holds in ((live, True), (film, False)):
        with record_session(RunOptions(settings=load_settings({}), records=False), about, (), print) as recorder:
            assert (recorder, has_live_run()) == (None, holds)
        assert not has_live_run()
    assert not list((user_cache_dir() / layout.UNRECORDED).iterdir())


@pytest.mark.parametrize(
    "line",
    [
        "not a video. MP4, MOV, MKV, WebM and AVI can be read.",
        "there is no video in this file, only sound or text. Give the video itself.",
        "its encoding can't be decoded here. Convert it to MP4, with HandBrake or `ffmpeg -i FILE out.mp4`.",
        "can't be read after 12.5 s ([Errno 5] Input/output error). Copy it to a local disk and try again.",
        f"{impossible_picture_error(Path(), ImpossiblePicture('8 × 8'))}".removeprefix(".: "),
        NO_TIMES,
        "not done after 120 s. Try shorter films, or --limit.",
        FrameLoss(frames=3, of=120, from_s=1.5).text,
        "its process ended by signal 9 (SIGKILL).",
    ],
)
def test_what_is_wrong_with_a_film_is_said_in_the_language_of_the_page(line):
    for code in ("de", "es"):
        with using_language(code):
            assert translate(line) != line
            assert "frames" not in translate(line)


def test_a_film_whose_session_was_deleted_links_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    ended = FilmProgress(state="done", session="gone", exercise="squat", reps=8)
    assert _film_values(QueuedFilm(name="a.mp4", progress=ended))["session"] is None


def test_a_film_names_the_lifter_to_whom_its_session_was_moved(sessions):
    folder = a_session(sessions, profile="ben")
    film = QueuedFilm(name="a.mp4", lifter="ben", progress=FilmProgress(state="done", session=folder.name, reps=1))
    titles = [_film_values(film)["title"]]
    move_set(open_session(folder, pytest.fail), 1, "mia")
    assert [*titles, _film_values(film)["title"]] == ["a.mp4 · ben", "a.mp4 · mia"]


def test_a_film_that_is_nearly_done_names_no_time():
    for left_s, line in ((0.4, "92 %"), (8.0, "92 %, about 0:08 left")):
        running = FilmProgress(state="running", share=0.92, left_s=left_s)
        assert _film_values(QueuedFilm(name="a.mp4", progress=running))["line"] == line


def test_no_session_is_unfinished_in_a_folder_that_cannot_be_listed(sessions, monkeypatch):
    folder = a_session(sessions, cut_off=True)
    (folder / layout.RECORDING_MARK).touch()
    assert layout.list_unfinished_folders() == [folder]
    monkeypatch.setattr(Path, "glob", lambda folder, _: (folder / "no disk").iterdir())
    assert layout.list_unfinished_folders() == []
