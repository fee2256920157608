"""A small picture of a session: the turn of one of its reps, from the video, or else drawn."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from livecoach.documents import RepEvent, codec
from livecoach.errors import SourceError
from livecoach.report.lifter_figure import LifterFigure, crop_of, draw_figure
from livecoach.report.pictures import ReportPictures
from livecoach.session.stored import Session
from livecoach.types import Observation, RepWindow, View

SHAPE = 4 / 3
"""Least width over height."""
LOOKED_AT = 300
"""Observations of a session without reps that are looked at for a person: ten seconds. Our choice."""


def thumbnail(session: Session) -> LifterFigure | None:
    """Return a figure of the lifter; None where nobody was seen. Damage is reported through the session's `say`."""
    event = _rep_to_show(session.corrected_reps)
    try:
        seen = _observations(session, event)
    except (SourceError, ValueError, TypeError) as err:
        session.say(str(err))
        return None
    people = [one for one in seen if one.landmarks is not None]
    if not people:
        return None
    turn_s = people[len(people) // 2].t_s if event is None else event.rep.turn_s
    shown = min(people, key=lambda one: abs(one.t_s - turn_s))
    crop = crop_of([_window(people, session.about.model.pose)])
    if crop is None:
        return None
    width = max(crop.width, SHAPE * crop.height)
    crop = replace(crop, left=crop.left - (width - crop.width) / 2, width=width)
    with ReportPictures(session, without_faces=False) as pictures:
        picture = pictures.still(shown, crop)
    return draw_figure(shown, crop, "the lifter at the turn of a rep" if event else "the lifter", picture=picture)


def _rep_to_show(reps: Sequence[RepEvent]) -> RepEvent | None:
    """Return the first good rep, or else the first one: it is found soon in an hour of observations."""
    counting = [event for event in reps if event.rep.counts]
    return next((event for event in counting if event.rep.label == "good"), counting[0] if counting else None)


def _observations(session: Session, event: RepEvent | None) -> list[Observation]:
    """Return the observations of a rep; without one, the first ones of the session. Raises SourceError."""
    found: list[Observation] = []
    with closing(session.frames()) as frames:
        for payload in frames.payloads():
            t_s = codec.peek(payload).t_s
            if event is None or event.rep.start_s <= t_s <= event.rep.end_s:
                found.append(codec.decode(payload))
            if len(found) >= LOOKED_AT if event is None else t_s > event.rep.end_s:
                break
    return found


def _window(seen: Sequence[Observation], pose: str) -> RepWindow:
    first_s, last_s = seen[0].t_s, seen[-1].t_s
    view = View(name="oblique", azimuth_deg=0.0, uncertainty_deg=0.0)  # does not matter for a crop
    return RepWindow(
        observations=tuple(seen),
        start_s=first_s,
        turn_s=(first_s + last_s) / 2,
        end_s=last_s,
        view=view,
        set_name="",
        pose=pose,
    )
