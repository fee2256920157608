"""Follows the lifter's plan and progress in a session: the set, the rest, and whether the plan says to stop.

All times are the frames' times.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from livecoach.core.documents import AUTO
from livecoach.core.loads import Units, format_load
from livecoach.core.step import Step
from livecoach.core.types import Cue, Plans, Rep, SetPlan, SetPlans
from livecoach.core.types.message import Message, join_texts
from livecoach.decisions.coaching import cues

LOOK_AFTER_S = 10.0  # Seconds of rest until the set is shown again: time to rack the bar and to read the summary
READY_S = 20.0  # Seconds before the end of a rest in which the lifter takes the place again. Our choice.
UNPLANNED_S = 90.0  # Duration in seconds of a rest that is not planned. Our choice.
NEAR = 1.3  # Least size of a lifter near the camera, as a factor of the size in the set. Our choice.
BACK_S = 2.0  # Seconds in view and not near after which the lifter is back in the place of the set. Our choice.
SHORTEST_REST_S, LONGEST_REST_S = 1, 3600  # Range of a rest that can be typed, in seconds
LIGHTER = 0.9  # Share of its planned load below which a set is a warm-up. Our choice.
_MINUTES = r"([0-9]{1,4}(?:[.,][0-9]{1,2})?)\s*(?::|'|m|min|mins|minutes?|minuten?|minutos?)"
_SECONDS = r"([0-9]{1,4}(?:[.,][0-9]{1,2})?)\s*(?:\"|''|s|secs?|seconds?|sek|sekunden?|segs?|segundos?)?"
_REST = re.compile(rf"(?:{_MINUTES}\.?\s*)?(?:{_SECONDS}\.?)?", re.IGNORECASE)
_TARGET = re.compile(r"(?:(\d{1,2})\s*[x×*]\s*)?(\d{1,3})", re.IGNORECASE)


def parse_target(text: str) -> tuple[int | None, int]:
    """Parse a target of sets and reps: "5x5" becomes (5, 5), and "8", without sets, becomes (None, 8).

    Raises ValueError if the text has another form, or the number of sets or reps is 0.
    """
    match = _TARGET.fullmatch(text.strip())
    sets, reps = (None, 0) if match is None else (None if match[1] is None else int(match[1]), int(match[2]))
    if sets == 0 or not reps:
        raise ValueError(f"{text!r} is no target. Give sets and reps, like 5x5, or reps alone, like 8.")
    return sets, reps


def plan_words(plans: SetPlans, units: Units) -> str:
    """Return a plan in words, such as "1 × 5, 100 kg; 2 × 8, 80 kg"; empty without planned reps.

    An open number of sets is shown as 1.
    """
    planned = [(Message("{n} × {n2}", n=plan.sets or 1, n2=plan.reps), plan.load_kg) for plan in plans if plan.reps]
    return join_texts(
        "; ", *(join_texts(", ", sets, "" if kg is None else format_load(kg, units)) for sets, kg in planned)
    )


def parse_rest(text: str) -> float:
    """Parse a rest such as "90", "90s", "2min" or "1:30", and return its seconds.

    Raises:
        ValueError: The text has another form, or the rest is not 1 to 3,600 seconds long. The error's argument
            is a Message with the problem.
    """
    match = _REST.fullmatch(text.strip())
    typed = ("0", "0") if match is None else match.groups("0")
    minutes, seconds = (float(part.replace(",", ".")) for part in typed)
    rest_s = 60 * minutes + seconds
    if not SHORTEST_REST_S <= rest_s <= LONGEST_REST_S or (minutes and seconds >= 60):
        wrong = "'{name}' is not a rest of up to an hour. Write 90s, 2min or 1:30."
        raise ValueError(Message(wrong, name=text.strip()))
    return rest_s


def find_set_plan(plans: SetPlans, number: int) -> SetPlan:
    """Return the plan of a set. Its `sets` is the number of all planned sets, or None if any entry leaves it open.

    Args:
        plans: At least one entry. The last entry also holds for the sets after the planned sets.
    """
    counts = [plan.sets for plan in plans if plan.sets is not None]
    total, left, plan = sum(counts) if len(counts) == len(plans) else None, number, plans[0]
    for plan in plans:
        left -= plan.sets or left
        if left <= 0:
            break
    return plan if plan.sets == total else replace(plan, sets=total)


def is_warm_up(load_kg: float | None, planned_kg: float | None) -> bool:
    """Return whether a set's load is below 90 % of the planned load, as in a warm-up; False if either is unknown."""
    return load_kg is not None and planned_kg is not None and load_kg < LIGHTER * planned_kg


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProgress:
    """The lifter's progress at one step: the set that is under way or comes next, and the rest before the set."""

    plan: SetPlan
    set_number: int = 1  # Number of the set among the lifter's sets of the session, from 1
    plan_set: int = 1  # Number of the set among the planned sets of the exercise, without warm-ups, from 1
    rests_since_s: float | None = None  # Time at which the last rep ended and the rest began; None outside of a rest
    loss: float | None = None  # Speed loss of the set's last rep; None if it has not reached the plan's limit
    is_blind: bool = False  # Whether the plan has a limit, and the speed of the set's last rep was not measured
    in_place: bool = True  # Whether the lifter is as far from the camera as in the set: not near, and not out of view
    has_looked: bool = False  # Whether the lifter has been near the camera in this rest

    @property
    def is_done(self) -> bool:
        """Whether all planned sets of the exercise are done."""
        return self.plan.sets is not None and self.plan_set > self.plan.sets

    def rest_s(self, t_s: float) -> float | None:
        """Return the duration of the rest until `t_s` in seconds; None outside of a rest.

        A rest counts from the end of the last rep, once the set has ended or its last planned rep is over.
        """
        return None if self.rests_since_s is None else max(0.0, t_s - self.rests_since_s)

    def is_rested(self, t_s: float) -> bool:
        """Return whether the planned rest is over at `t_s`; False without a planned rest."""
        rest_s = self.rest_s(t_s)
        return self.plan.rest_s is not None and rest_s is not None and rest_s >= self.plan.rest_s

    def may_replay_set(self, t_s: float) -> bool:
        """Return whether the set can be shown again: the lifter has rested for LOOK_AFTER_S, enough to rack the bar."""
        rest_s = self.rest_s(t_s)
        return rest_s is not None and rest_s >= LOOK_AFTER_S

    def is_rest_nearly_over(self, t_s: float) -> bool:
        """Return whether the rest is nearly over, or there is no rest.

        A planned rest is nearly over READY_S before its end. An unplanned rest is nearly over if the lifter is in the
        place of the set, and has been near the screen or rested for UNPLANNED_S - READY_S.
        """
        rest_s = self.rest_s(t_s)
        if rest_s is None:
            return True
        if self.plan.rest_s is None:
            return self.in_place and (self.has_looked or rest_s >= UNPLANNED_S - READY_S)
        return rest_s >= self.plan.rest_s - READY_S


