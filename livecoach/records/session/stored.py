"""Reads a recorded session: the reps, sets, events, pictures and reference.

Damaged parts are reported and left out; nothing is written. `opening` finds and opens a session.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeVar

from livecoach.core import documents
from livecoach.core.documents import AUTO, RepEvent, SetLogEvent, SetProfileEvent, WithdrawnEvent, codec
from livecoach.core.errors import SourceError
from livecoach.core.types import Observation, PartialRep, Rep, RepWindow, SetLog, SetPlan, Standards
from livecoach.core.types.bounds import MOST_ENTRIES, NO_PROFILE, lifter_suffix
from livecoach.core.types.message import Message
from livecoach.decisions.coaching.rep_figures import count_forms
from livecoach.records.profile import Forgotten, read_rep, to_profile_name
from livecoach.records.session import layout
from livecoach.records.session.frames import SessionFrames, Span, read_observations_within
from livecoach.records.session.lifter_events import (
    CORRECTION_EVENT_ADAPTER,
    CUE_EVENT_ADAPTER,
    EVENT_ADAPTER,
    REP_EVENT_ADAPTER,
    SET_EVENT_ADAPTER,
    SetEvent,
    apply_corrections,
    apply_set_ends,
    current_logs,
    read_events,
    remove_withdrawn,
)
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.session_set import SessionSet

T = TypeVar("T")
MOST_REFERENCE_BYTES = 256 << 20  # Most bytes of reference reps to read; a thousand reps have 75 MB. Our choice.
MOST_REPS = 10_000  # Most reps of a session: an endless set has a thousand reps an hour. Our choice.


@dataclass(frozen=True)
class Session:
    """A recorded session, or the part of a session with the sets of one lifter, of one exercise, or of both.

    Each file is read when it is first needed. Files of events are read only once, but observations and video are
    read each time. `open_frames` and `read_observations` raise SourceError if the observations can't be read.
    """

    folder: Path
    about: documents.SessionDocument
    say: Callable[[str], object]  # Called with a line about each damaged part that is left out

    @property
    def name(self) -> str:
        """Name of the session's folder."""
        return self.folder.name

    @property
    def start_time(self) -> datetime:
        """Start of the session, in the time zone of the place of recording."""
        return datetime.fromisoformat(self.about.started)

    def is_in(self, forgotten: Forgotten) -> bool:
        """Return whether the session is among the forgotten sessions of a lifter."""
        return forgotten.includes(self.about.session, self.start_time)

    def is_of(self, recording: str) -> bool:
        """Return whether the session is of the recording with the identity `recording`, or of a copy of that film."""
        digest = recording.rpartition(":")[2]  # or the end of a time, with Z, if the recording is no file
        is_copy = self.about.session.endswith(f":{digest}") and not (self.is_live or digest.endswith("Z"))
        return is_copy or self.about.session == recording

    @property
    def day(self) -> date:
        """Date of the session at the place of recording, so that a traveller's time zones do not shift days."""
        return self.start_time.date()

    @cached_property
    def profiles(self) -> tuple[str | None, ...]:
        """Profiles of the lifters in the order of their first sets; without sets, the profile at the session's start.

        None stands for the lifters without a profile.
        """
        return tuple(dict.fromkeys(session_set.profile for session_set in self.sets)) or (self.about.profile,)

    @property
    def valid_profiles(self) -> tuple[str, ...]:
        """Names of the lifters' profiles. Names that no profile can have, as in a forged session, are left out."""
        return tuple(name for name in self.profiles if name is not None and to_profile_name(name))

    @cached_property
    def is_shared(self) -> bool:
        """Whether the whole session has several lifters, even if this object is the part of one lifter."""
        return len(self.profiles) > 1

    @property
    def profile(self) -> str | None:
        """Profile of the session's first lifter; None for a lifter without a profile."""
        return self.profiles[0]

    @cached_property
    def part_events(self) -> tuple[documents.PartEvent, ...]:
        """The events that began the parts of the session after the first part."""
        return tuple(self._events_of(documents.PartEvent))

    def profile_at(self, t_s: float) -> str | None:
        """Return the profile of the lifter at a time of the session; None for a lifter without a profile.

        The lifter may change with each part of the session and, if a set was moved to another lifter, with each set.
        """
        return next((profile for begin_s, profile in reversed(self._turns) if begin_s <= t_s), self.about.profile)

    def lifter_of(self, rep: Rep) -> str:
        """Return the name of a rep's lifter as users type the name: the profile, or NO_PROFILE."""
        return self.profile_at(rep.start_s) or NO_PROFILE

    def set_address(self, of_set: SessionSet) -> str:
        """Return the text by which commands name a set, such as "2026-03-01_18-30-00-squat:2@ben"."""
        return f"{self.name}:{of_set.lifter_set_number}{lifter_suffix(of_set.profile, is_shared=self.is_shared)}"

    def recorded_profile_at(self, t_s: float) -> str | None:
        """Return the profile that the run recorded for a time, without later moves of sets; None without a profile."""
        return next((profile for begin_s, profile in reversed(self._part_turns) if begin_s <= t_s), self.about.profile)

    @cached_property
    def _part_turns(self) -> Sequence[tuple[float, str | None]]:
        """The lifter of each later part, and the time from which reps are the part's: a rep may have been under way."""
        starts_s = [(event.t_s, event.rep.start_s) for event in self.run_reps] if self.part_events else []
        return [
            (min([math.nextafter(part.t_s, math.inf), *(s for t_s, s in starts_s if t_s > part.t_s)]), part.profile)
            for part in self.part_events
        ]

    @cached_property
    def _turns(self) -> Sequence[tuple[float, str | None]]:
        """Each time in seconds at which the lifter may change, and the profile of the lifter from then on."""
        turns = self._part_turns
        if not self._moved_sets:
            return turns
        first_s = {event.rep.set: event.rep.start_s for event in reversed(self.recorded_reps)}
        sets = [(t_s, self._moved_sets.get(number, self.recorded_profile_at(t_s))) for number, t_s in first_s.items()]
        return sorted([*turns, *sets], key=lambda turn: turn[0])

    def height_of(self, profile: str | None) -> float | None:
        """Return a lifter's height in centimetres, as stored in the session; None if the height was unknown.

        A session of version 2.0 states only the height of its first lifter, which counts for all parts of the session.
        """
        moved = (event for event in self.set_events if isinstance(event, SetProfileEvent))
        turns: Iterator[documents.PartEvent | SetProfileEvent] = chain(self.part_events, moved)
        own = [turn for turn in turns if turn.profile == profile]
        heights_cm = [turn.height_cm for turn in own if turn.height_cm is not None]
        later = (isinstance(turn, SetProfileEvent) and turn.frame is None and not turn.renamed for turn in own)
        if own and not heights_cm and all(later):
            heights_cm = [0.0]  # the set was moved to the lifter before version 2.1, which stores the height
        if profile == self.about.profile or not heights_cm:
            return self.about.settings.height_cm
        return heights_cm[0] or None

    @property
    def used_exercises(self) -> dict[str, documents.CountableExercise]:
        """The exercises that were done or could be recognised, by name, with the models that judge their reps."""
        about = self.about
        chosen = documents.CountableExercise(
            name=about.exercise, exercise_sha256=about.exercise_sha256, model=about.model
        )
        first = about.recognisable or (() if about.exercise == AUTO else (chosen,))
        later = chain.from_iterable(part.exercises for part in self.part_events)
        return {exercise.name: exercise for exercise in (*first, *later)}

    @property
    def is_live(self) -> bool:
        """Whether the session was recorded with a camera; False for a session from a recording."""
        return self.about.source.live

    @cached_property
    def is_cut_off(self) -> bool:
        """Whether the recording was cut off, or is still running."""
        if self.about.end is None:
            return not self.events or not isinstance(self.events[-1], documents.SessionEnd)
        return self.about.end.early

    @cached_property
    def ending(self) -> documents.SessionEnding:
        """The end of the session, computed from the other files if session.json does not state the end.

        If the lifter or the exercise of sets was corrected, the profiles and exercises follow the corrections.
        """
        if (end := self.about.end) is not None:
            now = replace(end, profiles=self.profiles) if self._moved_sets else end
            return replace(now, exercises=self.exercises) if self.recounted_sets else now
        _, metrics = self.read_observations_within()
        return documents.SessionEnding(
            early=self.is_cut_off,
            duration_s=metrics.t_s,
            **count_forms([event.rep for event in self.corrected_reps]),
            frames=metrics.frames_document,
            video=None,
            stopped=None,
            cpu_ms_per_frame=None,
            exercises=tuple(dict.fromkeys(event.rep.exercise for event in self.rep_events)),
            profiles=self.profiles if self.rep_events else (),
            too_slow=bool(metrics.slow.spans),
            slow=tuple(metrics.slow.spans[:MOST_ENTRIES]),
        )

    @cached_property
    def rep_events(self) -> tuple[RepEvent, ...]:
        """Events of the completed reps with the latest verdicts, in order, without later corrections.

        `Rep.own_set` numbers each lifter's sets. In a moved set, no verdict rests on another lifter's reps.
        """
        anew = {event.rep.start_s: event for event in self.rejudged_reps}
        ended = apply_set_ends(self.recorded_reps, self._events_of(documents.SetEndEvent), self.recounted_sets)
        judged = tuple(self._judged_for_lifter(anew.get(event.rep.start_s), event) for event in ended)
        if not self._moved_sets and self.about.end is not None and len(self.about.end.profiles) < 2:
            return judged
        own: dict[str | None, dict[int, int]] = {}  # lifter → number of each set in the session and among the lifter's
        reps = []
        for event in judged:
            number = event.rep.set
            among = own.setdefault(self.profile_at(event.rep.start_s), {})
            named = among.setdefault(number, len(among) + 1)
            reps.append(replace(event, rep=replace(event.rep, own_set=None if named == number else named)))
        return tuple(reps)

    def _judged_for_lifter(self, anew: RepEvent | None, event: RepEvent) -> RepEvent:
        if anew is not None or not self._moved_sets or event.rep.set not in self.reassigned_sets:
            return event if anew is None else replace(event, rep=anew.rep, against=anew.against)
        rests = event.rep.reference in {"own", "session"}
        rep = replace(event.rep, reference="none", own_reps=0, compared_with=None) if rests else event.rep
        return replace(event, rep=rep, against=())

    @cached_property
    def rejudged_reps(self) -> tuple[RepEvent, ...]:
        """Events of the reps that were judged again later, each with the correction that the rep had then."""
        anew = remove_withdrawn(read_events(self.folder / layout.JUDGED, REP_EVENT_ADAPTER, self.say))
        now = {(event.rep.start_s, event.rep.exercise) for event in self.recorded_reps}
        return tuple(event for event in anew if (event.rep.start_s, event.rep.exercise) in now)

    @cached_property
    def recorded_reps(self) -> tuple[RepEvent, ...]:
        """Events of up to MOST_REPS completed reps, by the run or a set's recount, with the first verdict on each."""
        changes = (event for event in self.set_events if isinstance(event, RepEvent | WithdrawnEvent))
        reps = remove_withdrawn([*self.run_reps, *changes])
        return tuple(sorted(reps[:MOST_REPS], key=lambda event: event.rep.start_s))

    @cached_property
    def recounted_sets(self) -> set[int]:
        """Numbers of the sets that were counted anew after the run, because a person corrected their exercise."""
        of_run = {event.rep.index for event in self.run_reps}
        return {event.rep.set for event in self.recorded_reps if event.rep.index not in of_run}

    @cached_property
    def run_reps(self) -> tuple[RepEvent, ...]:
        """Events of the completed reps as the run counted and judged them, in order, up to MOST_REPS."""
        reps = remove_withdrawn(read_events(self.folder / layout.REPS, REP_EVENT_ADAPTER, self.say))
        if len(reps) > MOST_REPS:
            most = "{name}: more than {n} reps; the others are left out"
            self.say(Message(most, name=str(self.folder / layout.REPS), n=MOST_REPS))
        return tuple(sorted(reps[:MOST_REPS], key=lambda event: event.rep.start_s))

    @cached_property
    def cues(self) -> tuple[documents.CueEvent, ...]:
        """The cue events of the session, in order."""
        return tuple(read_events(self.folder / layout.CUES, CUE_EVENT_ADAPTER, self.say))

    @cached_property
    def events(self) -> tuple[documents.Event, ...]:
        """All events in events.jsonl, in order."""
        return tuple(read_events(self.folder / layout.EVENTS, EVENT_ADAPTER, self.say))

    def _events_of(self, kind: type[T]) -> Iterator[T]:
        return (event for event in self.events if isinstance(event, kind))

    @cached_property
    def corrections(self) -> tuple[documents.CorrectionEvent, ...]:
        """The correction events of the session, in the order in which they were stored."""
        return tuple(read_events(self.folder / layout.CORRECTIONS, CORRECTION_EVENT_ADAPTER, self.say))

    @cached_property
    def set_events(self) -> tuple[SetEvent, ...]:
        """Events by which a person logged a set, or changed its lifter or exercise, in the order of storing."""
        return tuple(read_events(self.folder / layout.SETS, SET_EVENT_ADAPTER, self.say))

    @cached_property
    def _moved_sets(self) -> dict[int, str | None]:
        """Profile, or None, of the lifter to whom each moved set belongs now, by the number of the set."""
        return {event.set: event.profile for event in self.set_events if isinstance(event, SetProfileEvent)}

    @cached_property
    def set_logs(self) -> dict[int, SetLog]:
        """The log of each set that has a log, by the number of the set."""
        return current_logs(event for event in self.set_events if isinstance(event, SetLogEvent))

    @cached_property
    def reassigned_sets(self) -> set[int]:
        """Numbers of the sets that now belong to another lifter or exercise than at the recording.

        The renaming of a profile is no move, and a set that was moved back is left out.
        """
        first_reps = {event.rep.set: event.rep for event in reversed(self.recorded_reps)}
        judged_as = {number: self.recorded_profile_at(rep.start_s) for number, rep in first_reps.items()}
        others: set[int] = set()
        for event in self.set_events:
            if not isinstance(event, SetProfileEvent) or event.set not in judged_as:
                continue
            if event.renamed and event.set not in others:
                judged_as[event.set] = event.profile
            elif not event.renamed:
                (others.discard if event.profile == judged_as[event.set] else others.add)(event.set)
        return others | self.recounted_sets

    @cached_property
    def corrected_reps(self) -> tuple[RepEvent, ...]:
        """Events of the completed reps, with the latest verdicts and the corrections that count."""
        return apply_corrections(self.rep_events, self.corrections)

    @cached_property
    def sets(self) -> tuple[SessionSet, ...]:
        """The sets in order, with the corrections that count. A set with reps of two exercises appears twice."""
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
                    is_reassigned=number in self.reassigned_sets,
                )
            )
        return tuple(sets)

    def _planned(self, profile: str | None, exercise: str, t_s: float) -> tuple[SetPlan, ...]:
        """Return the plan that a lifter had for an exercise at a time; empty without a plan."""
        plans = (event for event in [*self._events_of(documents.PlanEvent)][::-1] if event.exercise == exercise)
        return next((event.plans for event in plans if event.t_s <= t_s and self.profile_at(event.t_s) == profile), ())

    def _crease_cm(self, rep: Rep) -> float | None:
        """Return the height of the hip crease above the top of the knee, in cm; None if it was not measured."""
        depth = next((result for result in rep.standards if result.name == "depth"), None)
        under_knee_cm = None if depth is None else self.standards_of(rep).under_knee_cm
        return None if depth is None or under_knee_cm is None else depth.off - under_knee_cm

    @cached_property
    def exercises(self) -> tuple[str, ...]:
        """Names of the exercises in the order of the reps; without reps, the chosen exercise, if any."""
        names = tuple(dict.fromkeys(event.rep.exercise for event in self.rep_events))
        return names or (() if self.about.exercise == AUTO else (self.about.exercise,))

    @property
    def exercise(self) -> str:
        """Name of the session's only exercise; "auto" if the session has no exercise or several."""
        return self.exercises[0] if len(self.exercises) == 1 else AUTO

    @property
    def completed_reps(self) -> list[Rep]:
        """All completed reps, counted or not, in the order of the sets, with the corrections that count."""
        return [rep for session_set in self.sets for rep in session_set.reps]

    @property
    def counted_reps(self) -> list[Rep]:
        """The reps that count, in the order of the sets."""
        return [rep for session_set in self.sets for rep in session_set.counted_reps]

    @property
    def counted_sets(self) -> list[SessionSet]:
        """The sets with a rep that counts, in order."""
        return [session_set for session_set in self.sets if session_set.counted_reps]

    @property
    def loaded_sets(self) -> list[tuple[float, tuple[Rep, ...]]]:
        """Load in kilograms, and the reps that count, of each set with a known load and a rep that counts."""
        loaded = ((session_set.log.load_kg, session_set.counted_reps) for session_set in self.counted_sets)
        return [(load_kg, reps) for load_kg, reps in loaded if load_kg is not None]

    @property
    def partial_reps(self) -> tuple[PartialRep, ...]:
        """The partial reps of the run, except partial reps during reps that were counted anew."""
        anew = [event.rep for event in self.recorded_reps if event.rep.set in self.recounted_sets]
        found = [event.partial_rep for event in self._events_of(documents.PartialRepEvent)]
        return tuple(of for of in found if not any(rep.start_s <= of.start_s <= rep.end_s for rep in anew))

    @cached_property
    def shallow_count(self) -> int:
        """The number of movements that were too shallow to be a rep."""
        return sum(partial.reason == "shallow" for partial in self.partial_reps)

    @property
    def parts(self) -> list["Session"]:
        """The parts of the session, one for each exercise of each lifter: lifter by lifter, in the order of sets."""
        lifters = map(self.select_lifter, self.profiles)
        return [part.select_exercise(name) for part in lifters for name in part.exercises if name != AUTO]

    def select_exercise(self, exercise: str) -> "Session":
        """Return the part of the session with only the sets of one exercise. Events stay those of the whole session."""
        sets = tuple(session_set for session_set in self.sets if session_set.exercise == exercise)
        kept = {"is_cut_off": self.is_cut_off, "shallow_count": self.shallow_count, "is_shared": self.is_shared}
        return self.with_values(exercises=(exercise,), sets=sets, **kept)

    def select_lifter(self, profile: str | None) -> "Session":
        """Return one lifter's part of the session (None for no profile): the lifter's sets, reps, cues and events."""
        if self.profiles == (profile,):
            return self
        sets = tuple(session_set for session_set in self.sets if session_set.profile == profile)
        numbers = {session_set.number for session_set in sets}
        return self.with_values(
            profiles=(profile,),
            is_shared=self.is_shared,
            sets=sets,
            exercises=tuple(dict.fromkeys(session_set.exercise for session_set in sets)),
            rep_events=tuple(event for event in self.rep_events if event.rep.set in numbers),
            corrected_reps=tuple(event for event in self.corrected_reps if event.rep.set in numbers),
            set_logs={number: log for number, log in self.set_logs.items() if number in numbers},
            cues=tuple(event for event in self.cues if self.profile_at(event.t_s) == profile),
            events=tuple(event for event in self.events if self._profile_of(event) == profile),
            part_events=self.part_events,
            is_cut_off=self.is_cut_off,
            _turns=self._turns,
            _chosen_standards=self._chosen_standards,
        )

    def _profile_of(self, event: documents.Event) -> str | None:
        return event.profile if isinstance(event, documents.PartEvent) else self.profile_at(event.t_s)

    def with_values(self, **values: object) -> "Session":
        """Return a copy of the session with fixed values for some properties, which are not read from the files."""
        session = replace(self)
        session.__dict__.update(values)
        return session

    def standards_of(self, rep: Rep) -> Standards:
        """Return the standards that applied to a rep: the latest before the rep's end, or else the session's first."""
        chosen = (event.standards for event in reversed(self._chosen_standards) if event.t_s <= rep.end_s)
        return next(chosen, self.about.settings.standards)

    @cached_property
    def _chosen_standards(self) -> tuple[documents.StandardsEvent, ...]:
        return tuple(self._events_of(documents.StandardsEvent))

    @property
    def video(self) -> Path | None:
        """Path of the video; None if the video is missing or empty."""
        return path if layout.file_size(path := self.folder / layout.VIDEO) else None

    @property
    def video_damage(self) -> str | None:
        """Message that the size of `video` is not the recorded size; None if the sizes are equal, or one is missing."""
        end, path = self.about.end, self.folder / layout.VIDEO
        there = layout.file_size(path)
        if not there or end is None or end.video is None or there == end.video.bytes:
            return None
        left = "{name}: {n} of {n2} recorded bytes are left; the intact part is shown"
        return Message(left, name=str(path), n=there, n2=end.video.bytes)

    def open_frames(self, *, pictures: bool = False) -> SessionFrames:
        """Open the observations as a source of frames; `pictures` adds the pictures of the video, if any."""
        video = self.video if pictures else None
        return SessionFrames(self.folder / layout.OBSERVATIONS, video, self.say, header=layout.make_header(self.about))

    def read_observations(self, from_s: float = -math.inf, to_s: float = math.inf) -> Iterator[Observation]:
        """Yield the observations from one time to another, inclusive, in seconds. Damaged records are left out."""
        with closing(self.open_frames()) as frames:
            for payload in frames.payloads:
                t_s = codec.unpack(payload).t_s
                if t_s > to_s:
                    return
                if t_s >= from_s:
                    yield codec.decode(payload)

    def read_observations_within(self, spans: Sequence[Span] = ()) -> tuple[list[list[Observation]], RunMetrics]:
        """Read a list of observations for each span of time, sorted by start, and collect the metrics of all frames."""
        return read_observations_within(self.open_frames, spans, self.say)

    @cached_property
    def reference_reps(self) -> tuple[tuple[Path, RepWindow], ...]:
        """The reference reps that the session contains for all of its lifters, with the paths of their files.

        Reps that can't be read, and reps beyond MOST_REFERENCE_BYTES, are left out, which is reported.
        """
        windows, left_bytes = [], MOST_REFERENCE_BYTES
        names = [*self.about.reference, *(name for part in self.part_events for name in part.reference)]
        names += [name for event in self.set_events if isinstance(event, SetProfileEvent) for name in event.reference]
        for path in (self.folder / layout.REFERENCE / name for name in names):
            try:
                rep = read_rep(path)
                left_bytes -= path.stat().st_size
            except (SourceError, OSError) as err:
                self.say(Message("{name}; this reference rep is left out", name=str(err)))
                continue
            if left_bytes < 0:
                most = "{name}: larger than {n} MB; the rest is left out"
                self.say(Message(most, name=str(path.parent), n=MOST_REFERENCE_BYTES >> 20))
                break
            windows.append((path, rep))
        return tuple(windows)

    def select_reference_reps(self, exercise: str, names: Collection[str]) -> tuple[tuple[Path, RepWindow], ...]:
        """Select the reference reps of an exercise by the names of their files, such as `PartEvent.reference`."""
        return tuple(kept for kept in self.reference_reps if kept[1].exercise == exercise and kept[0].name in names)
