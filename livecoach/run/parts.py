"""Begins the parts of a run: each has a lifter, and an exercise that is chosen or recognised.

Each part has a separate pipeline, over the same sets and reps. The knowledge about a lifter, the timer of the rest and
the load continue in the lifter's next part.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Literal

from livecoach.core.config import Settings, exercise, local_time
from livecoach.core.config.paths import quote_shell_word
from livecoach.core.documents import AUTO, Event, PartEvent, SetProfileEvent
from livecoach.core.errors import LivecoachError, SessionError, SourceError
from livecoach.core.language import translate
from livecoach.core.types import NO_PLAN, Plans, RepWindow, SetPlan, SetPlans, Standards
from livecoach.core.types.bounds import profile_words
from livecoach.core.types.message import Message, in_words, join_texts, quantity_words
from livecoach.decisions import assembly
from livecoach.decisions.assembly import CoachingModels, TrainedExercise
from livecoach.decisions.coaching.last_time import LastTimes
from livecoach.decisions.coaching.records import PastBests
from livecoach.decisions.coaching.set_progress import PlanFollower
from livecoach.decisions.judging.corrections import RepLog
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.pipeline import Pipeline
from livecoach.feedback.session_state import PartTitles
from livecoach.records.knowledge import CachedRep, LifterReferences
from livecoach.records.profile import Forgotten, Profile
from livecoach.records.rejudging import rejudge_profile
from livecoach.records.session import layout
from livecoach.records.session.opening import read_document
from livecoach.records.session.stored import Session
from livecoach.run.process import say
from livecoach.run.set_logger import NO_LOAD, LoadOfNextSet, SetLogger

FORGOTTEN = (
    "profile {name} learns nothing from this session, because it has forgotten {text} since then. "
    "If these are your good reps: `livecoach sessions correct {name2} good`"
)
KeptReps = Sequence[tuple[Path, RepWindow]]
"""A lifter's own good reps with their files, oldest first within each exercise."""


@dataclass(frozen=True, kw_only=True)
class Lifter:
    """A lifter, with the knowledge from earlier sessions, and with the state that lasts from part to part of a run."""

    name: str | None = None  # Name of the profile; None without a profile
    height_cm: float | None = None  # None if unknown
    reference_of: Callable[[str, str], KeptReps] = lambda *_: ()  # Returns the own reps by exercise and pose model
    events: Sequence[Event] = ()  # Events of the replayed session
    last_times: LastTimes = field(default_factory=dict)  # Summary of the last session with each exercise
    plans: Plans = field(default_factory=dict)  # Plans for the current week
    read_bests: Callable[[], PastBests] = dict  # Reads the bests of earlier sessions
    plan: PlanFollower = field(default_factory=partial(PlanFollower, NO_PLAN))
    set_logger: SetLogger = field(default_factory=partial(SetLogger, "metric"))
    judges: dict[str, LifterJudge] = field(default_factory=dict)  # Judges of the lifter's reps, by exercise


def lifter_of_profile(knowledge: LifterReferences) -> Lifter:
    """Return the lifter of a profile, with only the name and the reference: height, plans and bests are left unset."""

    def reference_of(exercise: str, pose: str) -> KeptReps:
        """Read the lifter's good reps of an exercise. An unreadable folder is reported, and gives no reps."""
        try:
            kept = [(rep.path, window) for rep, window in knowledge.read_reference(exercise, pose)]
            day = local_time.now() if knowledge.began is None else local_time.to_local(knowledge.began)
            return _with_earlier_days(kept, day.date().isoformat())
        except SourceError as err:  # An unreadable folder must not stop a run
            say(f"{err} The run begins without your stored reps.")
            return ()

    return Lifter(name=knowledge.profile.name, reference_of=reference_of)


def learn_from_session(profiles: Iterable[str], session: Path | None) -> dict[str, list[str]]:
    """Let profiles learn from a finished session, and return lines about exercises with new known reps, by profile.

    The folder of a profile is created if it is missing. The references are cached for the next session, and earlier
    reps are judged anew against newly confirmed reps. A failure is reported, not raised. If the process is killed
    before the end, the next command learns from the session.

    Args:
        session: Folder of the session; None, or a folder that is gone, for no session.
    """
    if session is None or not os.path.isdir(session):  # Path.is_dir raises if access is denied
        return {}
    lines = {profile: _learn(profile, session) for profile in profiles}
    with suppress(SessionError):  # A damaged document gets no end
        if read_document(session / layout.DOCUMENT).end is None:  # The next command closes the session
            return lines
    layout.remove_recording_mark(session)
    return lines


