"""Weighs the evidence that movements are reps of a set.

A lift model has two log likelihood ratios, which boosted trees compute. `own` compares a rep with any other movement by
a movement's features. `likeness` compares reps of one set with other movements by the differences from the movements
before. The unit of a difference is its spread, the usual difference between reps of a set. lab.train.lift_training
trains the trees.

Similar movements form a streak. docs/design.md gives the formula of `Streak.log_odds`, and its consequences. If a whole
streak lacks evidence, the cause is the lifter or the camera, and later movements do not suffer for it.

A lifter whose known reps are unlike the training data makes the lift model doubt each rep, for example without standing
still at lockout. So `PersonalLiftModel` also asks how like these known reps a movement is: the lifter's next reps look
like that, too, even with another fault today, and other movements do not.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Annotated, Protocol

import numpy as np
from pydantic import Field

from livecoach.core.config.exercise import Exercise, RepRules
from livecoach.core.model_files.model_folder import Numbers, check_shapes
from livecoach.core.quantiles import median, percentile
from livecoach.core.types import MovementTimes, RepWindow
from livecoach.decisions.counting import tuning
from livecoach.decisions.counting.body_reader import BodyReader, StageModel
from livecoach.decisions.counting.movement import (
    CHANNELS,
    MOMENTS,
    OWN,
    Movement,
    MovementFeatures,
    Proposal,
    describe_movement,
)
from livecoach.perception.body.body import Body, find_body, gather

FARTHEST = 8.0  # Largest difference, in spreads; a larger difference counts as this
SEGMENTS = {"out": slice(0, 5), "turn": slice(5, 8), "back": slice(8, MOMENTS)}
"""Part of a movement → its moments among the MOMENTS moments of a trajectory."""
LEAST_OFF, LEAST_SHIFT, LEAST_REST_S = 0.1, 0.02, 0.2
"""Numbers that are added to differences, shifts and rests before their logarithms are taken."""
DIFFERENCES = (
    *(f"{part}_{channel}" for part in SEGMENTS for channel in range(CHANNELS)),
    *(f"log_{part}" for part in SEGMENTS),
    "log_worst",
    "log_change",
    *(f"change_{name}" for name in OWN),
    "log_feet_shift",
    "log_scale",
    "log_rest_s",
    "before",
)
"""Names of the differences of a movement from earlier movements: of trajectory and own features; of place and scale;
the rest since the latest movement; and the number of earlier movements."""
FREE = frozenset({"log_rest_s", "before"})  # Differences that do not grow as movements become less alike


def compare_movement(movement: Movement, before: Sequence[Movement], spread: MovementFeatures) -> np.ndarray:
    """Compute the (len(DIFFERENCES),) differences of a movement from earlier movements.

    Trajectory and own features are compared with the medians of the earlier movements, place and time with the latest.

    Args:
        before: At least one earlier movement, the latest last.
        spread: Unit of the differences: 68 % of reps are at most this far from the median of their set.
    """
    this, others = movement.features, [other.features for other in before]
    usual = median(np.array([other.trajectory for other in others]))
    off = np.minimum(np.abs(this.trajectory - usual) / spread.trajectory, FARTHEST)
    own = median(np.array([other.own for other in others]))
    change = np.minimum(np.abs(this.own - own) / spread.own, FARTHEST)
    last = before[-1]
    shift, scale = _apart(movement, last)
    segments = [off[moments] for moments in SEGMENTS.values()]
    whole = [part.mean() for part in segments]
    logs = np.log(np.array([*whole, percentile(off.mean(0), 90), change.mean()]) + LEAST_OFF)
    ends = [
        np.log(shift + LEAST_SHIFT),
        scale,
        np.log(max(movement.times.start_s - last.times.end_s, 0.0) + LEAST_REST_S),
        len(before),
    ]
    return np.concatenate([*[part.mean(0) for part in segments], logs, change, ends])


def _apart(movement: Movement, last: Movement) -> tuple[float, float]:
    """Return the distance of two movements' feet, in lengths of torso and legs, and the logarithm of their size ratio.

    Each is the lesser of two values: between the movements, and from the end of the last movement to the start of this
    movement, where a walking lunge begins.
    """
    (begins, within, _), (_, within_last, ended) = movement.places, last.places
    pairs = [(within, within_last), (begins, ended)]
    shifts = [float(np.hypot(*(a.feet_px - b.feet_px))) / max(a.size_px, b.size_px, 1.0) for a, b in pairs]
    return min(shifts), min(abs(float(np.log(max(a.size_px, 1.0) / max(b.size_px, 1.0)))) for a, b in pairs)


FEATURES = {"own": OWN, "alike": DIFFERENCES}  # Forest, as named in the file → names of its features


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """The constants by which a lift model turns evidence into log odds, trained together with the model."""

    prior: float  # Log odds that a movement is a rep
    in_set: float  # Log odds that a movement is a rep while a set is under way
    own_correlation: Annotated[float, Field(ge=0, le=1)]  # Intraclass correlation of the evidence of a set's reps
    alike_correlation: Annotated[float, Field(ge=0, le=1)]  # Intraclass correlation of the evidence from comparing reps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """A sum of n decision trees of depth d, as plain arrays.

    Nodes are numbered as in a heap: the children of i are 2i + 1 and 2i + 2. A tree that ends early repeats its leaf.
    """

    feature: Annotated[np.ndarray, Numbers(ndim=2, whole=True)]  # (n, 2**d - 1) index of the feature that a node tests
    threshold: Annotated[np.ndarray, Numbers(ndim=2)]  # (n, 2**d - 1): a value up to the threshold goes to 2i + 1
    leaf: Annotated[np.ndarray, Numbers(ndim=2)]  # (n, 2**d) log odds
    features: tuple[str, ...]  # Names of the features, in the order of their indices

    def __post_init__(self) -> None:
        trees, leaves = self.leaf.shape
        if leaves.bit_count() != 1:
            raise ValueError(f"leaf: expected whole trees, with 1, 2, 4, 8 … leaves each, got {leaves}")
        check_shapes(self, dict.fromkeys(("feature", "threshold"), (trees, leaves - 1)))
        if not 0 <= self.feature.min() <= self.feature.max() < len(self.features):
            raise ValueError(f"feature: expected numbers from 0 to {len(self.features) - 1}")

    def log_odds(self, values: np.ndarray) -> float:
        """Return the sum of the trees' log odds for the (features,) values of a movement."""
        trees = np.arange(len(self.leaf))
        node = np.zeros(len(trees), np.int64)
        inner = self.feature.shape[1]
        while node[0] < inner:
            right = values[self.feature[trees, node]] > self.threshold[trees, node]
            node = 2 * node + 1 + right
        return float(self.leaf[trees, node - inner].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiftModel:
    """The content of `lift.json`: forests that tell lifts from other movements, and the constants trained with them."""

    forest: Annotated[Forest, Field(alias="own")]  # on the features of a single movement (OWN)
    alike_forest: Annotated[Forest, Field(alias="alike")]  # on the differences from the movements before (DIFFERENCES)
    spread_own: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]  # (len(OWN),) spreads of the features
    spread_course: Annotated[np.ndarray, Numbers(ndim=2, positive=True)]  # (MOMENTS, CHANNELS) of the trajectory
    rules: Annotated[EvidenceRules, Field(alias="evidence")]
    least: float = -math.inf  # least log likelihood ratio of a single movement

    def __post_init__(self) -> None:
        for name, forest in (("own", self.forest), ("alike", self.alike_forest)):
            if forest.features != FEATURES[name]:
                raise ValueError(f"{name}.features: expected the {len(FEATURES[name])} features of this livecoach")
        check_shapes(self, {"spread_own": (len(OWN),), "spread_course": (MOMENTS, CHANNELS)})

    def for_named_exercise(self, log_odds: float) -> "LiftModel":
        """Return the model for a lifter who has named the exercise: the prior is higher by `log_odds`.

        The model's log likelihood ratio of a single movement is at least NAMED_LEAST_LOG_RATIO.
        """
        rules = replace(self.rules, prior=self.rules.prior + log_odds)
        return replace(self, rules=rules, least=tuning.NAMED_LEAST_LOG_RATIO)

    def lift_log_ratio(self, movement: Movement) -> float:
        """Return the log likelihood ratio that a movement is a lift, from its own features, at least `self.least`."""
        return max(self.forest.log_odds(movement.features.own), self.least)

    def likeness_log_ratio(self, movement: Movement, before: Sequence[Movement]) -> float:
        """Return the log likelihood ratio that a movement is a rep like the movements before (at least one)."""
        spread = MovementFeatures(own=self.spread_own, trajectory=self.spread_course)
        return self.alike_forest.log_odds(compare_movement(movement, before, spread))


