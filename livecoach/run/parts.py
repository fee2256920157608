"""The parts of a run and their lifters: whose turn it is, and which exercise was named.

Each part counts with a pipeline of its own, over the same sets and reps; what was learned of a lifter, the clock of the
rest and the load go on in the lifter's next one.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Literal

from livecoach.core.config import Settings, exercise, local_time
from livecoach.core.documents import AUTO, Event, PartEvent, SetLogEvent, SetProfileEvent
from livecoach.core.errors import LivecoachError, SourceError
from livecoach.core.language import translate
from livecoach.core.types import NO_PLAN, Plans, RepWindow, SetPlan, SetPlans, Standards, ignore
from livecoach.core.types.bounds import profile_words
from livecoach.core.types.message import Message, in_words, joined
from livecoach.decisions import assembly
from livecoach.decisions.assembly import TrainedExercise
from livecoach.decisions.coaching.last_time import LastTimes
from livecoach.decisions.coaching.records import PastBests
from livecoach.decisions.coaching.set_progress import PlanFollower
from livecoach.decisions.judging.corrections import RepLog
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.pipeline import Pipeline
from livecoach.feedback.display_state import PartTitles
from livecoach.pages.report.known import own_number, ranges
from livecoach.records.knowledge import CachedRep, Knowledge
from livecoach.records.profile import Profile
from livecoach.records.rejudging import judge_all_anew
from livecoach.records.session.stored import Session
from livecoach.run.process import say
from livecoach.run.workout import NO_LOAD, LoadOfNextSet, SetLogger

KeptReps = Sequence[tuple[Path, RepWindow]]
"""The lifter's own good reps with their files, oldest first within each exercise."""


@dataclass(frozen=True, kw_only=True)
class Lifter:
    name: str | None = None  # of the profile; None without one
    height_cm: float | None = None  # None where it is not known
    reference_of: Callable[[str, str], KeptReps] = lambda *_: ()  # exercise and pose model → their own good reps
    said: Sequence[Event] = ()  # events of the replayed session, with what the lifter said in it
    last_times: LastTimes = field(default_factory=dict)  # the last session with each exercise
    plans: Plans = field(default_factory=dict)  # for today
    read_bests: Callable[[], PastBests] = dict  # reads the bests of earlier sessions


NOBODY_KNOWN = Lifter()
"""A lifter of whom nothing is known."""


def lifter_of_profile(knowledge: Knowledge, session: str) -> Lifter:
    """Return the lifter of a profile, as known from all sessions but the one with the identity `session`."""

    def reference_of(exercise: str, pose: str) -> KeptReps:
        try:
            kept = knowledge.reference(exercise, pose, without=session)
            return _with_earlier_days(kept, local_time.now().date().isoformat())
        except SourceError as err:  # an unreadable folder is no reason not to lift
            say(f"{err} The run begins without your stored reps.")
            return ()

    return Lifter(name=knowledge.profile.name, reference_of=reference_of)


def taught_lines(profile: str, session: Path | None) -> list[str]:
    """Return what a lifter's reference takes over from a session that is over, a line for each exercise.

    Whoever begins the next session finds it computed, and earlier reps are judged anew beside what was confirmed. A
    failure is reported, and ends nothing.

    Args:
        profile: of the lifter.
        session: folder of the session; None if none was kept.
    """
    if session is None or not os.path.isdir(session):  # Path.is_dir raises if it may not look
        return []
    lines = []
    try:
        knowledge = Knowledge(Profile(profile, say), say)
        knowledge.profile.begin()
        of_session = next((one for one in knowledge.sessions if one.folder == session), None)
        for exercise, known, own in () if of_session is None else knowledge.contributions(of_session):
            if own:
                lines.append(translate(_taught_words(profile, exercise, own, len(known), session)))
        judge_all_anew(profile, say)
    except LivecoachError as err:
        say(f"profile {profile}: {err}")
    return lines


