"""Reads the reps of a stored session that may become part of a lifter's reference, with the reps' corrections."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, cached_property, partial

from livecoach.core.config.files import read_regular
from livecoach.core.documents import DECIMALS, ExerciseEvent, LoweredEvent, RepEvent, SetProfileEvent, codec
from livecoach.core.errors import SourceError
from livecoach.core.types import Observation, Rep, RepWindow
from livecoach.core.types.message import Message
from livecoach.core.types.observation import MARGIN_S
from livecoach.decisions.judging.reference_reps import PastRep, PastSession
from livecoach.decisions.rep.measured import Standing
from livecoach.records.profile import MOST_OBSERVATIONS
from livecoach.records.session import layout
from livecoach.records.session.frames import make_rep_window
from livecoach.records.session.lifter_events import correction_stacks
from livecoach.records.session.stored import Session


def read_past_session(session: Session, profile: str | None, exercise: str) -> PastSession:
    """Read a lifter's reps of an exercise in a session, as far as the reps may join the lifter's reference.

    A rep is left out if the rep was not judged, if its view is unknown, or if the rep has no end: the bar was never put
    down, or the observations stop before the end because the run was killed. If the session's settings switch learning
    off, no rep is returned. The observations of a rep are read when they are first needed.

    A rep is uncertain if only the end of the recording completed the rep, because a recording that was cut off there
    lacks the rep, or if the exercise of its set stayed in doubt. `profile` is None for lifters without a profile.
    """
    last_s = round(session.ending.duration_s, DECIMALS)
    lowered = {event.start_s: event.end_s for event in session.events if isinstance(event, LoweredEvent)}
    windows = _WindowReader(session)
    in_doubt, corrections = _sets_in_doubt(session), correction_stacks(session.corrections)
    reps = []
    for event in session.corrected_reps if session.about.settings.learn else ():
        rep = event.rep
        end_s = lowered.get(rep.start_s, rep.end_s)
        is_whole = rep.turn_s < end_s and event.t_s <= last_s
        is_wanted = rep.exercise == exercise and session.profile_at(rep.start_s) == profile
        newest = corrections.newest_correction(rep.start_s)
        if is_wanted and is_whole and rep.score is not None and event.view is not None:
            reps.append(
                PastRep(
                    session=session.name,
                    day=session.day.isoformat(),
                    set=rep.set,
                    number=rep.number,
                    start_s=rep.start_s,
                    azimuth_deg=event.view.azimuth_deg,
                    correction=rep.correction,
                    is_forgotten=newest is not None and not newest.teaches,
                    standing=_standing(rep),
                    read=cache(partial(windows.read, event, end_s)),
                    is_certain=event.t_s < last_s and rep.set not in in_doubt,
                )
            )
    assigned = (event.set for event in session.set_events if isinstance(event, SetProfileEvent) and not event.renamed)
    return PastSession(reps=reps, assigned=frozenset(assigned))


def _standing(rep: Rep) -> Standing:
    if rep.disallowed:
        return "disallowed"
    return "missed" if rep.misses_standard else "allowed"


def _sets_in_doubt(session: Session) -> set[int]:
    """Return the sets without a corrected rep whose exercise was in doubt until the next set, or the end, came."""
    names = [event for event in session.events if isinstance(event, ExerciseEvent)]
    if not any(event.open for event in names):
        return set()
    began_s: dict[int, float] = {}
    for event in session.corrected_reps:
        began_s.setdefault(event.rep.set, event.t_s)
    corrected = session.recounted_sets | {event.rep.set for event in session.corrected_reps if event.rep.correction}
    doubted = set()
    for number, next_s in zip(began_s, [*list(began_s.values())[1:], float("inf")], strict=True):
        known = [event for event in names if event.t_s < next_s]
        if known and known[-1].open and number not in corrected:
            doubted.add(number)
    return doubted


class _WindowReader:
    """Reads the observations of single reps from a session of any length."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def read(self, event: RepEvent, end_s: float) -> RepWindow | None:
        """Read a rep that ends at `end_s`, with MARGIN_S on both sides; return None if there are no observations.

        Unreadable or too many observations are reported, and also give None.
        """
        session, start_s = self._session, event.rep.start_s
        try:
            near = self._between(start_s - MARGIN_S, end_s + MARGIN_S)
            if near is None:
                near = list(session.read_observations(start_s - MARGIN_S, end_s + MARGIN_S))
            if len(near) > MOST_OBSERVATIONS:
                raise SourceError(f"{session.name}: {len(near)} frames of a rep, more than {MOST_OBSERVATIONS}")
        except (SourceError, ValueError) as err:
            session.say(Message("{name}; rep {name2} teaches nothing", name=str(err), name2=event.rep.name))
            return None
        window = make_rep_window(event, near, session.about.model.pose, end_s=end_s)
        return None if window is None else replace(window, set_name=f"{session.about.session} {window.set_name}")

    def _between(self, from_s: float, to_s: float) -> Sequence[Observation] | None:
        """Return the observations between two times; None if the file is damaged up to there, or gone."""
        if not self._starts:
            return None
        try:
            with (self._session.folder / layout.OBSERVATIONS).open("rb") as file:

                def time_at(start: int) -> float:
                    return codec.unpack(codec.read_record(file, start)).t_s

                first = bisect_left(self._starts, from_s, key=time_at)
                last = bisect_right(self._starts, to_s, key=time_at)
                until_s = min(to_s, round(self._session.ending.duration_s, DECIMALS))
                if last == len(self._starts) and round(time_at(self._starts[-1]), DECIMALS) < until_s:
                    return None
                return codec.decode_all(codec.read_record(file, start) for start in self._starts[first:last])
        except (OSError, SourceError, ValueError):
            return None

    @cached_property
    def _starts(self) -> Sequence[int]:
        """Position of each observation in the file, up to the first damage; empty if it can't be read."""
        try:
            return codec.record_starts(read_regular(self._session.folder / layout.OBSERVATIONS))[1:]
        except OSError:
            return ()
