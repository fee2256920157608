"""A recorded session: its reps, sets, events, pictures and reference. Damaged parts are reported and left out; nothing
is written. `opening` finds and opens one."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import chain, takewhile
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter

from livecoach.core import documents
from livecoach.core.documents import AUTO, RepEvent, SetLogEvent, SetProfileEvent, codec
from livecoach.core.errors import SourceError
from livecoach.core.types import Observation, Rep, RepWindow, SetLog, SetPlan, Standards
from livecoach.core.types.bounds import MOST_ENTRIES
from livecoach.core.types.reps import MARGIN_S
from livecoach.decisions.coaching.figures import counts
from livecoach.decisions.judging.primary import shortcomings
from livecoach.records.profile import read_rep
from livecoach.records.session import layout
from livecoach.records.session.frames import SessionFrames
from livecoach.records.session.lifter_events import corrected, current_logs, read_events
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.rep_choice import standing
from livecoach.records.session.session_set import SessionSet

_LATER = ConfigDict(defer_build=True)  # most processes need none of these
EVENT: TypeAdapter[Any] = TypeAdapter(documents.Event, config=_LATER)
_REP: TypeAdapter[RepEvent | documents.WithdrawnEvent] = TypeAdapter(
    Annotated[RepEvent | documents.WithdrawnEvent, Field(discriminator="event")], config=_LATER
)
_CUE, _CORRECTION = TypeAdapter(documents.CueEvent), TypeAdapter(documents.CorrectionEvent)
_OF_SET: TypeAdapter[SetLogEvent | SetProfileEvent] = TypeAdapter(
    Annotated[SetLogEvent | SetProfileEvent, Field(discriminator="event")], config=_LATER
)
T = TypeVar("T")
MOST_REFERENCE_BYTES = 256 << 20  # Most bytes to read of a session's own reps; a thousand have 75 MB. Our choice.
NO_PROFILE = "-"  # Stands for lifters without a profile. No profile has this name.
MOST_REPS = 10_000  # Most reps of a session: an endless set has a thousand an hour. Our choice.


@dataclass(frozen=True)
class Session:
    """One session's folder, or of what it holds one lifter, or one exercise of a lifter. Each file is read once, when
    it is first needed."""

    folder: Path
    about: documents.SessionDocument
    say: Callable[[str], object]  # Called with a line about each damaged part that is left out

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def started(self) -> datetime:
        """Start time, local to the place of recording."""
        return datetime.fromisoformat(self.about.started)

    @property
    def day(self) -> date:
        """Date local to the place of recording, so that a traveller's time zones do not shift days."""
        return self.started.date()

    @cached_property
    def profiles(self) -> tuple[str | None, ...]:
        """Of the lifters of its sets, in order; without sets, of the lifter with whom it began."""
        return tuple(dict.fromkeys(one.profile for one in self.sets)) or (self.about.profile,)

    @property
    def known_profiles(self) -> tuple[str, ...]:
        """The profiles of its lifters, without those who have none."""
        return tuple(name for name in self.profiles if name is not None)

    @cached_property
    def shared(self) -> bool:
        """Whether the session has several lifters, also where this is what it holds of one."""
        return len(self.profiles) > 1

    @property
    def profile(self) -> str | None:
        return self.profiles[0]

    @cached_property
    def begun_parts(self) -> tuple[documents.PartEvent, ...]:
        """Beginnings of its parts after the first one."""
        return tuple(self._events_of(documents.PartEvent))

    def profile_at(self, t_s: float) -> str | None:
        """Whose turn it was at a time. What was said and seen from a set on is of whose set it is."""
        return next((profile for begin_s, profile in reversed(self._turns) if begin_s <= t_s), self.about.profile)

    def whose(self, rep: Rep) -> str:
        """Name of a rep's lifter, as users write it."""
        return self.profile_at(rep.start_s) or NO_PROFILE

    def recorded_at(self, t_s: float) -> str | None:
        """Whose turn it was at a time, as it was recorded."""
        return next((one.profile for one in reversed(self.begun_parts) if one.t_s < t_s), self.about.profile)

    @cached_property
    def _turns(self) -> Sequence[tuple[float, str | None]]:
        """When each turn after the first begins, and whose it is."""
        begun = [(math.nextafter(one.t_s, math.inf), one.profile) for one in self.begun_parts]  # after that frame
        if not self.moved:
            return begun
        first_s: dict[int, float] = {}
        for event in self.recorded_reps:
            first_s.setdefault(event.rep.set, event.rep.start_s)
        sets = [(begin_s, self.moved.get(number, self.recorded_at(begin_s))) for number, begin_s in first_s.items()]
        return sorted([*begun, *sets], key=lambda turn: turn[0])

    def height_of(self, profile: str | None) -> float | None:
        """Return a lifter's height in centimetres, as it was known in the session; None where it was not."""
        moved = (event for event in self.set_events if isinstance(event, SetProfileEvent))
        turns: Iterator[documents.PartEvent | SetProfileEvent] = chain(self.begun_parts, moved)
        heights_cm = [turn.height_cm for turn in turns if turn.profile == profile and turn.height_cm is not None]
        if profile == self.about.profile or not heights_cm:
            return self.about.settings.height_cm
        return heights_cm[0] or None

    @property
    def used(self) -> dict[str, documents.UsedExercise]:
        """Name → each exercise that could be counted, and the model that judged its reps."""
        about = self.about
        given = documents.UsedExercise(name=about.exercise, exercise_sha256=about.exercise_sha256, model=about.model)
        first = about.recognisable or (() if about.exercise == AUTO else (given,))
        return {one.name: one for one in (*first, *(one for part in self.begun_parts for one in part.exercises))}

    @property
    def live(self) -> bool:
        """False for a replayed recording."""
        return self.about.source.live

    @cached_property
    def cut_off(self) -> bool:
        """Whether the session has no end: it was cut off, or is being recorded."""
        if self.about.end is None:
            return not self.events or not isinstance(self.events[-1], documents.SessionEnd)
        return self.about.end.early

    @cached_property
    def ending(self) -> documents.SessionEnding:
        """How the session ended. Where session.json does not say so, it is counted from the other files."""
        if self.about.end is not None:
            return replace(self.about.end, profiles=self.profiles) if self.moved else self.about.end
        _, tally = self.seen()
        return documents.SessionEnding(
            early=self.cut_off,
            duration_s=tally.t_s,
            **counts([event.rep for event in self.corrected_reps]),
            frames=tally.document,
            video=None,
            stopped=None,
            cpu_ms_per_frame=None,
            exercises=tuple(dict.fromkeys(one.rep.exercise for one in self.rep_events)),
            profiles=self.profiles if self.rep_events else (),
            too_slow=bool(tally.slow.spans),
            slow=tuple(tally.slow.spans[:MOST_ENTRIES]),
        )

    @cached_property
    def rep_events(self) -> tuple[RepEvent, ...]:
        """Completed reps as they are judged by now, in order."""
        anew = {event.rep.start_s: event.rep for event in self.judged_anew}
        judged = tuple(
            replace(event, rep=anew.get(event.rep.start_s, event.rep)) if anew else event
            for event in self.recorded_reps
        )
        if not self.moved and self.about.end is not None and len(self.about.end.profiles) < 2:
            return judged
        own: dict[str | None, dict[int, int]] = {}  # lifter → number of each set in the session and among the lifter's
        reps = []
        for event in judged:
            number = event.rep.set
            among = own.setdefault(self.profile_at(event.rep.start_s), {})
            named = among.setdefault(number, len(among) + 1)
            reps.append(replace(event, rep=replace(event.rep, own_set=None if named == number else named)))
        return tuple(reps)

    @cached_property
    def judged_anew(self) -> tuple[RepEvent, ...]:
        """Reps that were judged anew after others were confirmed; their corrections are those of then."""
        anew = read_events(self.folder / layout.JUDGED, _REP, self.say)
        return tuple(event for event in anew if isinstance(event, RepEvent))

    @cached_property
    def recorded_reps(self) -> tuple[RepEvent, ...]:
        """With the own number of each set as it was before a set was moved."""
        reps = standing(read_events(self.folder / layout.REPS, _REP, self.say))
        if len(reps) > MOST_REPS:
            self.say(f"{self.folder / layout.REPS}: more than {MOST_REPS} reps; the others are left out")
        return tuple(sorted(reps[:MOST_REPS], key=lambda event: event.rep.start_s))

    @cached_property
    def cues(self) -> tuple[documents.CueEvent, ...]:
        return tuple(read_events(self.folder / layout.CUES, _CUE, self.say))

    @cached_property
    def events(self) -> tuple[documents.Event, ...]:
        return tuple(read_events(self.folder / layout.EVENTS, EVENT, self.say))

    def _events_of(self, kind: type[T]) -> Iterator[T]:
        return (event for event in self.events if isinstance(event, kind))

    @cached_property
    def corrections(self) -> tuple[documents.CorrectionEvent, ...]:
        return tuple(read_events(self.folder / layout.CORRECTIONS, _CORRECTION, self.say))

    @cached_property
    def set_events(self) -> tuple[SetLogEvent | SetProfileEvent, ...]:
        return tuple(read_events(self.folder / layout.SETS, _OF_SET, self.say))

    @cached_property
    def moved(self) -> dict[int, str | None]:
        """Number of each set that was moved to a lifter → the lifter's profile."""
        return {event.set: event.profile for event in self.set_events if isinstance(event, SetProfileEvent)}

    @cached_property
    def set_logs(self) -> dict[int, SetLog]:
        """The logs that count, by the number of their set. Sets without a log are left out."""
        return current_logs(event for event in self.set_events if isinstance(event, SetLogEvent))

    @cached_property
    def judged_as_anothers(self) -> set[int]:
        """Numbers of the sets that were moved from whom they were judged as. To be renamed is not to be moved."""
        judged_as = {event.rep.set: self.recorded_at(event.rep.start_s) for event in reversed(self.rep_events)}
        others: set[int] = set()
        for event in self.set_events:
            if not isinstance(event, SetProfileEvent) or event.set not in judged_as:
                continue
            if event.renamed and event.set not in others:
                judged_as[event.set] = event.profile
            elif not event.renamed:
                (others.discard if event.profile == judged_as[event.set] else others.add)(event.set)
        return others

    @cached_property
    def corrected_reps(self) -> tuple[RepEvent, ...]:
        """Completed reps, each with the correction that counts."""
        return corrected(self.rep_events, self.corrections)

    @cached_property
    def sets(self) -> tuple[SessionSet, ...]:
        """Its sets, in order, with the corrections that count. One with reps of two exercises is a set of each."""
        done: dict[tuple[int, str], list[Rep]] = {}
        for event in self.corrected_reps:
            done.setdefault((event.rep.set, event.rep.exercise), []).append(event.rep)
        orders: Counter[tuple[str | None, str]] = Counter()
        ended: dict[str | None, tuple[int, float]] = {}  # Lifter → number and end of the last set so far
        sets = []
        for (number, exercise), reps in done.items():
            profile = self.profile_at(reps[0].start_s)
            orders[profile, exercise] += any(rep.counts for rep in reps)
            before, end_s = ended.get(profile, (number, 0.0))
            ended[profile] = number, max(rep.end_s for rep in reps)
            sets.append(
                SessionSet(
                    number=number,
                    profile=profile,
                    rest_s=None if before == number else reps[0].start_s - end_s,
                    order=orders[profile, exercise],
                    exercise=exercise,
                    reps=tuple(reps),
                    log=self.set_logs.get(number, SetLog()),
                    planned=self._planned(profile, exercise, reps[-1].end_s),
                    creases_cm=tuple(cm for rep in reps if (cm := self._crease_cm(rep)) is not None),
                )
            )
        return tuple(sets)

    def _planned(self, profile: str | None, exercise: str, t_s: float) -> tuple[SetPlan, ...]:
        """Return what a lifter had planned for an exercise at a time."""
        said = (one for one in [*self._events_of(documents.PlanEvent)][::-1] if one.exercise == exercise)
        return next((one.plans for one in said if one.t_s <= t_s and self.profile_at(one.t_s) == profile), ())

    def _crease_cm(self, rep: Rep) -> float | None:
        """Return how high the hip crease stayed above the top of the knee; None if only the seat was measured."""
        depth = next((result for result in rep.standards if result.name == "depth"), None)
        under_knee_cm = None if depth is None else self.standards_of(rep).under_knee_cm
        return None if depth is None or under_knee_cm is None else depth.off - under_knee_cm

    @cached_property
    def exercises(self) -> tuple[str, ...]:
        """Names of the exercises of its reps, in order; without reps, the given exercise, if any."""
        names = tuple(dict.fromkeys(event.rep.exercise for event in self.rep_events))
        return names or (() if self.about.exercise == AUTO else (self.about.exercise,))

    @property
    def exercise(self) -> str:
        """The name of its exercise; "auto" for none or several."""
        return self.exercises[0] if len(self.exercises) == 1 else AUTO

    @property
    def completed(self) -> list[Rep]:
        """All completed reps, including those that do not count, with the corrections that do."""
        return [rep for one in self.sets for rep in one.reps]

    @property
    def reps(self) -> list[Rep]:
        """The reps that count."""
        return [rep for one in self.sets for rep in one.counted]

    @property
    def loaded_sets(self) -> list[tuple[float, tuple[Rep, ...]]]:
        """Sets whose load is known: load in kilograms, and the reps that count."""
        loaded = ((one.log.load_kg, one.counted) for one in self.sets)
        return [(load_kg, reps) for load_kg, reps in loaded if load_kg is not None and reps]

    @cached_property
    def too_shallow(self) -> int:
        """The number of movements that were too shallow to be a rep; counted where no rep has a fault."""
        if any(map(shortcomings, self.completed)):
            return 0
        return sum(one.partial_rep.reason == "shallow" for one in self._events_of(documents.PartialRepEvent))

    @property
    def parts(self) -> list["Session"]:
        """One part for each exercise of each lifter, in the order in which they were begun."""
        of_lifters = [self.of_lifter(profile) for profile in self.profiles]
        return [one.of(name) for one in of_lifters for name in one.exercises if name != AUTO]

    def of(self, exercise: str) -> "Session":
        """Return the part of one exercise: its sets alone."""
        sets = tuple(one for one in self.sets if one.exercise == exercise)
        kept = {"cut_off": self.cut_off, "too_shallow": self.too_shallow, "shared": self.shared}
        return self.knowing(exercises=(exercise,), sets=sets, **kept)

    def of_lifter(self, profile: str | None) -> "Session":
        """Return what it holds of one lifter: the sets, and what was said and seen while it was the lifter's turn."""
        if self.profiles == (profile,):
            return self
        if profile in self._lean_lifters:
            return self._lean_lifters[profile]
        sets = tuple(one for one in self.sets if one.profile == profile)
        numbers = {one.number for one in sets}
        return self.knowing(
            profiles=(profile,),
            shared=self.shared,
            sets=sets,
            exercises=tuple(dict.fromkeys(one.exercise for one in sets)),
            rep_events=tuple(one for one in self.rep_events if one.rep.set in numbers),
            corrected_reps=tuple(one for one in self.corrected_reps if one.rep.set in numbers),
            set_logs={number: log for number, log in self.set_logs.items() if number in numbers},
            cues=tuple(one for one in self.cues if self.profile_at(one.t_s) == profile),
            events=tuple(one for one in self.events if self._whose(one) == profile),
            begun_parts=self.begun_parts,
            cut_off=self.cut_off,
            _turns=self._turns,
            _chosen_standards=self._chosen_standards,
        )

    def _whose(self, event: documents.Event) -> str | None:
        return event.profile if isinstance(event, documents.PartEvent) else self.profile_at(event.t_s)

    def lean(self) -> "Session":
        """Return what history counts of the session, without what is large: a thousand are held at once."""
        lifters = self.profiles if len(self.profiles) > 1 else ()
        return self.knowing(
            profiles=self.profiles,
            shared=self.shared,
            exercises=self.exercises,
            sets=tuple(one.lean() for one in self.sets),
            cut_off=self.cut_off,
            too_shallow=self.too_shallow,
            _lean_lifters={profile: self.of_lifter(profile).lean() for profile in lifters},
        )

    @cached_property
    def _lean_lifters(self) -> dict[str | None, "Session"]:
        """What a lean session of several lifters holds of each; empty for any other."""
        return {}

    def knowing(self, **values: object) -> "Session":
        """Return the session with values of properties that are not read from its files any more."""
        session = replace(self)
        session.__dict__.update(values)
        return session

    def standards_of(self, rep: Rep) -> Standards:
        """Return the standards that a rep was held against: those that were chosen last before its end."""
        chosen = (event.standards for event in reversed(self._chosen_standards) if event.t_s <= rep.end_s)
        return next(chosen, self.about.settings.standards)

    @cached_property
    def _chosen_standards(self) -> tuple[documents.StandardsEvent, ...]:
        return tuple(self._events_of(documents.StandardsEvent))

    @property
    def video(self) -> Path | None:
        path = self.folder / layout.VIDEO
        return path if layout.file_bytes(path) else None

    @property
    def video_damage(self) -> str | None:
        """What is wrong with the video, judged by its size; None if intact, or without a video."""
        end, path = self.about.end, self.folder / layout.VIDEO
        there = layout.file_bytes(path)
        if not there or end is None or end.video is None or there == end.video.bytes:
            return None
        return f"{path}: {there} of {end.video.bytes} recorded bytes are left; the intact part is shown"

    def frames(self, *, pictures: bool = False) -> SessionFrames:
        """Open the observations as a source, with pictures if wanted and available. Raises SourceError."""
        video = self.video if pictures else None
        return SessionFrames(self.folder / layout.OBSERVATIONS, video, self.say, header=layout.header_of(self.about))

    def observations(self, from_s: float = -math.inf, to_s: float = math.inf) -> Iterator[Observation]:
        """Yield the observations between two times. Raises SourceError."""
        with closing(self.frames()) as frames:
            for payload in frames.payloads():
                t_s = codec.peek(payload).t_s
                if t_s > to_s:
                    return
                if t_s >= from_s:
                    yield codec.decode(payload)

    def window(
        self, event: RepEvent, near: Sequence[Observation] | None = None, *, end_s: float | None = None
    ) -> RepWindow | None:
        """Return what was observed of a rep, as it is judged; None if its view is unknown, or nothing was observed.

        Args:
            event: the rep.
            near: the observations around it, if they are known already.
            end_s: when it ended, where that is not the rep's own end.

        Raises:
            SourceError: the observations can't be read.
        """
        rep = event.rep
        if near is None:
            near = list(self.observations(rep.start_s - MARGIN_S, rep.end_s + MARGIN_S))
        if event.view is None or not near:
            return None
        return RepWindow(
            observations=tuple(near),
            start_s=rep.start_s,
            turn_s=rep.turn_s,
            end_s=rep.end_s if end_s is None else end_s,
            view=event.view,
            set_name=event.set or "",
            number=rep.number,
            pose=self.about.model.pose,
            exercise=rep.exercise,
        )

    def seen(self, spans: Sequence[tuple[float, float]] = ()) -> tuple[list[list[Observation]], RunMetrics]:
        """Return the observations within each span, and the counts of all frames. Damage is reported, and ends both.

        spans: seconds, sorted by their start; they may overlap. What lies in none is not decoded: an hour of video has
        108,000 observations.
        """
        within: list[list[Observation]] = [[] for _ in spans]
        first, tally = 0, RunMetrics()
        try:
            with closing(self.frames()) as frames:
                for payload in frames.payloads():
                    head = codec.peek(payload)
                    tally.add_frame(head.t_s, head.dropped, with_pose=head.with_pose)
                    while first < len(spans) and spans[first][1] < head.t_s:
                        first += 1
                    begun = takewhile(lambda n: spans[n][0] <= head.t_s, range(first, len(spans)))  # noqa: B023 (used at once)
                    if here := [n for n in begun if head.t_s <= spans[n][1]]:
                        observation = codec.decode(payload)
                        for n in here:
                            within[n].append(observation)
        except (SourceError, ValueError, TypeError) as err:
            self.say(f"{err}; everything after that is left out")
        return within, tally

    @cached_property
    def reference(self) -> tuple[tuple[Path, RepWindow], ...]:
        """The own good reps of its lifters that were known at the start of its parts, with their files."""
        windows, left_bytes = [], MOST_REFERENCE_BYTES
        names = [*self.about.reference, *(name for part in self.begun_parts for name in part.reference)]
        names += [name for event in self.set_events if isinstance(event, SetProfileEvent) for name in event.reference]
        for path in (self.folder / layout.REFERENCE / name for name in names):
            try:
                rep = read_rep(path)
                left_bytes -= path.stat().st_size
            except (SourceError, OSError) as err:
                self.say(f"{err}; this reference rep is left out")
                continue
            if left_bytes < 0:
                self.say(f"{path.parent}: larger than {MOST_REFERENCE_BYTES >> 20} MB; the rest is left out")
                break
            windows.append((path, rep))
        return tuple(windows)

    def reference_of(self, exercise: str, names: Collection[str]) -> tuple[tuple[Path, RepWindow], ...]:
        """Oldest first. names: of the files, as the beginning of a part has them."""
        return tuple((path, rep) for path, rep in self.reference if rep.exercise == exercise and path.name in names)