def _taught_words(profile: str, exercise: str, own: Sequence[CachedRep], known: int, session: Path) -> Message:
    sets: dict[int, list[int]] = {}
    for one in own:
        sets.setdefault(one.set, []).append(one.number)
    numbers = {own_number(session, of, profile): ranges(some) for of, some in sets.items()}
    reps = joined("; ", *(Message("set {n}: {text}", n=of, text=text) for of, text in numbers.items()))
    return Message(
        "profile {name} knows {n} reps of {text} now, from this session {text2}. "
        "`livecoach config profiles show {name}` shows them, and how to forget them.",
        name=profile,
        n=known,
        text=in_words(exercise),
        text2=reps,
    )


def _with_earlier_days(kept: KeptReps, today: str) -> KeptReps:
    return [(path, rep.compared_on(today)) for path, rep in kept]


def lifter_of_session(session: Session, said: PartEvent | SetProfileEvent | None = None) -> Lifter:
    """The lifter as known when a part of a session began, or a set turned out to be the lifter's. said: None for the
    first part. A replay stores nothing: the live run did."""
    about = said or session.about
    return Lifter(
        name=about.profile,
        height_cm=session.height_of(about.profile),
        reference_of=lambda exercise, _: _with_earlier_days(
            session.reference_of(exercise, about.reference), session.day.isoformat()
        ),
        said=(*session.events, *session.corrections, *session.set_events),
    )


ChoiceRow = Literal["exercise", "profile"]  # of the start screen, which the lifter can open between two sets


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChoice:
    """What the lifter chooses for the part that begins. A value of None stays as it is."""

    exercise: str | None = None
    profile: str | None = None
    standards: Standards | None = None
    plan: SetPlan = NO_PLAN  # of the exercise; it comes before the lifter's own one
    load: LoadOfNextSet = NO_LOAD
    for_now: bool = False  # the exercise is the one that the reps look like: no choice for the next time

    @property
    def named(self) -> dict[str, object]:
        """What was chosen for the next time, too, by setting."""
        named = {"exercise": None if self.for_now else self.exercise, "profile": self.profile}
        return {key: name for key, name in named.items() if name is not None}

    @property
    def words(self) -> str:
        """One choice by its name, as livecoach says that it was understood."""
        if self.profile is not None:
            return Message("up now: {text}", text=profile_words(self.profile))
        if self.exercise in (None, AUTO):
            return "the exercise is recognised"
        return Message("exercise: {text}", text=exercise.load(self.exercise).title)

    def applied(self, settings: Settings) -> Settings:
        return replace(
            settings,
            exercise=self.exercise or settings.exercise,
            profile=self.profile or settings.profile,
            standards=self.standards or settings.standards,
        )


AS_BEFORE = PartChoice()


@dataclass(frozen=True, kw_only=True)
class LifterInRun:
    """What stays of a lifter from one part to the next."""

    lifter: Lifter = NOBODY_KNOWN
    plan: PlanFollower = field(default_factory=partial(PlanFollower, NO_PLAN))
    sets: SetLogger = field(default_factory=partial(SetLogger, ignore, "metric"))
    judges: dict[str, LifterJudge] = field(default_factory=dict)  # exercise → the judge of the lifter's reps


@dataclass(frozen=True, kw_only=True)
class Part:
    pipeline: Pipeline
    whose: LifterInRun = field(default_factory=LifterInRun)
    exercise: str = AUTO  # as named
    titles: PartTitles | None = None  # for the screens; None: as they know them already
    exercises: Mapping[str, TrainedExercise] = field(default_factory=dict)  # those that can be counted, by name
    reference: KeptReps = ()  # the lifter's own good reps that are known from now on


