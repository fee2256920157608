"""Keeps a session of a run: begins it, hands on what there is to keep, ends it, and says where it lies."""

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from livecoach import __version__
from livecoach.cli.options import say
from livecoach.config import Settings, exercise
from livecoach.documents import Event, RecordedSource, SessionDocument, SessionEnding, SessionStart, UsedSettings
from livecoach.errors import OutputError
from livecoach.model_files import model_folder
from livecoach.pose import PoseEstimator
from livecoach.session.recorder import Recorder
from livecoach.session.recording import SessionRecording, begin_recording
from livecoach.types import Observation, SourceInfo

logger = logging.getLogger("livecoach")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRequest:
    """What is to be kept of a run."""

    video: bool
    """The pictures too."""
    session: str
    """Tells the run's reps from all others."""
    started: datetime
    """With the offset from UTC."""
    synthetic: bool = False

    @classmethod
    def now(cls, session: str, *, video: bool, synthetic: bool = False) -> "RecordingRequest":
        """Of a run that begins now."""
        return cls(video=video, session=session, started=datetime.now().astimezone(), synthetic=synthetic)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseModelId:
    """The pose model that observations are of."""

    name: str
    sha256: str

    @classmethod
    def of(cls, estimator: PoseEstimator) -> "PoseModelId":
        """That of an estimator."""
        return cls(name=estimator.name, sha256=estimator.sha256)


class SessionSink:
    """A run's session. Where it can't be begun that is said, and the run goes on without."""

    def __init__(self, recorder: Recorder | None) -> None:
        self._recorder = recorder

    @property
    def recording(self) -> bool:
        """Pictures are being kept."""
        return self._recorder is not None and self._recorder.recording

    @property
    def problem(self) -> str | None:
        """Why something is not kept any more; None while all is well."""
        return None if self._recorder is None else self._recorder.problem

    def observation(self, observation: Observation, picture: np.ndarray | None) -> None:
        """Keep what was seen in a frame."""
        if self._recorder is not None:
            self._recorder.observation(observation, picture)

    def then(self, send: Callable[[Event], object]) -> Callable[[Event], object]:
        """Takes events: they are kept, and sent on."""
        recorder = self._recorder
        if recorder is None:
            return send

        def both(event: Event) -> None:
            recorder.event(event)
            if event.event in {"rep", "cue"} and event.latency_ms is not None:
                logger.info("%s at %.2f s, %.0f ms after its frame", event.event, event.t_s, event.latency_ms)
            send(event)

        return both


@contextmanager
def recorded_session(
    about: Callable[[], tuple[RecordingRequest, SessionDocument]] | None, reference: Sequence[tuple[Path, object]]
) -> Iterator[SessionSink]:
    """A session while it is recorded. about: of it; None where nothing is to be kept. reference: with its files."""
    recording = None if about is None else _begun(*about(), [path for path, _ in reference])
    if recording is None:
        yield SessionSink(None)
        return
    log, level = _Log(recording.recorder), logger.level
    logger.addHandler(log)
    logger.setLevel(logging.INFO)
    try:
        yield SessionSink(recording.recorder)
    finally:
        logger.setLevel(level)
        logger.removeHandler(log)
        say(_ended(recording.folder, recording.end()))


def session_document(
    settings: Settings, info: SourceInfo, start: SessionStart, seer: PoseModelId, wanted: RecordingRequest
) -> tuple[RecordingRequest, SessionDocument]:
    """What is to be kept of a run, and what the session will say of itself."""
    source = RecordedSource(
        name=info.name,
        width=info.width_px,
        height=info.height_px,
        fps=info.fps,
        live=info.live,
        synthetic=wanted.synthetic,
    )
    return wanted, SessionDocument(
        started=wanted.started.isoformat(timespec="seconds"),
        exercise=start.exercise,
        profile=start.profile,
        session=wanted.session,
        source=source,
        settings=UsedSettings(false_alarms=settings.false_alarms, learn=settings.learn, height_cm=settings.height_cm),
        exercise_sha256=model_folder.sha256(exercise.folder() / f"{start.exercise}.yaml"),
        model=start.model,
        pose_sha256=seer.sha256,
        reference=(),
        livecoach=__version__,
    )


def _begun(wanted: RecordingRequest, about: SessionDocument, reference: Sequence[Path]) -> SessionRecording | None:
    try:
        return begin_recording(about, wanted.started, reference, video=wanted.video)
    except OutputError as err:
        say(f"{err} Going on without.")
        return None


def _ended(folder: Path, ending: SessionEnding | None) -> str:
    """What there is to say of a session that is over; one in which nothing was seen is taken away."""
    if ending is None:
        return f"session: {folder}: its end could not be written; what is there can be read"
    if not ending.frames.read and ending.stopped is None:
        shutil.rmtree(folder, ignore_errors=True)
        return "session: no frame came, nothing is kept"
    left_out = ending.video.left_out if ending.video is not None else 0
    less = f"; {left_out} frames are not in the video" if left_out else ""
    return f"session: {folder}{less}. `livecoach report {folder.name}` shows how it went."


class _Log(logging.Handler):
    """Lines of the log go to the session."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder
        self.setFormatter(logging.Formatter("%(asctime)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._recorder.log(self.format(record))