class LiftEvidence(Protocol):
    """The interface of a lift model for counting. Training and tests also use models that accept every movement."""

    @property
    def rules(self) -> EvidenceRules: ...
    def lift_log_ratio(self, movement: Movement) -> float: ...
    def likeness_log_ratio(self, movement: Movement, before: Sequence[Movement]) -> float: ...
    def for_named_exercise(self, log_odds: float) -> "LiftEvidence": ...


def effective_count(count: int, correlation: float) -> float:
    """Return the number of independent observations that are worth as much as `count` correlated observations.

    The design effect, 1 + (count - 1) * correlation, is from Kish (Survey Sampling, 1965).
    """
    return count / (1.0 + (count - 1) * correlation) if count else 0.0


@dataclass(slots=True)
class Streak:
    """A series of similar movements, which are weighed together because they could be a set."""

    items: list[Movement]  # all movements, or the latest of a set
    own: list[float]  # log likelihood ratio of each movement by itself
    is_sure: bool  # whether a movement of the streak is certain by itself
    likeness: list[float] = field(default_factory=list)  # log likelihood ratio by likeness, from the second movement on
    is_set: bool = False  # whether the evidence has made the streak a set
    reported: int = 0  # number of first movements that have counted or can no longer count

    @property
    def end_s(self) -> float:
        return self.items[-1].times.end_s

    def log_odds(self, rules: EvidenceRules, more: int = 0) -> float:
        """Return the log odds that the streak is a set, or would be with `more` movements that are like its own."""
        own = effective_count(len(self.own) + more, rules.own_correlation) * _mean(self.own)
        likeness = effective_count(len(self.likeness) + more, rules.alike_correlation) * _mean(self.likeness)
        return rules.prior + own + likeness

    def with_movement(self, item: Movement, own: float, likeness: float) -> "Streak":
        """Return the streak with another movement, and with the movement's entries in `own` and `likeness`."""
        return replace(self, items=[*self.items, item], own=[*self.own, own], likeness=[*self.likeness, likeness])

    def with_later_streak(self, later: "Streak", alike: float) -> "Streak":
        """Return the streak, continued by the movements of a later, doubtful streak.

        Args:
            alike: Entry in `likeness` for the movement of `later`. If `later` has several movements, `alike` is not
                used: the first movement gets the entry of the second.
        """
        likeness = [*(later.likeness[:1] or [alike]), *later.likeness]
        return replace(
            self, items=[*self.items, *later.items], own=[*self.own, *later.own], likeness=[*self.likeness, *likeness]
        )

    def becomes_set(self, rules: EvidenceRules) -> bool:
        """Return whether the evidence makes the streak a set. A set has a sure movement, or DOUBTFUL_REPS movements."""
        return self.log_odds(rules) > 0 and (self.is_sure or len(self.items) >= tuning.DOUBTFUL_REPS)

    def next_log_odds(self, own: float, likeness: float, rules: EvidenceRules) -> float:
        """Return the log odds that the movement after the streak is a rep. The streak must be a set.

        Args:
            own: Log likelihood ratio that the movement is a lift, by itself.
            likeness: Log likelihood ratio that the movement resembles the movements before.
        """
        return rules.in_set + own - min(_mean(self.own), 0.0) + likeness

    def unreported_reps(self, rules: EvidenceRules) -> tuple[Movement, ...]:
        """Return the movements that count as reps and were not reported yet. The last movement always counts.

        The caller has checked that the streak is a set.
        """
        likeness = [self.likeness[0], *self.likeness] if self.likeness else [0.0]
        return tuple(
            self.items[k]
            for k in range(self.reported - len(self.own), 0)
            if k == -1 or self.next_log_odds(self.own[k], likeness[k], rules) > 0
        )


