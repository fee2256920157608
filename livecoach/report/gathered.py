"""What a report is made from: the reps of a session, each with what was seen of it and the good ones it was judged by.

Nothing is judged again. The observations are read once, and decoded where they belong to a rep: an hour has 108,000.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from livecoach import codec
from livecoach.documents import DECIMALS, FramesDocument, OwnRep, PartialRepEvent, RepEvent, SetEndEvent
from livecoach.errors import SourceError
from livecoach.form.recent import MARGIN_S
from livecoach.session.stored import Session
from livecoach.types import KeptRep, Observation, PartialRep, Rep, View


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lifted:
    """A rep of the session."""

    rep: Rep
    set_index: int
    """Of its set, from 1."""
    number: int
    """In its set, from 1: as it was counted aloud."""
    view: View | None
    window: KeptRep | None = None
    """What was seen of it; None where the view is not known, or the observations are lost."""
    against: tuple[KeptRep, ...] = ()
    """The lifter's own good reps that it was judged against, as far as they are there still."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gathered:
    """A session, read."""

    reps: tuple[Lifted, ...]
    partials: tuple[PartialRep, ...]
    frames: FramesDocument
    duration_s: float
    """Time of the last observation."""

    @property
    def sets(self) -> dict[int, list[Lifted]]:
        """Index of a set → its reps, in order."""
        found: dict[int, list[Lifted]] = {}
        for lifted in self.reps:
            found.setdefault(lifted.set_index, []).append(lifted)
        return found


def gather(session: Session) -> Gathered:
    """Read a session. What is damaged is told to the session's `say`, and left out."""
    events = sorted(session.reps, key=lambda event: event.rep.start_s)
    spans = [(event.rep.start_s - MARGIN_S, event.rep.end_s + MARGIN_S) for event in events]
    seen, frames, duration_s = _observations(session, spans)
    windows = [_window(session, event, near) for event, near in zip(events, seen, strict=True)]
    known = {(kept.set_name, _rounded(kept.start_s)): kept for _, kept in session.reference}
    known |= {
        (event.set, _rounded(event.rep.start_s)): window
        for event, window in zip(events, windows, strict=True)
        if window is not None and event.set is not None
    }
    counted: Counter[int] = Counter()
    reps = []
    for event, window, index in zip(events, windows, _sets(session, events), strict=True):
        counted[index] += 1
        reps.append(
            Lifted(
                rep=event.rep,
                set_index=index,
                number=counted[index],
                view=event.view,
                window=window,
                against=tuple(kept for own in event.against if (kept := known.get(_key(own))) is not None),
            )
        )
    partials = tuple(event.partial_rep for event in session.events if isinstance(event, PartialRepEvent))
    return Gathered(reps=tuple(reps), partials=partials, frames=frames, duration_s=duration_s)


def _rounded(start_s: float) -> float:
    """As documents round it: events tell own reps by it."""
    return round(start_s, DECIMALS)


def _key(own: OwnRep) -> tuple[str, float]:
    return own.set, _rounded(own.start_s)


def _sets(session: Session, events: Sequence[RepEvent]) -> Iterator[int]:
    """Index of each rep's set: as its event says, else by which set was over next after it."""
    ends = [event for event in session.events if isinstance(event, SetEndEvent) and event.summary is not None]
    index = 1
    for event in events:
        if event.set is not None and event.set.isdecimal():
            index = int(event.set)
        else:
            over = next((end.summary.index for end in ends if end.summary and end.t_s >= event.rep.end_s), index)
            index = max(index, over)
        yield index


def _window(session: Session, event: RepEvent, near: Sequence[Observation]) -> KeptRep | None:
    if event.view is None or not near:
        return None
    rep = event.rep
    return KeptRep(
        observations=tuple(near),
        start_s=rep.start_s,
        turn_s=rep.turn_s,
        end_s=rep.end_s,
        view=event.view,
        set_name=event.set or "",
        pose=session.about.model.pose,
    )


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
