"""Turns the steps of a run into events, one JSON object on each line."""

import select
import sys
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TextIO

from livecoach.core import documents
from livecoach.core.types import Corrected, Hint, JudgedRep, Learning, Notice, StageName, Step, View
from livecoach.records.session.metrics import RunMetrics

VIEW_CHANGE_DEG = 10.0
"""Smallest change of the azimuth, in degrees, that is reported if the view has another name. Our choice."""
FAR_DEG = 15.0  # Smallest change of the azimuth, in degrees, that is always reported: a reference covers no more
SURER = 2.0  # Factor by which the view's uncertainty must fall or grow to be reported. Our choice.


class EventStream:
    """Turns the steps of a run into events.

    The recognised exercise, the view, the hint, the stage and the state of learning are reported when they change.
    """

    def __init__(self, send: Callable[[documents.Event], object], start: documents.SessionStart) -> None:
        """Send the first event.

        Args:
            send: Called with each event, in order. The events of a lifter's commands are sent by the caller through it.
        """
        self.send = send
        self._exercise: tuple[str, bool] | None = None  # its name, and whether it is open
        self._stage: StageName | None = None
        self._view: View | None = None
        self._hint: Hint | None = None
        self._learning: Learning | None = None
        self._forms: Counter[str] = Counter()
        self._t_s = 0.0
        self.send(start)

    def step(self, step: Step, latency_ms: float | None) -> None:
        """Send the events of a step.

        Args:
            latency_ms: Time since the capture of the step's frame, in milliseconds; None if the source is not live.
        """
        self._t_s = step.observation.t_s
        when: dict[str, Any] = {"t_s": self._t_s, "latency_ms": latency_ms}
        for notice in step.notices:
            self.send(documents.WarningEvent(**when, warning=notice.kind, active=notice.active, text=notice.text))
        self._recognise(step, when)
        self._place(step, when)
        if step.stage is not None and step.stage.stage != self._stage:
            self._stage = step.stage.stage
            self.send(documents.StageEvent(**when, stage=step.stage.stage, probability=step.stage.probability))
        self._set(step, when)
        if step.corrected is not None and step.corrected.changed:
            self._correction(step, step.corrected, when)
        if step.cue is not None:
            cue = step.cue
            self.send(documents.CueEvent(**when, kind=cue.kind, text=cue.text, why=cue.why, say=cue.say, rep=cue.rep))

    def _recognise(self, step: Step, when: dict[str, Any]) -> None:
        """Report an exercise that became known. A replay needs each choice of the lifter."""
        if step.exercise is None or step.recognition is None:
            return
        known = step.exercise, step.is_open
        if known == self._exercise and not step.chosen:
            return
        self._exercise = known
        self.send(
            documents.ExerciseEvent(
                **when,
                exercise=step.exercise,
                recognised=step.recognition,
                chosen=step.chosen,
                open=step.is_open,
                frame=step.observation.index,
            )
        )

    def _place(self, step: Step, when: dict[str, Any]) -> None:
        if step.view is not None and _is_news(step.view, self._view):
            self._view = step.view
            self.send(documents.ViewEvent(**when, view=step.view))
        if step.hint != self._hint:
            self._hint = step.hint
            self.send(documents.HintEvent(**when, hint=step.hint))

    def _set(self, step: Step, when: dict[str, Any]) -> None:
        """Report beginnings and ends of sets, completed and partial reps, and the state of learning."""
        if step.set_began:
            self.send(documents.SetStartEvent(**when))
        if step.withdrawn:
            self._forms.subtract(rep.form for rep in step.withdrawn)
            self.send(documents.WithdrawnEvent(**when, reps=tuple(rep.index for rep in step.withdrawn)))
        for judged in step.judged:
            self._forms[judged.rep.form] += 1
            self.send(_rep_event(judged, when))
        if step.lowered is not None:
            self.send(documents.LoweredEvent(**when, start_s=step.lowered.start_s, end_s=step.lowered.end_s))
        if step.partial is not None:
            self.send(documents.PartialRepEvent(**when, partial_rep=step.partial))
        if step.learning is not None and step.learning != self._learning:
            self._learning = step.learning
            have, wanted, known = step.learning.have, step.learning.wanted, step.learning.is_settled
            self.send(documents.LearningEvent(**when, have=have, wanted=wanted, known=known))
        if step.set_over:
            self.send(documents.SetEndEvent(**when, summary=step.summary))

    def _correction(self, step: Step, corrected: Corrected, when: dict[str, Any]) -> None:
        """Report a correction, and the summary of its set again if that set is over already."""
        # After an undo, the rep has the correction before, which counts again; the event must not repeat it.
        now = None if corrected.undone else corrected.rep.correction
        self.send(
            documents.CorrectionEvent(
                **when,
                rep=corrected.rep.index,
                start_s=corrected.rep.start_s,
                label=None if now is None else now.label,
                fault=None if now is None else now.fault,
                teaches=now is None or now.teaches,
                frame=step.observation.index,
                reference=corrected.reference,
            )
        )
        if step.summary is not None and step.summary.index == corrected.rep.set and not step.in_set:
            self.send(documents.SetEndEvent(**when, summary=step.summary))

    def begin_part(self, event: documents.PartEvent) -> None:
        """Report the beginning of another part; its exercise and state of learning are reported again."""
        self._exercise = self._learning = None
        self.send(event)

    def notice(self, notice: Notice) -> None:
        """Report a warning that belongs to no frame, such as a lost camera."""
        self.send(documents.WarningEvent(t_s=self._t_s, warning=notice.kind, active=notice.active, text=notice.text))

    def end(self, tally: RunMetrics) -> None:
        """Send the last event, with the counts and latencies of the run."""
        self.send(
            documents.SessionEnd(
                t_s=self._t_s,
                reps=self._forms.total(),
                good=self._forms["good"],
                anomalous=self._forms["anomalous"],
                unsure=self._forms["unsure"],
                alike=self._forms["alike"],
                different=self._forms["different"],
                frames=tally.document,
                captured_to_drawn_ms_p50=tally.captured_to_drawn.percentile(50),
                captured_to_drawn_ms_p95=tally.captured_to_drawn.percentile(95),
                captured_to_cue_ms_p50=tally.captured_to_cue.percentile(50),
                captured_to_cue_ms_p95=tally.captured_to_cue.percentile(95),
            )
        )


