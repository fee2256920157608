"""The queue of the home page: films that an analysis makes sessions, and sessions that get an annotated video."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Literal

from livecoach.batch.running import AnalystPool, Task, TaskOutcome, parse_analysis, run_task
from livecoach.core.errors import SessionError
from livecoach.records.session import layout
from livecoach.records.session.opening import read_document

LOOK_S = 1.0  # Time between two looks whether a set is being lifted, in seconds. Our choice.


def is_recording_live() -> bool:
    """Return whether a process of livecoach on this computer is recording a live session from a camera."""
    for folder in layout.marked_folders():
        with suppress(SessionError, OSError):
            if layout.is_recording(folder) and read_document(folder / layout.DOCUMENT).source.live:
                return True
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmProgress:
    """The progress of a film in the queue."""

    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    share: float = 0.0  # Share that is analysed, 0 to 1
    left_s: float | None = None  # Time until the end of the analysis, in seconds; None if it is not known
    is_again: bool = False  # Whether the film is analysed a second time, with a pose model that sees more
    message: str = ""  # The problem in a line; empty without a problem
    session: str | None = None  # Name of the session that the film became; None without a session
    exercise: str | None = None  # Exercise of the film; None if none was recognised
    reps: int = 0  # Number of completed reps

    @property
    def has_ended(self) -> bool:
        """Whether the analysis of the film has ended, with or without success."""
        return self.state in {"done", "failed"}


@dataclass(slots=True, kw_only=True)
class QueuedFilm:
    """A film in the queue, with its analysis."""

    name: str  # Name of the film for the user
    progress: FilmProgress
    annotated: Path | None = None  # Annotated video that is made in place of a session
    since: tuple[float, float] = (0.0, 0.0)  # Time in seconds at which the first share came, and that share
    future: Future[FilmProgress] | None = None
    analysts: AnalystPool | None = None


class FilmQueue:
    """A thread-safe queue of films, which `analyze` analyses, some at a time, in processes of low priority.

    While a live session is being recorded, no film begins.
    """

    def __init__(self, jobs: int, is_busy: Callable[[], bool] = is_recording_live) -> None:
        """Create an empty queue for `jobs` films at a time, none of which begins while `is_busy` returns true."""
        self._pool, self._is_busy = ThreadPoolExecutor(jobs, "films"), is_busy
        self._numbers = count(1)
        self._idle: list[AnalystPool] = []  # Processes for the next films
        self._began = 0.0, 0  # Time in seconds at which the queue was last empty, and the number of films then
        self.films: dict[int, QueuedFilm] = {}
        """All films by their number, in the order in which they came."""
        self.is_held = False  # Whether films wait for the end of a set

    @property
    def is_busy(self) -> bool:
        """Whether films wait or are analysed."""
        return not all(film.progress.has_ended for film in list(self.films.values()))

    @property
    def left_s(self) -> float | None:
        """Time until all analyses have ended, in seconds, at the speed until now; None if idle, or if it is unknown."""
        began_s, first = self._began
        films = [film.progress for number, film in list(self.films.items()) if number > first]
        done = sum(1.0 if film.has_ended else film.share for film in films)
        return (time.monotonic() - began_s) * (len(films) - done) / done if self.is_busy and done else None

    def add(self, name: str, film: Path, options: Sequence[str], annotated: Path | None = None) -> None:
        """Add a film to the queue.

        Args:
            name: Name of the film for the user.
            film: The film, which is deleted after its analysis, or the session of an annotated video, which stays.
            options: Options of `livecoach analyze`.
            annotated: Path of the annotated video to make from a session; None to make a session from a film.
        """
        if not self.is_busy:
            self._began = time.monotonic(), max(self.films, default=0)
        queued = self._listed(QueuedFilm(name=name, progress=FilmProgress(), annotated=annotated))
        kept = "--record" if annotated is None else f"--annotated={annotated}"
        task = Task(key=name, recording=str(film), options=(*options, kept), users=True)

        def finish(future: Future[FilmProgress]) -> None:
            if annotated is None:
                with suppress(OSError):
                    film.unlink()
            if not future.cancelled():  # only now, so that a film that is shown as done is off the disk
                queued.progress = future.result()

        queued.future = self._pool.submit(self._analyse, queued, task)
        queued.future.add_done_callback(finish)

    def refuse(self, name: str, message: str) -> None:
        """List a film that can't be analysed, with the reason."""
        self._listed(QueuedFilm(name=name, progress=FilmProgress(state="failed", message=message)))

    def remove(self, number: int) -> None:
        """Remove the film with a number from the queue, and end its analysis; do nothing if there is no such film."""
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
        while self._is_listed(film) and self._is_busy():
            self.is_held = True
            time.sleep(LOOK_S)
        self.is_held = False
        try:
            with suppress(IndexError):
                film.analysts = self._idle.pop()
            film.analysts = film.analysts or AnalystPool()
            if not self._is_listed(film):
                return film.progress
            film.progress = replace(film.progress, state="running")
            return _ended(run_task(task, film.analysts, partial(_advance, film)))
        except (OSError, ValueError) as err:  # no folder for temporary files, or a document that is cut
            return FilmProgress(state="failed", message=str(err))
        finally:
            self._release(film)

    def _release(self, film: QueuedFilm) -> None:
        """Keep the processes of a film that has ended for the next film. If no film waits, end all kept processes."""
        analysts, film.analysts = film.analysts, None
        if analysts is not None and self._is_listed(film):
            self._idle.append(analysts)
        elif analysts is not None:
            analysts.close()
        if all(other.progress.state != "waiting" for other in list(self.films.values())):
            self._end_idle()


def _advance(film: QueuedFilm, share: float) -> None:
    now_s, is_again = time.monotonic(), film.progress.is_again or share < film.progress.share
    if not film.progress.share or share < film.progress.share:
        film.since = now_s, share
    (since_s, before), left_s = film.since, None
    if share > before:
        left_s = (now_s - since_s) * (1.0 - share) / (share - before)
    film.progress = replace(film.progress, share=share, left_s=left_s, is_again=is_again)


def _ended(outcome: TaskOutcome) -> FilmProgress:
    if outcome.document is None:
        return FilmProgress(state="failed", message=outcome.message or "")
    analysis = parse_analysis(outcome.document)
    return FilmProgress(
        state="done",
        share=1.0,
        message=outcome.message or "",
        session=analysis.session,
        exercise=analysis.exercise,
        reps=len(analysis.reps),
    )
