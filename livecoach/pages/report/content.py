"""Reads a session for its report: each rep, its observations, and the good reps that it was judged against.

No rep is judged again. Observations are read once, and decoded only inside a rep: an hour of video has 108,000.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from livecoach.core.step import RepCompleted
from livecoach.core.types import PartialRep
from livecoach.core.types.observation import MARGIN_S
from livecoach.decisions.judging.corrections import rep_key
from livecoach.records.session.frames import make_rep_window
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.stored import Session


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReportContent:
    """The reps of a session with their observations, or the reps of one exercise of the session."""

    session: Session
    completed: tuple[RepCompleted, ...]  # All completed reps
    partials: tuple[PartialRep, ...]  # Movements that were not completed
    metrics: RunMetrics  # Counts of all observations of the session, also in the content of one exercise

    @property
    def reps(self) -> tuple[RepCompleted, ...]:
        """The completed reps that count, in order."""
        return tuple(entry for entry in self.completed if entry.counted.counts)

    @property
    def not_counted(self) -> tuple[RepCompleted, ...]:
        """The reps that do not count: a person called them "no rep", or they missed a standard and are disallowed."""
        return tuple(entry for entry in self.completed if not entry.counted.counts)

    @property
    def attempts(self) -> tuple[RepCompleted, ...]:
        """The reps that count or only missed a standard, in order."""
        return tuple(entry for entry in self.completed if entry.counted.is_attempt)

    @property
    def shallow_count(self) -> int:
        """The number of movements that were too shallow to be a rep."""
        return sum(partial.reason == "shallow" for partial in self.partials)

    def part_of_exercise(self, exercise: str) -> "ReportContent":
        """Return the content with only the reps and the partial reps of one exercise.

        A partial rep belongs to the exercise of the nearest rep; without reps, it belongs to every exercise.
        """
        completed = tuple(entry for entry in self.completed if entry.counted.exercise == exercise)
        near = (partial for partial in self.partials if _nearest(partial.start_s, self.completed) in {exercise, None})
        return replace(self, completed=completed, partials=tuple(near))


def _nearest(start_s: float, done: Sequence[RepCompleted]) -> str | None:
    """Return the exercise of the rep that begins nearest to a time; None without reps."""
    near = min(done, key=lambda entry: abs(entry.counted.start_s - start_s), default=None)
    return None if near is None else near.counted.exercise


def read_report_content(session: Session) -> ReportContent:
    """Read the content of a session's report. Damaged parts are reported through the session's `say` and left out."""
    events = session.corrected_reps
    spans = [(event.rep.start_s - MARGIN_S, event.rep.end_s + MARGIN_S) for event in events]
    observations, metrics = session.read_observations_within(spans)
    pose = session.about.model.pose
    windows = [make_rep_window(event, near, pose) for event, near in zip(events, observations, strict=True)]
    own = [kept for _, kept in session.reference_reps] + [kept for kept in windows if kept is not None]
    known = {(kept.set_name, rep_key(kept.start_s)): kept for kept in own}
    entries = [
        RepCompleted(
            rep=event.rep,
            view=event.view,
            window=window,
            standards=session.standards_of(event.rep),
            against=tuple(
                known[key] for own_rep in event.against if (key := (own_rep.set, rep_key(own_rep.start_s))) in known
            ),
        )
        for event, window in zip(events, windows, strict=True)
    ]
    return ReportContent(session=session, completed=tuple(entries), partials=session.partial_reps, metrics=metrics)