def _learn(profile: str, session: Path) -> list[str]:
    lines, say_once = list[Message](), cache(say)
    try:
        stored = Profile(profile, say_once)
        knowledge = LifterReferences(stored, say_once)
        stored.create_folder()
        for of_session in (known for known in knowledge.sessions if known.folder == session):
            for exercise, known, own in knowledge.find_contributions(of_session):
                if own:
                    lines.append(_taught_words(profile, exercise, own, len(known), session))
                elif _is_forgotten(of_session, stored.read_forgotten(exercise)):
                    lines.append(Message(FORGOTTEN, name=profile, text=in_words(exercise), name2=session.name))
        rejudge_profile(profile, say_once)
    except LivecoachError as err:
        say(f"profile {profile}: {err}")
    return [translate(line) for line in lines]


def _is_forgotten(session: Session, forgotten: Forgotten) -> bool:
    """Return whether the lifter's only exercise of a session would teach reps, but was forgotten since then."""
    is_alone = len(session.exercises) == 1 and not session.is_shared
    return is_alone and bool(session.rep_events) and session.about.settings.learn and session.is_in(forgotten)


def _taught_words(profile: str, exercise: str, own: Sequence[CachedRep], known: int, session: Path) -> Message:
    from livecoach.pages.report.known import find_lifter_set_number, join_ranges  # Not needed before the end

    sets: dict[int, list[int]] = {}
    for rep in own:
        sets.setdefault(rep.set, []).append(rep.number)
    numbers = {find_lifter_set_number(session, of, profile): join_ranges(some) for of, some in sets.items()}
    reps = join_texts("; ", *(Message("set {n}: {text}", n=of, text=text) for of, text in numbers.items()))
    return Message(
        "profile {name} knows {text} of {text2} now, from this session {text3}. "
        "`livecoach config profiles show {name2}` shows them, and how to forget them.",
        name=profile,
        name2=quote_shell_word(profile),
        text=quantity_words(known, "1 rep", "{n} reps"),
        text2=in_words(exercise),
        text3=reps,
    )


def _with_earlier_days(kept: KeptReps, today: str) -> KeptReps:
    return [(path, rep.prepare_for_day(today)) for path, rep in kept]


def lifter_of_session(session: Session, event: PartEvent | SetProfileEvent | None = None) -> Lifter:
    """Return a lifter for the replay of a session, with the session's events, and the reference reps of that time.

    Args:
        event: Event that began a part, or assigned a set to the lifter; None for the lifter of the first part.
    """
    about = event or session.about
    return Lifter(
        name=about.profile,
        height_cm=session.height_of(about.profile),
        reference_of=lambda exercise, _: _with_earlier_days(
            session.select_reference_reps(exercise, about.reference), session.day.isoformat()
        ),
        events=(*session.events, *session.corrections, *session.set_events),
    )


ChoiceRow = Literal["exercise", "profile"]  # Row of the start screen that the lifter can open between two sets


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChoice:
    """The lifter's choices for the next part of a run. A field that is None, NO_PLAN or NO_LOAD changes nothing."""

    exercise: str | None = None
    profile: str | None = None
    standards: Standards | None = None
    plan: SetPlan = NO_PLAN  # Plan of the exercise, which takes precedence over the lifter's own plan
    load: LoadOfNextSet = NO_LOAD
    for_now: bool = False  # Whether livecoach guessed the exercise from the reps; it is then not remembered

    @property
    def settings_to_remember(self) -> dict[str, object]:
        """The chosen profile, and the chosen exercise unless livecoach guessed it, by key in the settings."""
        named = {"exercise": None if self.for_now else self.exercise, "profile": self.profile}
        return {key: name for key, name in named.items() if name is not None}

    @property
    def words(self) -> str:
        """Confirmation of the chosen profile or, without a profile, of the exercise, as a message to translate."""
        if self.profile is not None:
            return Message("up now: {text}", text=profile_words(self.profile))
        if self.exercise in (None, AUTO):
            return "the exercise is recognised"
        return Message("exercise: {text}", text=exercise.load(self.exercise).title)

    def apply_to(self, settings: Settings) -> Settings:
        """Return the settings, changed by the choice's exercise, profile and standards."""
        return replace(
            settings,
            exercise=self.exercise or settings.exercise,
            profile=self.profile or settings.profile,
            standards=self.standards or settings.standards,
        )


