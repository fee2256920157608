"""Writes the events of a run, one JSON object on each line."""

import select
import sys
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TextIO

from livecoach.core import documents
from livecoach.core.step import RepCompleted, RepCorrected, RepsWithdrawn, Step, StepEvent
from livecoach.core.types import Form, WarningChange
from livecoach.records.session.metrics import RunMetrics


class EventStream:
    """Sends the events of a run, from its start to its end, with their latency."""

    def __init__(self, send: Callable[[documents.Event], object], start: documents.SessionStart) -> None:
        """Send the first event.

        Args:
            send: Called with each event, in order. Events that belong to no step are sent by the caller through it.
        """
        self.send = send
        self._forms: dict[int, Form] = {}  # Form of each rep that counts, by its number
        self._t_s = 0.0
        self.send(start)

    def step(self, step: Step, latency_ms: float | None) -> None:
        """Send the events of a step.

        Args:
            latency_ms: Time since the capture of the step's frame, in milliseconds; None if the source is not live.
        """
        self._t_s = step.observation.t_s
        for event in step.events:
            if isinstance(event, RepCompleted):
                self._forms[event.rep.index] = event.rep.form
            elif isinstance(event, RepsWithdrawn):
                for rep in event.reps:
                    self._forms.pop(rep.index, None)
            elif isinstance(event, RepCorrected) and not event.has_changed:
                continue
            document = document_of(event, step)
            self.send(document if latency_ms is None else replace(document, latency_ms=latency_ms))

    def warn(self, change: WarningChange) -> None:
        """Send a warning that belongs to no frame, such as a lost camera."""
        self.send(documents.WarningEvent.from_change(change, self._t_s))

    def end(self, tally: RunMetrics) -> None:
        """Send the last event, with the counts and latencies of the run."""
        forms = Counter(self._forms.values())
        self.send(
            documents.SessionEnd(
                t_s=self._t_s,
                reps=forms.total(),
                good=forms["good"],
                anomalous=forms["anomalous"],
                unsure=forms["unsure"],
                alike=forms["alike"],
                different=forms["different"],
                frames=tally.document,
                captured_to_drawn_ms_p50=tally.captured_to_drawn.percentile(50),
                captured_to_drawn_ms_p95=tally.captured_to_drawn.percentile(95),
                captured_to_cue_ms_p50=tally.captured_to_cue.percentile(50),
                captured_to_cue_ms_p95=tally.captured_to_cue.percentile(95),
            )
        )


def document_of(event: StepEvent, step: Step) -> documents.Event:
    """Return an event of a step as the file of events holds it."""
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
            return documents.CorrectionEvent(
                t_s=t_s,
                rep=rep.index,
                start_s=rep.start_s,
                label=None if now is None else now.label,
                fault=None if now is None else now.fault,
                teaches=now is None or now.teaches,
                frame=step.observation.index,
                reference=event.reference,
            )
        case _:
            return event


MOST_UNREAD = 20_000  # Most pieces of lines that wait for a reader: 20 MB. Our choice.
LAST_WAIT_S = 2.0  # How long a live run waits at its end for a reader that does not read. Our choice.
_PIECE = 1000  # Characters that are written at a time: a pipe that is ready accepts at least a page of 4096 bytes


@dataclass(slots=True)
class EventLineFile:
    """A file to which each event is written as a line, and flushed. After a write error, which is reported, it stops.

    A pipe accepts nothing while its reader is stopped, and neither does a terminal after Ctrl-S. A live run does not
    wait for these: it keeps the lines in memory.
    """

    file: TextIO
    name: str
    say: Callable[[str], object]
    waits: bool = True  # Whether to wait for the reader
    failed: bool = False
    _unread: deque[str] = field(default_factory=deque)  # Pieces of lines that are not written yet

    def __call__(self, event: documents.Event) -> None:
        if self.failed:
            return
        line = documents.to_json(event) + "\n"
        self._unread.extend(line[i : i + _PIECE] for i in range(0, len(line), _PIECE))
        self._write(0)
        if len(self._unread) > MOST_UNREAD:
            self._leave("nobody reads them")

    def finish(self) -> None:
        """Write the waiting lines. Give up, and report it, if they are not read within LAST_WAIT_S."""
        if not self.failed:
            self._write(LAST_WAIT_S)
        if self._unread:
            self.failed = True
            self._unread.clear()
            self.say(f"{self.name}: the last events were not read. `--events FILE` writes them to a file.")

    def close(self) -> None:
        """Write the waiting lines and close the file. Report an error unless an earlier write failed."""
        self.finish()
        try:
            self.file.close()
        except OSError as err:
            if not self.failed:
                self.say(f"{self.name}: the last events could not be written ({err.strerror}).")

    def _write(self, wait_s: float) -> None:
        """Write the waiting lines while the file accepts them, waiting up to `wait_s` seconds for each piece."""
        try:
            while self._unread and (self.waits or _takes(self.file, wait_s)):
                self.file.write(self._unread.popleft())
                self.file.flush()
        except OSError as err:
            self._leave(err.strerror or str(err))

    def _leave(self, why: str) -> None:
        self.failed = True
        self._unread.clear()
        self.say(f"{self.name}: writing events failed ({why}). The run continues without them.")


def _takes(file: TextIO, wait_s: float) -> bool:
    """Return whether a file accepts a piece within `wait_s` seconds. Windows can't know, so there it is true."""
    if sys.platform == "win32":
        return True
    poll = select.poll()
    poll.register(file, select.POLLOUT)
    return bool(poll.poll(1000 * wait_s))
