"""Records a run as a session, and its events as lines of JSON."""

import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TextIO

from livecoach import __version__
from livecoach.core import documents
from livecoach.core.config import exercise, local_time
from livecoach.core.config.files import FILE_MODE
from livecoach.core.errors import OutputError, explain_os_errors
from livecoach.core.model_files import model_folder
from livecoach.core.types import SourceInfo, ignore
from livecoach.core.types.message import Message, join_texts, quantity_words
from livecoach.decisions.assembly import CoachingModels
from livecoach.records.session import layout
from livecoach.records.session.events import EventLineFile
from livecoach.records.session.recorder import Recorder, start_recording
from livecoach.run.process import report_slow_disk, say
from livecoach.run.run_options import RunOptions

logger = logging.getLogger("livecoach")
WAITS = "still writing the session. Ctrl-C ends without the rest."


@contextmanager
def record_session(
    options: RunOptions,
    about: documents.SessionDocument,
    reference: Sequence[Path],
    report: Callable[[str], object],
    *,
    deletes_cut: bool = False,
) -> Iterator[Recorder | None]:
    """Record a session during the block, which gets the recorder; None if the options ask for no session.

    A failure to begin is reported, and the block gets None, too. A session without a frame is deleted, and so is a
    session without a rep, unless a video of a live run was wanted. A session is kept if a problem has stopped its
    recording.

    Args:
        reference: Files of the lifter's own reps, which are linked or copied into the session.
        report: Called at the end with a line about the place or the loss of a session in the user's folder.
        deletes_cut: Whether to delete the session, in any case, if an exception or a crash ends the block.
    """
    if not options.records:
        with layout.mark_unrecorded_run() if about.source.live else nullcontext():
            yield None
        return
    started, video, above = datetime.fromisoformat(about.started), options.video, options.sessions_in
    for later in layout.list_newest_folders(1) if above is None else ():
        if layout.read_start_s(later) > local_time.now().timestamp():
            say(f"{later.name}: began after now by this computer's clock, and stays the last session. Set the clock.")
    try:
        with report_slow_disk():
            recorder = start_recording(about, started, reference, video=video, parent=above)
    except OutputError as err:
        say(f"{err} The run continues without recording.")
        yield None
        return
    layout.mark_for_deletion(recorder.folder, deletes=deletes_cut)
    log, level = _Log(recorder), logger.level
    logger.addHandler(log)
    logger.setLevel(logging.INFO)
    keeps_empty, is_cut = video and about.source.live, deletes_cut
    try:
        yield recorder
        is_cut = False
        layout.mark_for_deletion(recorder.folder, deletes=False)  # Writing its end may fail
    finally:
        logger.setLevel(level)
        logger.removeHandler(log)
        line = _end_session(recorder.folder, recorder.end(lambda: say(WAITS)), kept=keeps_empty, is_cut=is_cut)
        if above is None:
            report(line)


def make_session_document(
    options: RunOptions, info: SourceInfo, coach: CoachingModels, pose: str, pose_sha256: str
) -> documents.SessionDocument:
    """Return the session document of a run that begins now with the pose model `pose`."""
    return documents.SessionDocument(
        started=local_time.now().isoformat(timespec="seconds"),
        exercise=coach.name,
        profile=options.lifter.name,
        session=options.session,
        source=documents.RecordedSource(
            name=info.name,
            width=info.width_px,
            height=info.height_px,
            fps=info.fps,
            live=info.live,
            synthetic=options.synthetic,
        ),
        settings=documents.UsedSettings(
            false_alarms=options.settings.false_alarms,
            learn=options.settings.learn,
            height_cm=options.settings.height_cm,
            standards=options.settings.standards,
        ),
        exercise_sha256=rules_sha256(coach.chosen_exercise) if coach.chosen_exercise else "",
        model=coach.model_document(pose),
        pose_sha256=pose_sha256,
        reference=(),
        livecoach=__version__,
        recognisable=() if coach.chosen_exercise else countable_exercises(coach, pose),
    )


def countable_exercises(coach: CoachingModels, pose: str) -> tuple[documents.CountableExercise, ...]:
    """Describe each exercise that the models can count, with its model, for a session's document or a part's event."""
    return tuple(
        documents.CountableExercise(name=name, exercise_sha256=rules_sha256(name), model=trained.model_document(pose))
        for name, trained in coach.exercises.items()
    )


def make_session_start(about: documents.SessionDocument) -> documents.SessionStart:
    """Make the event with which the events of a run begin."""
    return documents.SessionStart(
        t_s=0.0,
        source=about.source.name,
        exercise=about.exercise,
        profile=about.profile,
        pose=about.model.pose,
        model=about.model,
        version=__version__,
    )


def rules_sha256(name: str) -> str:
    """Return the SHA-256 digest of the file with an exercise's rules; raises OSError if the file can't be read."""
    return model_folder.file_sha256(exercise.folder() / f"{name}.yaml")


def _end_session(folder: Path, ending: documents.SessionEnding | None, *, kept: bool, is_cut: bool) -> str:
    """Return a line about a finished session. Delete a session that is cut short, or lacks frames or reps.

    A session without reps stays if it is `kept`; a session without frames or reps stays if a problem stopped it.
    """
    if not os.path.isdir(folder):
        return f"session: {folder}: can't be found any more; its folder was removed or closed during the set"
    if ending is None:
        return f"session: {folder}: its end could not be written; the rest is readable"
    if is_cut:
        shutil.rmtree(folder, ignore_errors=True)
        return "session: not saved, because the analysis ended early"
    if not ending.frames.read and ending.stopped is None:
        shutil.rmtree(folder, ignore_errors=True)
        return "session: not saved, because no frame came"
    if not ending.exercises and not kept and ending.stopped is None:
        shutil.rmtree(folder, ignore_errors=True)
        return "session: not saved, because no rep counted"
    left_out = ending.video.left_out if ending.video is not None else 0
    lacks = "the video lacks 1 frame", "the video lacks {n} frames"
    less = quantity_words(left_out, *lacks) if left_out else ""
    what = join_texts("; ", Message("{name}", name=str(folder)), less, ending.stopped or "")
    return Message("session: {text}. `livecoach report {name} --open` shows how it went.", text=what, name=folder.name)


class _Log(logging.Handler):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder
        self.setFormatter(logging.Formatter("%(asctime)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._recorder.add_log_line(self.format(record))


def open_event_lines(
    stack: ExitStack, events: str | None, *, again: bool = False, live: bool = False
) -> Callable[[documents.Event], object]:
    """Return a function that writes events as lines of JSON. Raises OutputError if the file can't be written.

    Args:
        stack: Finishes the output, and closes the file.
        events: Path of a file, or "-" for standard output; None to write nothing.
        again: Whether the run follows another run, and appends to its file.
        live: Whether the run is live, and must not wait for a reader.
    """
    if events is None:
        return ignore
    if events == "-":
        lines = EventLineFile(sys.stdout, "standard output", say, waits_for_reader=not live)
        stack.callback(lines.finish)
        return lines
    with explain_os_errors(OutputError, f"{events}: can't be written", "Choose another place with --events."):
        file: TextIO = open(  # noqa: SIM115 (the stack closes it)
            events, "a" if again else "w", encoding="utf-8", errors="replace", opener=partial(os.open, mode=FILE_MODE)
        )
    lines = EventLineFile(file, events, say, waits_for_reader=not live)
    stack.callback(lines.close)
    return lines