def is_resting(step: Step, progress: SetProgress | None) -> bool:
    """Return whether the lifter rests after a set, and need not be in place for the next set yet.

    A resting lifter may walk to the screen or out of the picture, and gets no hints on where to stand. Without
    progress (None), the lifter does not rest.
    """
    t_s = step.observation.t_s
    return step.set.summary is not None and progress is not None and not progress.is_rest_nearly_over(t_s)


class _Whereabouts:
    """Follows where the lifter is in a rest, by the lifter's size in the picture."""

    def __init__(self) -> None:
        self._in_set_px: float | None = None  # size at the set's last rep
        self._away_s: float | None = None  # when the lifter was last near or out of view; None if not in this rest
        self.in_place, self.has_looked = True, False

    def step(self, step: Step, *, resting: bool) -> None:
        """Follow the lifter at the next step of the run, in a rest or in a set."""
        if step.reps and step.place.torso_and_leg_px is not None:
            self._in_set_px = step.place.torso_and_leg_px
        if not resting:
            self._away_s, self.in_place, self.has_looked = None, True, False
            return
        now_px, in_set_px = step.place.torso_and_leg_px, self._in_set_px
        near = now_px is not None and in_set_px is not None and now_px > NEAR * in_set_px
        self.has_looked |= near
        if near or now_px is None:
            self._away_s = step.observation.t_s
        self.in_place = self._away_s is None or step.observation.t_s - self._away_s >= BACK_S


