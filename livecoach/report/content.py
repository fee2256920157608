"""What a report is made from: the reps of a session, each with what was seen of it and the good ones it was judged by.

Nothing is judged again. The observations are read once, and decoded where they belong to a rep: an hour has 108,000.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from livecoach.documents import DECIMALS, FramesDocument, OwnRep, PartialRepEvent, codec
from livecoach.errors import SourceError
from livecoach.judging.primary import primary_first
from livecoach.rep.measures import load_faults
from livecoach.rep.window import MARGIN_S
from livecoach.session.rep_numbers import Numbered, numbered
from livecoach.session.rep_observations import window_of
from livecoach.session.stored import Session
from livecoach.types import Observation, PartialRep, Rep, RepWindow, View


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionRep:
    """A rep of the session."""

    rep: Rep
    """As it counts: what somebody said of it stands in the verdict's place."""
    set_index: int
    """Of its set, from 1."""
    number: int
    """In its set, from 1; those that somebody says were none have one too."""
    view: View | None
    window: RepWindow | None = None
    """What was seen of it; None where the view is not known, or the observations are lost."""
    against: tuple[RepWindow, ...] = ()
    """The lifter's own good reps that it was judged against, as far as they are there still."""
    judged: Rep | None = None
    """As it was judged, where somebody said something of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReportContent:
    """A session, read."""

    reps: tuple[SessionRep, ...]
    """Those that count."""
    not_counted: tuple[SessionRep, ...] = ()
    """Those of which somebody says that they were none."""
    partials: tuple[PartialRep, ...]
    frames: FramesDocument
    duration_s: float
    """Time of the last observation."""

    @property
    def sets(self) -> dict[int, list[SessionRep]]:
        """Index of a set → its reps, in order."""
        found: dict[int, list[SessionRep]] = {}
        for lifted in self.reps:
            found.setdefault(lifted.set_index, []).append(lifted)
        return found


def gather(session: Session) -> ReportContent:
    """Read a session. What is damaged is told to the session's `say`, and left out.

    A rep's faults are listed with the one that it is told for first: an earlier livecoach kept them by severity alone.
    Raises ConfigError where the exercise has no table of faults.
    """
    order = tuple(load_faults(session.about.exercise).faults)
    found = numbered(session)
    events = [one.event for one in found]
    spans = [(event.rep.start_s - MARGIN_S, event.rep.end_s + MARGIN_S) for event in events]
    seen, frames, duration_s = _observations(session, spans)
    windows = [window_of(session, event, near) for event, near in zip(events, seen, strict=True)]
    own = [kept for _, kept in session.reference] + [kept for kept in windows if kept is not None]
    known = {(kept.set_name, _rounded(kept.start_s)): kept for kept in own}
    lifted = [_lifted(one, window, known, order) for one, window in zip(found, windows, strict=True)]
    partials = tuple(
        replace(event.partial_rep, faults=primary_first(event.partial_rep.faults, order))
        for event in session.events
        if isinstance(event, PartialRepEvent)
    )
    return ReportContent(
        reps=tuple(one for one in lifted if one.rep.counts),
        not_counted=tuple(one for one in lifted if not one.rep.counts),
        partials=partials,
        frames=frames,
        duration_s=duration_s,
    )


def _lifted(
    one: Numbered, window: RepWindow | None, known: Mapping[tuple[str, float], RepWindow], order: Sequence[str]
) -> SessionRep:
    """known: own reps, by set and start. order: faults by risk."""
    event = one.event
    judged = replace(event.rep, faults=primary_first(event.rep.faults, order))
    return SessionRep(
        rep=judged.as_counted(),
        judged=None if event.rep.correction is None else judged,
        set_index=one.set,
        number=one.number,
        view=event.view,
        window=window,
        against=tuple(kept for own in event.against if (kept := known.get(_key(own))) is not None),
    )


def _rounded(start_s: float) -> float:
    """As documents round it: events tell own reps by it."""
    return round(start_s, DECIMALS)


def _key(own: OwnRep) -> tuple[str, float]:
    return own.set, _rounded(own.start_s)


def _observations(
    session: Session, spans: Sequence[tuple[float, float]]
) -> tuple[list[list[Observation]], FramesDocument, float]:
    """Those within each span (seconds, sorted by where they begin), how many frames there are, and the last one's time.

    Spans may lie over each other.
    """
    found: list[list[Observation]] = [[] for _ in spans]
    first = read = with_pose = dropped = 0
    last_s = 0.0
    try:
        with closing(session.frames()) as frames:
            for payload in frames.payloads():
                seen = codec.glance(payload)
                read, with_pose, dropped = read + 1, with_pose + seen.with_pose, dropped + seen.dropped
                last_s = max(last_s, seen.t_s)
                while first < len(spans) and spans[first][1] < seen.t_s:
                    first += 1
                within = []
                for n in range(first, len(spans)):
                    if spans[n][0] > seen.t_s:
                        break
                    if seen.t_s <= spans[n][1]:
                        within.append(n)
                if within:
                    observation = codec.decode(payload)
                    for n in within:
                        found[n].append(observation)
    except (SourceError, ValueError, TypeError) as err:
        session.say(f"{err}; the report goes on without what was seen after that")
    return found, FramesDocument(read=read, with_pose=with_pose, dropped=dropped), last_s