class Parts:
    """Begins the parts of one run."""

    def __init__(
        self,
        settings: Settings,
        pose: str,
        plan: SetPlan = NO_PLAN,
        *,
        replays: Session | None = None,
        by_hand: bool = False,
        model: Path | None = None,
    ) -> None:
        """pose: name of the pose model, which may be set until a part begins. plan: comes before each lifter's own.
        replays: the session whose parts begin again. by_hand: as Pipeline's. model: as the `own` of `assembly.load`."""
        self._settings, self.pose, self._plan, self._replays = settings, pose, plan, replays
        self._by_hand = by_hand
        self._usual = SetPlan(rest_s=settings.rest_s, stop_at_loss=settings.stop_at_loss)
        self.log_set: Callable[[SetLogEvent], object] = ignore  # called with each log of a set
        self._lifters: dict[str | None, LifterInRun] = {}
        self._heights_cm: dict[str | None, float | None] = {}
        self.coach = cache(partial(assembly.load, false_alarms=settings.false_alarms, own=model))
        """Exercise, or "auto" → its coach. Raises ConfigError or ModelError."""

    def begin(self, exercise: str, lifter: Lifter, standards: Standards, log: RepLog | None = None) -> Part:
        """exercise: as `assembly.load` takes it. log: of the run's reps so far. Raises ConfigError or ModelError, and
        nothing has begun."""
        coach = self.coach(exercise)
        held = [] if log is None else [name for number in log.held for name in log.exercises_of(number)]
        whose, kept = self.known(lifter, (exercise, *held))
        pipeline = coach.pipeline(
            [rep for _, rep in kept],
            pose=self.pose,
            height_cm=self.height_cm(lifter),
            standards=standards,
            judges=whose.judges,
            log=log,
            by_hand=self._by_hand,
        )
        return Part(
            pipeline=pipeline,
            whose=whose,
            exercise=exercise,
            titles=PartTitles(coach.title or "", coach.titles),
            exercises=coach.exercises,
            reference=kept,
        )

    def height_cm(self, lifter: Lifter) -> float | None:
        """Return a lifter's height in the run: of the first one that of the settings, where an option may name it."""
        return self._heights_cm.setdefault(
            lifter.name, lifter.height_cm if self._heights_cm else self._settings.height_cm
        )

    def lifter(self, name: str) -> Lifter | None:
        """A lifter who was in the run before."""
        whose = self._lifters.get(name)
        return None if whose is None else whose.lifter

    def known(self, lifter: Lifter, exercises: Iterable[str]) -> tuple[LifterInRun, KeptReps]:
        """What is known of a lifter, with a judge for each of these exercises, and the own reps that are known from now
        on. exercises: as `assembly.load` takes them. Raises ConfigError or ModelError."""
        coaches = [self.coach(exercise) for exercise in exercises]
        whose, kept = self._lifters.get(lifter.name) or self._new(lifter), list[tuple[Path, RepWindow]]()
        for name, trained in (one for coach in coaches for one in coach.exercises.items()):
            if name not in whose.judges:
                own = lifter.reference_of(name, self.pose)
                whose.judges[name] = trained.judge([rep for _, rep in own], self.height_cm(lifter))
                kept += own
        return whose, kept

    def whose_again(self, event: SetProfileEvent, log: RepLog) -> LifterInRun | None:
        """Whose a set turns out to be in the session that is replayed; None without one."""
        if self._replays is None:
            return None
        return self.known(lifter_of_session(self._replays, event), log.exercises_of(event.set))[0]

    def again(self, event: PartEvent, standards: Standards, log: RepLog) -> Part | None:
        """Begin a part of the session that is replayed; None without one."""
        if self._replays is None:
            return None
        return self.begin(event.exercise, lifter_of_session(self._replays, event), standards, log)

    def planned(self, own: SetPlans) -> SetPlans:
        """A lifter's own plan of an exercise below what the command asks for, and above the settings."""
        own = own if self._plan.reps is None else own[:1]
        return tuple(self._plan.over(one).over(self._usual) for one in own)

    def _log(self, event: SetLogEvent) -> None:
        self.log_set(event)

    def _new(self, lifter: Lifter) -> LifterInRun:
        sets = SetLogger(self._log, self._settings.units)
        (usual,), own = self.planned((NO_PLAN,)), {name: self.planned(plans) for name, plans in lifter.plans.items()}
        plan = PlanFollower(usual, own, sets.load_of)
        self._lifters[lifter.name] = LifterInRun(lifter=lifter, plan=plan, sets=sets)
        return self._lifters[lifter.name]