class PlanFollower:
    """Follows the plan and the progress of a lifter through all parts of a session in which this lifter lifts."""

    def __init__(
        self,
        plan: SetPlan,
        exercise_plans: Plans = MappingProxyType({}),
        load_of: Callable[[int], float | None] = lambda _: None,
    ) -> None:
        """Start before the first set.

        Args:
            plan: Plan of each exercise that `exercise_plans` lacks.
            load_of: Returns the load in kg of a set, by the set's number in the session; None if the load is unknown.
        """
        self._plans: dict[str, SetPlans] = dict(exercise_plans)
        self._plan, self._load_of = plan, load_of
        self._now: SetProgress | None = None
        self._last_rep_s: float | None = None
        self._announced = -math.inf, 0.0
        """Beginning of the rest that was last announced as over, and its length by then."""
        self._where = _Whereabouts()
        self._sets: dict[int, str | None] = {}  # number of a set of the lifter in the session → its exercise
        self._named = self._exercise = ""  # exercise of the part as named, and the exercise that was counted last

    def begin(self, exercise: str) -> SetProgress:
        """Begin a part of the session, and return the progress before the first step of the part.

        Args:
            exercise: Name of the exercise that the lifter chose. With "auto", the last exercise is assumed until an
                exercise is recognised.
        """
        self._named = exercise
        if exercise != AUTO or not self._exercise:
            self._exercise = exercise
        number = self._planned_number(self._sets)
        return SetProgress(
            plan=find_set_plan(self.plans, number),
            set_number=len(self._sets) + 1,
            plan_set=number,
            rests_since_s=self._last_rep_s,
        )

    def replace_plans(self, plans: SetPlans, exercise: str) -> SetProgress | None:
        """Replace the plans of an exercise, and return the new progress; None before the first step."""
        self._plans[exercise] = plans
        if self._now is not None:
            self._now = replace(self._now, plan=find_set_plan(self.plans, self._now.plan_set))
        return self._now

    @property
    def plans(self) -> SetPlans:
        """The plan of the current exercise: an entry for each group of equal sets, in order."""
        return self._plans.get(self.planned_exercise, (self._plan,))

    @property
    def planned_exercise(self) -> str:
        """The name of the exercise that has the current plan.

        A recognised exercise without a plan of its own follows the plan of the exercise that the lifter chose.
        """
        return self._exercise if self._exercise in self._plans else self._named

    def step(self, step: Step) -> tuple[SetProgress, Cue | None]:
        """Follow a step, and return the progress and the cue that is due; None instead of a cue if no cue is due.

        Call `count_sets` before a step with events. The cue is the step's cue, with "stop" added if the rep lost too
        much speed. Warnings about the picture are left out from the end of a set until the rest is nearly over. "rest
        over" is given once, at the first step after the planned rest that has no other cue.
        """
        before = self._now or SetProgress(plan=self._plan)
        self._exercise = step.set.exercise or self._exercise
        if step.reps:
            self._last_rep_s = step.reps[-1].end_s
        # The rest begins when the last planned rep of the set is over, unless another rep has begun.
        has_all_reps = before.plan.reps is not None and step.set.count >= before.plan.reps and step.progress is None
        resting = self._last_rep_s is not None and (not step.set.is_under_way or has_all_reps)
        self._where.step(step, resting=resting)
        under_way = step.set.index if step.set.is_under_way else None
        done = {number: exercise for number, exercise in self._sets.items() if number != under_way}
        number = self._planned_number(done)
        loss, is_blind = self._loss(step, before) if step.set.is_under_way else (None, False)
        now = SetProgress(
            plan=find_set_plan(self.plans, number),
            set_number=len(done) + 1,
            plan_set=number,
            rests_since_s=self._last_rep_s if resting else None,
            loss=loss,
            is_blind=is_blind,
            in_place=self._where.in_place,
            has_looked=self._where.has_looked,
        )
        self._now = before if now == before else now
        return self._now, self._cue(step, self._now)

    def count_sets(self, reps: Sequence[Rep]) -> None:
        """Count the lifter's sets anew, from all reps of the lifter so far, with their corrections."""
        self._sets = {rep.set: rep.exercise for rep in reps if rep.counts}

    def recount_sets(self, reps: Sequence[Rep]) -> None:
        """Find the lifter's sets, last rep and exercise anew from all reps of the lifter, who has got or lost a set."""
        self.count_sets(reps)
        self._last_rep_s = max((rep.end_s for rep in reps), default=None)
        self._exercise = max(self._sets.items(), default=(0, None))[1] or self._named

    def _planned_number(self, done: Mapping[int, str | None]) -> int:
        """Return the number of the next planned set, after the sets in `done` (number in the session → exercise)."""
        number = 1
        for set_index, exercise in done.items():
            if exercise in (None, self._exercise):
                number += not is_warm_up(self._load_of(set_index), find_set_plan(self.plans, number).load_kg)
        return number

    def _loss(self, step: Step, before: SetProgress) -> tuple[float | None, bool]:
        """Return the speed loss of the set's last rep if it is large enough to stop, and whether it is unknown."""
        if step.rep is None:
            return before.loss, before.is_blind
        limit, pace = self.plans[0].stop_at_loss, step.rep.pace
        if limit is None:
            return None, False
        if pace is None or not pace.is_measured:  # An estimate does not end a set
            return None, True
        return (pace.velocity_loss if pace.velocity_loss >= limit else None), False

    def _cue(self, step: Step, now: SetProgress) -> Cue | None:
        if step.rep is not None and now.loss is not None:
            return cues.stop_cue(step.cue)
        t_s = step.observation.t_s
        of_view = step.cue is not None and step.cue.kind == "warning" and step.place.problem is not None
        cue = None if of_view and is_resting(step, now) else step.cue
        rest = now.rests_since_s or 0.0, now.plan.rest_s or 0.0
        if cue is not None or rest <= self._announced or not now.is_rested(t_s):
            return cue
        self._announced = rest[0], t_s - rest[0]
        return cues.RESTED
