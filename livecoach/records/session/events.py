"""Sends and writes the events of a run, one JSON object on each line."""

import select
import sys
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TextIO

from livecoach.core import documents
from livecoach.core.step import RepCompleted, RepCorrected, RepsWithdrawn, Step, StepEvent
from livecoach.core.types import Rep, WarningKind
from livecoach.records.session.metrics import RunMetrics


class EventStream:
    """Sends the events of a run to a function, from the start of the session to its end."""

    def __init__(self, send: Callable[[documents.Event], object], start: documents.SessionStart) -> None:
        """Create the stream, and send the first event.

        Args:
            send: Called with each event, in order. Callers may also call the attribute `send`, with events that belong
                to no step.
        """
        self.send = send
        self._t_s = 0.0
        self.send(start)

    def send_step(self, step: Step, latency_ms: float | None) -> None:
        """Send the events of a step, except corrections that change nothing.

        Args:
            latency_ms: Time since the capture of the step's frame; None if the source is not live, and for the step of
                a command.
        """
        self._t_s = step.observation.t_s
        for event in step.events:
            if isinstance(event, RepCorrected) and not event.has_changed:
                continue
            document = to_document_event(event, step)
            self.send(document if latency_ms is None else replace(document, latency_ms=latency_ms))

    def send_warning(self, kind: WarningKind, text: str, *, active: bool) -> None:
        """Send the start or end of a warning that belongs to no frame, such as the warning of a lost camera.

        The event has the time of the last step.
        """
        self.send(documents.WarningEvent(t_s=self._t_s, warning=kind, active=active, text=text))

    def send_end(self, metrics: RunMetrics, reps: Sequence[Rep]) -> None:
        """Send the last event of the run, with figures of `metrics`, and counts of `reps` by livecoach's verdicts."""
        forms = Counter(replace(rep, correction=None).form for rep in reps)
        self.send(
            documents.SessionEnd(
                t_s=self._t_s,
                reps=forms.total(),
                good=forms["good"],
                anomalous=forms["anomalous"],
                unsure=forms["unsure"],
                alike=forms["alike"],
                different=forms["different"],
                frames=metrics.frames_document,
                captured_to_drawn_ms_p50=metrics.captured_to_drawn.percentile(50),
                captured_to_drawn_ms_p95=metrics.captured_to_drawn.percentile(95),
                captured_to_cue_ms_p50=metrics.captured_to_cue.percentile(50),
                captured_to_cue_ms_p95=metrics.captured_to_cue.percentile(95),
            )
        )


def to_document_event(event: StepEvent, step: Step) -> documents.Event:
    """Convert an event of a step to a document, in the form that files of events contain."""
    t_s = step.observation.t_s
    match event:
        case RepCompleted(rep=rep, view=view, window=window, against=against):
            return documents.RepEvent(
                t_s=t_s,
                rep=rep,
                set=None if window is None else window.set_name,
                view=view,
                against=tuple(documents.OwnRep(set=own.set_name, start_s=own.start_s) for own in against),
            )
        case RepsWithdrawn(reps=reps):
            return documents.WithdrawnEvent(t_s=t_s, reps=tuple(rep.index for rep in reps))
        case RepCorrected(rep=rep):
            # After an undo, the rep has the correction before, which counts again; the event must not repeat it.
            now = None if event.undone else rep.correction
            frame = step.observation.index
            return documents.CorrectionEvent.of_rep(rep, now, t_s=t_s, frame=frame, reference=event.reference)
        case _:
            return event


MOST_UNREAD_PIECES = 20_000  # Largest number of pieces of lines that wait for a reader: 20 MB. Our choice.
LAST_WAIT_S = 2.0  # How long a live run waits at its end for a reader that does not read. Our choice.
_PIECE = 1000  # Characters that are written at a time: a pipe that is ready accepts at least a page of 4096 bytes


@dataclass(slots=True)
class EventLineFile:
    """Writes each event that it is called with as a line to a file, until a write error, which is reported once.

    A pipe accepts nothing while its reader is stopped, and a terminal accepts nothing after Ctrl-S. A live run does not
    wait for the reader: lines that are not accepted stay in memory. If more than MOST_UNREAD_PIECES pieces wait, they
    are dropped, which is reported as a write error.
    """

    file: TextIO
    name: str  # Name of the file in reports
    say: Callable[[str], object]  # Called with a line about an error or about events that were not read
    waits_for_reader: bool = True  # Whether each write waits until the reader of the file has room
    has_failed: bool = False  # Whether writing has failed, so that no event is written any more
    _unread: deque[str] = field(default_factory=deque)  # Pieces of lines that are not written yet

    def __call__(self, event: documents.Event) -> None:
        if self.has_failed:
            return
        line = documents.to_json(event) + "\n"
        self._unread.extend(line[i : i + _PIECE] for i in range(0, len(line), _PIECE))
        self._write(0)
        if len(self._unread) > MOST_UNREAD_PIECES:
            self._give_up("nobody reads them")

    def finish(self) -> None:
        """Write the waiting lines. If the reader accepts nothing for LAST_WAIT_S, the rest is dropped and reported.

        With `waits_for_reader`, and on Windows, writing waits without a limit.
        """
        if not self.has_failed:
            self._write(LAST_WAIT_S)
        if self._unread:
            self.has_failed = True
            self._unread.clear()
            self.say(f"{self.name}: the last events were not read. `--events FILE` writes them to a file.")

    def close(self) -> None:
        """Write the waiting lines and close the file. An error is reported unless an earlier error was reported."""
        self.finish()
        try:
            self.file.close()
        except OSError as err:
            if not self.has_failed:
                self.say(f"{self.name}: the last events could not be written ({err.strerror}).")

    def _write(self, wait_s: float) -> None:
        """Write the waiting lines while the file accepts them, waiting up to `wait_s` seconds for each piece."""
        try:
            while self._unread and (self.waits_for_reader or _can_write(self.file, wait_s)):
                self.file.write(self._unread.popleft())
                self.file.flush()
        except OSError as err:
            self._give_up(err.strerror or str(err))

    def _give_up(self, why: str) -> None:
        self.has_failed = True
        self._unread.clear()
        self.say(f"{self.name}: writing events failed ({why}). The run continues without them.")


def _can_write(file: TextIO, wait_s: float) -> bool:
    """Return whether a file accepts a piece within `wait_s` seconds. On Windows, the result is always True."""
    if sys.platform == "win32":
        return True
    poll = select.poll()
    poll.register(file, select.POLLOUT)
    return bool(poll.poll(1000 * wait_s))
