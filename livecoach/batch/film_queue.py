"""The home page's queue: films that become sessions by an analysis, and sessions that get an annotated video."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Literal

from livecoach.batch.running import AnalystPool, Task, TaskOutcome, parse_analysis, run_task
from livecoach.core.config.paths import sessions_dir
from livecoach.core.documents import Analysis
from livecoach.core.errors import LivecoachError, SessionError, SourceError
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.core.types.message import Message, capitalise, join_texts
from livecoach.records.profile import identify_recording
from livecoach.records.rejudging import claim_session_of_film
from livecoach.records.session import layout
from livecoach.records.session.opening import read_document
from livecoach.run.doubts import seldom_seen_line

NO_REP = capitalise("no rep was found, and no session is kept")
NOT_KEPT = Message("The session could not be saved. Make its folder writable, and add the film again.")
OTHER_EXERCISE = "If the film shows a set, choose its exercise above and add it again."
FREE_SPACE = Message("Free some space, delete the session, and add the film again.")
AS_ANOTHER = Message("Its report can count a set as another exercise.")
LOOK_S = 1.0  # Time between two looks whether a set is being lifted, in seconds. Our choice.


def has_live_run() -> bool:
    """Return whether a process of livecoach judges a camera's pictures, whether or not it records a session."""
    for folder in layout.list_unfinished_folders():
        with suppress(SessionError, OSError):
            if layout.is_recording(folder) and read_document(folder / layout.DOCUMENT).source.live:
                return True
    return layout.has_unrecorded_run()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmProgress:
    """The progress of a film, or of an annotated video, in the queue."""

    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    share: float = 0.0  # Share that is analysed, 0 to 1
    left_s: float | None = None  # Time until the end of the analysis, in seconds; None if it is not known
    is_paused: bool = False  # Whether the analysis waits for the end of a set
    is_again: bool = False  # Whether the film is analysed a second time, with a pose model that sees more
    message: str = ""  # The problem in a line; empty without a problem
    session: str | None = None  # Name of the session that the film became; None without a session
    exercise: str | None = None  # Exercise of the film; None if none was recognised
    reps: int = 0  # Number of completed reps
    same_as: str | None = None
    """Name of an earlier film in the queue that became the same session; empty if the session is older than the queue;
    None for a new session."""

    @property
    def has_ended(self) -> bool:
        """Whether the analysis of the film has ended, with or without success."""
        return self.state in {"done", "failed"}


@dataclass(slots=True, kw_only=True)
class QueuedFilm:
    """A film in the queue, or an annotated video that is made from a session."""

    name: str  # Name of the film for the user
    lifter: str = ""  # Profile that was chosen for the film; empty if none was chosen
    progress: FilmProgress
    annotated: Path | None = None  # Annotated video that is made from a session; None if a film becomes a session
    since: tuple[float, float] = (0.0, 0.0)  # Time in seconds of the first known share, and that share
    began_s: float = 0.0  # Time at which the analysis began, plus all its pauses, in seconds
    lasts_s: float | None = None  # Duration of the whole analysis, in seconds; None if it is not known yet
    future: Future[FilmProgress] | None = None  # Final progress of the film; None for a refused film
    analysts: AnalystPool | None = None  # Processes of the analysis; None while none runs