class MovementEvidence:
    """Collects evidence from all movements of a source, and decides by it which movements count as reps."""

    def __init__(self, rules: RepRules, model: LiftEvidence) -> None:
        """Start before the first movement of a source."""
        self._counts_held, self._model = rules.counts_when_held, model
        self._named = False
        self._streaks: list[Streak] = []  # the streak with the latest movement is the last
        self._closed_until_s = -math.inf  # movements that begin by this time can no longer count
        self.refused: dict[float, float] = {}
        """Start of each movement that has not counted so far → its span. A doubtful movement may still count."""
        self._spans: list[float] = []  # spans of the movements that count
        self.support = 0.0
        """Mean log likelihood ratio, each movement by itself, of the latest movement's set; 0 without such a set."""

    def note_named_exercise(self, log_odds: float) -> None:
        """Add `log_odds` to the log odds of a rep, since the exercise was named. Only the first call has an effect."""
        if not self._named:
            self._named = True
            self._model = self._model.for_named_exercise(log_odds)

    def add(self, item: Movement) -> tuple[Movement, ...]:
        """Add a movement, and return the movements that count now: none while the evidence does not make a set."""
        if item.times.start_s > self._closed_until_s:
            self.refused[item.times.start_s] = item.span
        # The recognition network knows whole movements only.
        own, rules = self._own(item) + item.by_recognition, self._model.rules
        prior = rules.prior + item.by_posture
        sure = prior + own > 0
        if item.shortened is not None:
            held = self._own(item.shortened) + item.by_recognition
            sure, own = sure or prior + held > tuning.PAUSE_LOG_ODDS, max(own, held)
        kept_s = {True: tuning.SET_REMEMBERED_S, False: tuning.FORGOTTEN_S}  # Whether it is a set → time after its end
        near = [streak for streak in self._streaks if item.times.start_s - streak.end_s <= kept_s[streak.is_set]]
        kept = [streak for n, streak in enumerate(near) if streak.is_set or n >= len(near) - tuning.STREAKS]
        before, streak = self._join_streak(kept, item, own, sure)
        self._streaks = [*[other for other in kept if all(other is not part for part in before)], streak]
        if not (streak.is_set or streak.becomes_set(rules)):
            self.support = 0.0
            return ()
        streak.is_set = True
        self.support = _mean(streak.own)
        counts = tuple(rep for rep in streak.unreported_reps(rules) if rep.times.start_s > self._closed_until_s)
        streak.reported, streak.items = len(streak.own), streak.items[-tuning.COMPARED :]
        self._closed_until_s = max(self._closed_until_s, item.times.start_s)
        for rep in counts:
            self.refused.pop(rep.times.start_s, None)
            self._spans.append(rep.span)
        return counts

    def count_refused_near(self, start_s: float, end_s: float) -> int:
        """Count the refused movements, almost as large as reps, that began within NEAR_S of a set, or in the set."""
        least = tuning.AS_LARGE * float(median(np.array(self._spans))) if self._spans else math.inf
        first_s, last_s = start_s - tuning.NEAR_S, end_s + tuning.NEAR_S
        return sum(span >= least for begins_s, span in self.refused.items() if first_s <= begins_s <= last_s)

    def is_in_doubt(self, t_s: float) -> bool:
        """Return whether the latest movements, which end near `t_s`, would count if MORE_REPS like them followed."""
        latest = [streak for streak in self._streaks[-1:] if not streak.is_set and len(streak.items) > 1]
        rules, since_s = self._model.rules, t_s - tuning.FORGOTTEN_S
        return any(streak.end_s >= since_s and streak.log_odds(rules, tuning.MORE_REPS) > 0 for streak in latest)

    def is_like_a_lift(self, movement: Movement) -> bool:
        """Return whether a movement, which may be partial, looks like a lift by its features, posture and bar alone."""
        return self._model.rules.prior + self._own(movement) + movement.by_posture > 0

    def counts_at_turn(self, movement: Movement) -> bool:
        """Return whether a movement that has only reached its turn counts as a rep.

        The lifter holds the turn, or the source ends there. A movement that counts outside of a set changes `support`.
        """
        own, rules = self._own(movement), self._model.rules
        since_s = movement.times.start_s - tuning.FORGOTTEN_S
        under_way = [s for s in self._streaks if self._counts_held and s.is_set and s.end_s >= since_s]
        by_itself = rules.prior + own + movement.by_posture + (tuning.AT_TURN_LOG_ODDS if self._named else 0.0)
        # A movement up to its turn cannot be compared with whole movements.
        counts = max([by_itself, *(streak.next_log_odds(own, 0.0, rules) for streak in under_way)]) > 0
        self.support = own if counts and not under_way else self.support
        return counts

    def exclude_earlier(self, times: MovementTimes) -> None:
        """Let no movement count that begins before the end of a rep that has counted at its turn or by the plate."""
        self._closed_until_s = max(self._closed_until_s, times.end_s)

    def _own(self, movement: Movement) -> float:
        """Return the log likelihood ratio from a movement's own features and the bar."""
        return self._model.lift_log_ratio(movement) + movement.by_bar

    def _join_streak(
        self, streaks: list[Streak], item: Movement, own: float, sure: bool
    ) -> tuple[list[Streak], Streak]:
        """Return the streaks that a movement joins, if any, and the streak with the movement.

        A movement that joins a set brings along the latest doubtful movements since then that it resembles: the first
        reps of a set with another form may be unlike the reps of the set before.
        """
        rules = self._model.rules
        likeness = [(_likeness(self._model, item, streak.items[-tuning.COMPARED :]), streak) for streak in streaks]
        sets = [
            (streak.next_log_odds(own, alike, rules), alike, streak)
            for alike, streak in likeness
            if streak.is_set and (alike > 0 or item.times.start_s - streak.end_s <= tuning.FORGOTTEN_S)
        ]
        best = max(sets, key=itemgetter(0), default=None)
        if best is not None and best[0] > 0:
            _, alike, of_set = best
            since = [(by, other) for by, other in likeness if by > 0 and other.end_s > of_set.end_s]
            if not since or since[-1][1].is_set:
                return [of_set], of_set.with_movement(item, own, alike)
            by, doubtful = since[-1]
            return [of_set, doubtful], of_set.with_later_streak(doubtful, by).with_movement(item, own, alike)
        own += item.by_posture  # within a set another posture is a fault of form
        likely_streaks = [
            (alike, streak) for alike, streak in likeness if not streak.is_set and alike > tuning.LEAST_ALIKE
        ]
        nearest = max(likely_streaks, key=itemgetter(0), default=None)
        if nearest is not None:
            alike, streak = nearest
            # A movement that is certain by itself counts at once, and does not wait with doubtful movements. It turns
            # them into reps only if it is like them.
            joined = streak.with_movement(item, own, alike)
            joined.is_sure |= sure
            if not sure or (alike > 0 and joined.log_odds(rules) > 0):
                return [streak], joined
        return [], Streak([item], [own], sure)