AS_BEFORE: PartChoice = PartChoice()  # The choice that changes nothing


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a run, in which one lifter does one chosen exercise, or exercises that are recognised."""

    pipeline: Pipeline
    lifter: Lifter = field(default_factory=Lifter)
    exercise: str = AUTO  # Name of the chosen exercise, or "auto"
    titles: PartTitles | None = None  # Titles for the screens; None if they do not change
    exercises: Mapping[str, TrainedExercise] = field(default_factory=dict)  # Exercises that can be counted, by name
    reference: KeptReps = ()  # The lifter's own good reps that were read for this part


class PartMaker:
    """Begins the parts of a run, and keeps the lifters and the models for later parts."""

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
        """Prepare to begin parts.

        Args:
            pose: Name of the pose model. The attribute may still be set before the first part begins.
            plan: Plan of the command, which takes precedence over each lifter's own plan.
            replays: Session that is replayed part by part; None without such a session.
            by_hand: Whether a raised hand answers questions.
            model: Folder of the user's own model; None for the shipped models.
        """
        self._settings, self.pose, self._plan, self._replays = settings, pose, plan, replays
        self._by_hand = by_hand
        percent = settings.stop_at_loss_percent
        self._usual = SetPlan(rest_s=settings.rest_s, stop_at_loss=None if percent is None else percent / 100)
        self._lifters: dict[str | None, Lifter] = {}
        self._heights_cm: dict[str | None, float | None] = {}
        self.load_coach = cache(partial(_load_models, false_alarms=settings.false_alarms, own=model))
        """Returns the models of an exercise, or of "auto", and reports outdated models once. Raises ConfigError or
        ModelError if a file is wrong."""

    def begin(self, exercise: str, lifter: Lifter, standards: Standards, log: RepLog | None = None) -> Part:
        """Begin a part in which a lifter does an exercise.

        Args:
            log: The run's reps so far, which the part continues; None for the first part.

        Raises:
            ConfigError: The exercise can't be read, and the part does not begin.
            ModelError: A model can't be used, and the part does not begin.
        """
        coach = self.load_coach(exercise)
        held = [] if log is None else [name for number in log.unassigned_sets for name in log.exercises_of(number)]
        lifter, kept = self.register_lifter(lifter, (exercise, *held))
        pipeline = coach.make_pipeline(
            [rep for _, rep in kept],
            pose=self.pose,
            height_cm=self.settle_height_cm(lifter),
            standards=standards,
            judges=lifter.judges,
            log=log,
            by_hand=self._by_hand,
        )
        return Part(
            pipeline=pipeline,
            lifter=lifter,
            exercise=exercise,
            titles=PartTitles(coach.title or "", coach.titles),
            exercises=coach.exercises,
            reference=kept,
        )

    def settle_height_cm(self, lifter: Lifter) -> float | None:
        """Return the height of a lifter in cm, which the first call for the lifter settles; None if unknown.

        The height of the run's first lifter is the height in the settings; `height_cm` of that lifter is ignored.
        """
        return self._heights_cm.setdefault(
            lifter.name, lifter.height_cm if self._heights_cm else self._settings.height_cm
        )

    def find_lifter(self, name: str) -> Lifter | None:
        """Return the lifter of a profile in the run; None for a lifter who is new to the run."""
        return self._lifters.get(name)

    def register_lifter(self, lifter: Lifter, exercises: Iterable[str]) -> tuple[Lifter, KeptReps]:
        """Register a lifter for the run, with a judge for each exercise, and return the lifter with the run's state.

        A lifter who is known already keeps the state and the judges.

        Args:
            exercises: Names of the exercises; "auto" stands for all exercises that can be recognised.

        Returns:
            The lifter of the run, and the own reps, with their files, that were read for new judges.

        Raises:
            ConfigError: An exercise can't be read.
            ModelError: A model can't be used.
        """
        coaches = [self.load_coach(exercise) for exercise in exercises]
        known, kept = self._lifters.get(lifter.name) or self._new(lifter), list[tuple[Path, RepWindow]]()
        for name, trained in (item for coach in coaches for item in coach.exercises.items()):
            if name not in known.judges:
                own = lifter.reference_of(name, self.pose)
                known.judges[name] = trained.make_judge([rep for _, rep in own], self.settle_height_cm(lifter))
                kept += own
        return known, kept

    def replayed_lifter(self, event: PartEvent | SetProfileEvent) -> Lifter:
        """Return the lifter of a part or set that an event of the replayed session names."""
        assert self._replays is not None, "a session is replayed"
        return lifter_of_session(self._replays, event)

    def planned_sets(self, own: SetPlans) -> SetPlans:
        """Return a lifter's planned sets, changed by the command's plan, and completed from the settings.

        Args:
            own: Sets in the lifter's plan; empty for no sets. If the command plans reps, only the first set is used.
        """
        own = own if self._plan.reps is None else own[:1]
        return tuple(self._plan.fill_from(plan).fill_from(self._usual) for plan in own)

    def _new(self, lifter: Lifter) -> Lifter:
        sets = SetLogger(self._settings.units)
        (usual,) = self.planned_sets((NO_PLAN,))
        own = {name: self.planned_sets(plans) for name, plans in lifter.plans.items()}
        plan = PlanFollower(usual, own, sets.load_of)
        self._lifters[lifter.name] = replace(lifter, plan=plan, set_logger=sets, judges={})
        return self._lifters[lifter.name]


def _load_models(exercise: str, *, false_alarms: float, own: Path | None) -> CoachingModels:
    """Load the models of an exercise or of "auto", and report outdated models; `own` replaces a shipped model."""
    coach = assembly.load(exercise, false_alarms, folder=own)
    for line in filter(None, (trained.staleness_warning for trained in coach.exercises.values())):
        say(line)
    return coach