class FilmQueue:
    """A thread-safe queue that analyses films and makes annotated videos, several at a time, at a low priority.

    While livecoach judges a camera's pictures, no film begins, and films that have begun pause.
    """

    def __init__(self, jobs: int, must_wait: Callable[[], bool] = has_live_run) -> None:
        """Create an empty queue that analyses `jobs` films at a time, but no film while `must_wait` returns true."""
        self._pool, self._jobs, self._must_wait = ThreadPoolExecutor(jobs, "films"), jobs, must_wait
        self._numbers = count(1)
        self._idle: list[AnalystPool] = []  # Processes for the next films
        self._locks: dict[str, Lock] = {}  # Locks by which copies of a film are analysed one after the other
        self._film_of: dict[str | None, str] = {}  # Session → the first film in the queue that is this session
        self.films: dict[int, QueuedFilm] = {}
        """All films by their number, in the order in which they came."""
        self.is_held = False  # Whether films wait because a set is being lifted

    @property
    def is_busy(self) -> bool:
        """Whether any film waits or is being analysed."""
        return not all(film.progress.has_ended for film in list(self.films.values()))

    @property
    def left_s(self) -> float | None:
        """Expected time until all films are analysed, in seconds; None if unknown, or if no film is left.

        A film whose remaining time is unknown counts as an average film.
        """
        films = list(self.films.values())
        known_s = [film.lasts_s for film in films if film.lasts_s is not None]
        progress = [film.progress for film in films if not film.progress.has_ended]
        if not (known_s and progress):
            return None
        usual_s = sum(known_s) / len(known_s)
        lefts_s = [usual_s if film.left_s is None else film.left_s for film in progress]
        return max(sum(lefts_s) / self._jobs, *(film.left_s or 0.0 for film in progress))

    def add(
        self, name: str, recording: Path, options: Sequence[str], annotated: Path | None = None, lifter: str = ""
    ) -> None:
        """Add a film to analyse or, with `annotated`, a session from which an annotated video is made.

        Args:
            name: Name that the user sees.
            recording: The film, which is deleted after its analysis, or the folder of the session, which is kept.
            options: Options of `livecoach analyze`.
            annotated: Path of the annotated video to make from a session; None to make a session from a film.
            lifter: Profile that was chosen for the film; empty if none was chosen.
        """
        queued = self._listed(QueuedFilm(name=name, lifter=lifter, progress=FilmProgress(), annotated=annotated))
        kept = "--record" if annotated is None else f"--annotated={annotated}"
        task = Task(key=name, recording=str(recording), options=(*options, kept), uses_user_settings=True)

        def finish(future: Future[FilmProgress]) -> None:
            if annotated is None:
                with suppress(OSError):
                    recording.unlink()
            if not future.cancelled():  # only now, so that a film that is shown as done is off the disk
                queued.progress = future.result()

        queued.future = self._pool.submit(self._analyse, queued, task)
        queued.future.add_done_callback(finish)

    def add_failed(self, name: str, message: str) -> None:
        """List a film as failed, with the reason in `message`, and do not analyse the film."""
        self._listed(QueuedFilm(name=name, progress=FilmProgress(state="failed", message=message)))

    def remove(self, number: int) -> None:
        """Remove a film from the queue, and end its analysis; do nothing if no film has the number."""
        film = self.films.pop(number, None)
        if film is None:
            return
        if film.future is not None:
            film.future.cancel()
        if (analysts := film.analysts) is not None:
            analysts.close()

    def close(self) -> None:
        """End all analyses, and empty the queue."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for number in list(self.films):
            self.remove(number)
        self._end_idle()

    def _end_idle(self) -> None:
        idle, self._idle = self._idle, []
        for analysts in idle:
            analysts.close()

    def _listed(self, film: QueuedFilm) -> QueuedFilm:
        self.films[next(self._numbers)] = film
        return film

    def _is_listed(self, film: QueuedFilm) -> bool:
        return any(film is other for other in list(self.films.values()))

    # The methods below run on a thread of the pool.

    def _analyse(self, film: QueuedFilm, task: Task) -> FilmProgress:
        if film.annotated is not None:
            return self._run(film, task)
        try:
            identity = identify_recording(Path(task.recording), film.name)
        except SourceError as err:
            return FilmProgress(state="failed", message=str(err))
        with self._locks.setdefault(identity.rpartition(":")[2], Lock()):
            ended = _stored_progress(identity, film.lifter, task.options)
            if ended is None:
                ended = self._run(film, task)
            else:
                ended = replace(ended, same_as=self._film_of.get(ended.session, ""))
            self._film_of.setdefault(ended.session, film.name)
            return ended

    def _run(self, film: QueuedFilm, task: Task) -> FilmProgress:
        self._wait_for_set(film)
        try:
            with suppress(IndexError):
                film.analysts = self._idle.pop()
            film.analysts = film.analysts or AnalystPool()
            if not self._is_listed(film):
                return film.progress
            film.progress, film.began_s = replace(film.progress, state="running"), time.monotonic()
            outcome = run_task(task, film.analysts, partial(self._advance, film))
            ended = _final_progress(outcome, keeps=film.annotated is None)
            film.lasts_s = time.monotonic() - film.began_s if ended.state == "done" else None
            return ended
        except (OSError, ValueError) as err:  # no folder for temporary files, or a document that is cut
            return FilmProgress(state="failed", message=str(err))
        finally:
            self._release(film)

    def _wait_for_set(self, film: QueuedFilm) -> None:
        while self._is_listed(film) and self._must_wait():
            self.is_held = True
            time.sleep(LOOK_S)
        self.is_held = False

    def _advance(self, film: QueuedFilm, share: float) -> None:
        """Note how far an analysis is, and pause it while a set is lifted: its process waits for this call."""
        _note_share(film, share)
        if not self._must_wait():
            return
        held_s = time.monotonic()
        film.progress = replace(film.progress, is_paused=True)
        self._wait_for_set(film)
        film.progress = replace(film.progress, is_paused=False)
        held_s = time.monotonic() - held_s
        film.since, film.began_s = (film.since[0] + held_s, film.since[1]), film.began_s + held_s

    def _release(self, film: QueuedFilm) -> None:
        """Keep the processes of a film that has ended for the next film. If no film waits, end all kept processes."""
        analysts, film.analysts = film.analysts, None
        if analysts is not None and self._is_listed(film):
            self._idle.append(analysts)
        elif analysts is not None:
            analysts.close()
        if all(other.progress.state != "waiting" for other in list(self.films.values())):
            self._end_idle()


def _stored_progress(identity: str, lifter: str, options: Sequence[str]) -> FilmProgress | None:
    """Return the progress of a film from which a session was made before; None for any other film."""
    with suppress(LivecoachError):  # the analysis reports it
        session = claim_session_of_film(identity, None if lifter in {"", NO_PROFILE} else lifter)
        if session is not None:
            done = session.exercises
            wanted = {option.removeprefix("--exercise=") for option in options if option.startswith("--exercise=")}
            return FilmProgress(
                state="done",
                share=1.0,
                message="" if wanted <= set(done) else AS_ANOTHER,
                session=session.name,
                exercise=next(iter(done), None),
                reps=len(session.counted_reps),
            )
    return None


def _note_share(film: QueuedFilm, share: float) -> None:
    now_s, is_again = time.monotonic(), film.progress.is_again or share < film.progress.share
    if not film.progress.share or share < film.progress.share:
        film.since = now_s, share
    (since_s, before), left_s = film.since, None
    if share > before:
        left_s = (now_s - since_s) * (1.0 - share) / (share - before)
        film.lasts_s = now_s - film.began_s + left_s
    film.progress = replace(film.progress, share=share, left_s=left_s, is_again=is_again)


def _final_progress(outcome: TaskOutcome, *, keeps: bool) -> FilmProgress:
    if outcome.document is None:
        return FilmProgress(state="failed", message=outcome.message or "")
    analysis = parse_analysis(outcome.document)
    return FilmProgress(
        state="done",
        share=1.0,
        message=outcome.message or (_problem(analysis) if keeps else ""),
        session=analysis.session,
        exercise=analysis.exercise,
        reps=len(analysis.reps),
    )


def _problem(analysis: Analysis) -> str:
    """Return why no session was made from a film, or why its session is cut short; empty without a problem."""
    if analysis.session is None:
        reason = capitalise(seldom_seen_line(analysis.frames) or OTHER_EXERCISE)
        return NOT_KEPT if analysis.reps else join_texts(". ", NO_REP, reason)
    with suppress(SessionError):  # it was deleted already
        end = read_document(sessions_dir() / analysis.session / layout.DOCUMENT).end
        if end is not None and end.stopped:
            return join_texts(". ", end.stopped, FREE_SPACE)
    return ""