def _likeness(model: LiftEvidence, item: Movement, before: Sequence[Movement]) -> float:
    """Return the log likelihood ratio of a rep like the reps before, the larger with or without shortened pauses."""
    as_is = model.likeness_log_ratio(item, before)
    if all(movement.shortened is None for movement in (item, *before)):
        return as_is
    return max(
        as_is, model.likeness_log_ratio(item.shortened or item, [movement.shortened or movement for movement in before])
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


DESCRIBED_AT_ONCE = 10  # Number of observations of known reps that are described in each step, in about a millisecond


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalLiftModel:
    """A lift model that refuses a movement less readily if the movement is like the lifter's known reps."""

    model: LiftEvidence
    known_movements: Callable[[], Sequence[Movement]]  # Returns the known reps; called only for a doubtful movement

    @property
    def rules(self) -> EvidenceRules:
        return self.model.rules

    def lift_log_ratio(self, movement: Movement) -> float:
        """Return the log likelihood ratio that a movement is a lift, by its own features.

        A ratio below 0 is raised, to at most 0, if the movement is like the known reps. If it is like them without its
        holds, the holds do not speak against it.
        """
        by_features = self.model.lift_log_ratio(movement)
        known = self.known_movements() if by_features < 0 else ()
        if not known:
            return by_features
        ended_s = movement.times.start_s - tuning.KNOWN_REST_S
        times = MovementTimes(ended_s, ended_s, ended_s)
        known = [*known[:-1], replace(known[-1], times=times, places=movement.places)]  # as if done in the same place
        ratio, unheld = max(by_features, min(self.model.likeness_log_ratio(movement, known), 0.0)), movement.unheld
        if unheld is None or self.model.likeness_log_ratio(unheld, known) <= tuning.LEAST_ALIKE:
            return ratio
        return max(ratio, self.model.lift_log_ratio(unheld))

    def likeness_log_ratio(self, movement: Movement, before: Sequence[Movement]) -> float:
        """Return the log likelihood ratio that a movement is a rep like the movements before (at least one)."""
        return self.model.likeness_log_ratio(movement, before)

    def for_named_exercise(self, log_odds: float) -> "PersonalLiftModel":
        """Return the model for a lifter who has named the exercise: the log odds of a rep are higher by `log_odds`."""
        return replace(self, model=self.model.for_named_exercise(log_odds))


class KnownReps:
    """The newest known reps of an exercise, which are described as movements, a few observations at a time."""

    def __init__(self, reps: Sequence[RepWindow], exercise: Exercise, stage: StageModel) -> None:
        """Start without a description of any rep. The reps are in the order of time."""
        self._exercise, self._stage = exercise, stage
        self._movements: list[Movement] = []
        self._steps = self._describe(reps[-tuning.COMPARED :])

    def describe_more(self) -> bool:
        """Process a few more observations of the reps; return False if all reps were described before."""
        return next(self._steps, False)

    def describe_all(self) -> Sequence[Movement]:
        """Describe the remaining reps, and return the movements of the reps that show a body at start, turn and end."""
        while self.describe_more():
            pass
        return self._movements

    def _describe(self, reps: Sequence[RepWindow]) -> Iterator[bool]:
        """Add the movements of the reps, and yield True after each step."""
        for rep in reps:
            reader, roll_deg = BodyReader(self._exercise, self._stage), 0.0 if rep.view is None else rep.view.roll_deg
            samples = list[Body]()
            for begin in range(0, len(rep.observations), DESCRIBED_AT_ONCE):
                some = rep.observations[begin : begin + DESCRIBED_AT_ONCE]
                bodies = [find_body(observation, roll_deg or 0.0) for observation in some]
                samples += [reader.read(body)[1] for body in bodies if body is not None]
                yield True
            movement = _as_movement(rep, samples, self._exercise)
            self._movements += [] if movement is None else [movement]
            yield True


def _as_movement(rep: RepWindow, samples: Sequence[Body], exercise: Exercise) -> Movement | None:
    times = MovementTimes(rep.start_s, rep.turn_s, rep.end_s)
    if any(all(abs(sample.t_s - at_s) > tuning.PLACE_S for sample in samples) for at_s in times):
        return None
    distances = [sample.distance_from_rest for sample in samples]
    span = max(distances) - min(distances)
    proposal = Proposal(kind="back", turns=times, times=times, span=span, samples=gather(samples))
    return describe_movement(proposal, exercise.reps)
