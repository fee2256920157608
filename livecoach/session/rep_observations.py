"""The stored observations of one rep."""

from collections.abc import Sequence
from contextlib import closing

from livecoach.documents import RepEvent, codec
from livecoach.rep.window import MARGIN_S
from livecoach.session.stored import Session
from livecoach.types import Observation, RepWindow


def load_rep_window(session: Session, event: RepEvent) -> RepWindow | None:
    """Read the window of a rep; None where the view is not known or nothing was observed. Raises SourceError."""
    from_s, to_s = event.rep.start_s - MARGIN_S, event.rep.end_s + MARGIN_S
    with closing(session.frames()) as frames:
        near = [codec.decode(one) for one in frames.payloads() if from_s <= codec.peek(one).t_s <= to_s]
    return rep_window(session, event, near)


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
