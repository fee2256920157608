"""What was observed of a session's reps, as it is kept in profiles and judged."""

from collections.abc import Sequence

from livecoach.core.documents import RepEvent
from livecoach.core.types import Observation, RepWindow
from livecoach.core.types.reps import MARGIN_S
from livecoach.records.session.stored import Session


def load_rep_window(session: Session, event: RepEvent) -> RepWindow | None:
    """Read the window of a rep; None if the view is unknown or nothing was observed. Raises SourceError."""
    near = session.observations(event.rep.start_s - MARGIN_S, event.rep.end_s + MARGIN_S)
    return rep_window(session, event, list(near))


def rep_window(session: Session, event: RepEvent, near: Sequence[Observation]) -> RepWindow | None:
    """Return the window of a rep, given the observations around it; None as for `load_rep_window`."""
    if event.view is None or not near:
        return None
    rep = event.rep
    return RepWindow(
        observations=tuple(near),
        start_s=rep.start_s,
        turn_s=rep.turn_s,
        end_s=rep.end_s,
        view=event.view,
        set_name=event.set or "",
        number=rep.number,
        pose=session.about.model.pose,
        exercise=session.exercise_of(rep),
    )