def _rep_event(judged: JudgedRep, when: dict[str, Any]) -> documents.RepEvent:
    window = judged.window
    return documents.RepEvent(
        **when,
        rep=judged.rep,
        set=None if window is None else window.set_name,
        view=None if window is None else window.view,
        against=tuple(documents.OwnRep(set=own.set_name, start_s=own.start_s) for own in judged.against),
    )


def _is_news(view: View, reported: View | None) -> bool:
    if reported is None:
        return True
    turned_deg = abs((view.azimuth_deg - reported.azimuth_deg + 180) % 360 - 180)
    surer, less_sure = sorted((view.uncertainty_deg, reported.uncertainty_deg))
    return (
        turned_deg >= FAR_DEG
        or (view.name != reported.name and turned_deg >= VIEW_CHANGE_DEG)
        or less_sure >= SURER * surer > 0
    )


MOST_UNREAD = 20_000  # Most pieces of lines that wait for a reader: 20 MB. Our choice.
LAST_WAIT_S = 2.0  # How long a live run waits at its end for a reader that does not read. Our choice.
_PIECE = 1000  # Characters that are written at a time: a pipe that is ready accepts at least a page of 4096 bytes


@dataclass(slots=True)
class EventLineFile:
    """Writes each event as a line to an open file, and flushes it. After a write error, which is reported, it stops.

    A pipe accepts nothing while its reader is stopped, nor does a terminal after Ctrl-S. A live run does not wait
    for them: it keeps the lines in memory.
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
        """Write the waiting lines and close the file. Report an error, unless writing failed before."""
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
