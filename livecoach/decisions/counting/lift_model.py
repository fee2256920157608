"""Decides which movements out and back are lifts, and which lifts are reps of a set.

The lift model consists of boosted trees on a movement's features and on its differences from the movements before it.
The unit of a difference is its spread, the usual difference between reps of a set. lab.train.lift_training trains it.

So each movement has two log likelihood ratios: `own` compares a rep with any other movement, and `likeness` compares
reps of one set with other movements. Similar movements form a streak. The log odds that a streak is a set are

    prior + n' · mean(own) + m' · mean(likeness),    n' = n / (1 + (n - 1) · r),  m' = m / (1 + (m - 1) · r),

for n movements and m = n - 1 comparisons, where r is the intraclass correlation of the evidence (Kish, Survey Sampling,
1965: the design effect): lifter, camera and room affect all movements of a streak. docs/design.md describes the
consequences. If a whole streak lacks evidence, the cause is the lifter or the camera, and later movements do not suffer
for it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Annotated, Protocol

import numpy as np
from pydantic import Field

from livecoach.core.config.exercise import RepRules
from livecoach.core.model_files.model_folder import Numbers, check_shapes
from livecoach.core.quantiles import median, percentile
from livecoach.core.types import Times
from livecoach.decisions.counting import tuning
from livecoach.decisions.counting.movement import CHANNELS, OWN, TIMES, Movement, MovementFeatures

FARTHEST = 8.0  # Largest difference, in spreads
SEGMENTS = {"out": slice(0, 5), "turn": slice(5, 8), "back": slice(8, TIMES)}
"""Part of a movement → its moments among the TIMES moments of a trajectory."""
LEAST_OFF, LEAST_SHIFT, LEAST_REST_S = 0.1, 0.02, 0.2
"""Numbers that are added to differences, shifts and rests before their logarithms are taken."""
NAMES = (
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
"""Differences of the trajectories and of the movements' own features; changes of feet and scale; the rest between the
two movements; and the number of earlier movements.
"""
FREE = frozenset({"log_rest_s", "before"})  # Differences that do not grow as movements become less alike


def differences(movement: Movement, before: Sequence[Movement], spread: MovementFeatures) -> np.ndarray:
    """Compute how a movement differs from the movements before it, mostly from their median: (len(NAMES),).

    Args:
        before: At least one earlier movement, the latest last.
        spread: Unit of the differences: 68 % of reps are at most this far from the median of their set.
    """
    this, others = movement.features, [other.features for other in before]
    usual = median(np.array([other.joints for other in others]))
    off = np.minimum(np.abs(this.joints - usual) / spread.joints, FARTHEST)
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
    one, where a walking lunge begins.
    """
    (begins, within, _), (_, within_last, ended) = movement.places, last.places
    pairs = [(within, within_last), (begins, ended)]
    shifts = [float(np.hypot(*(a.feet_px - b.feet_px))) / max(a.size_px, b.size_px, 1.0) for a, b in pairs]
    return min(shifts), min(abs(float(np.log(max(a.size_px, 1.0) / max(b.size_px, 1.0)))) for a, b in pairs)


FEATURES = {"own": OWN, "alike": NAMES}  # Forest, as named in the file → names of its features


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """The constants that weight the log likelihood ratios of a lift model, trained together with the model."""

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
    alike_forest: Annotated[Forest, Field(alias="alike")]  # on the differences from the movements before (NAMES)
    spread_own: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]  # (len(OWN),) spreads of the features
    spread_course: Annotated[np.ndarray, Numbers(ndim=2, positive=True)]  # (TIMES, CHANNELS) spreads of the trajectory
    rules: Annotated[EvidenceRules, Field(alias="evidence")]
    least: float = -math.inf  # least log likelihood ratio of a single movement

    def __post_init__(self) -> None:
        for name, forest in (("own", self.forest), ("alike", self.alike_forest)):
            if forest.features != FEATURES[name]:
                raise ValueError(f"{name}.features: expected the {len(FEATURES[name])} features of this livecoach")
        check_shapes(self, {"spread_own": (len(OWN),), "spread_course": (TIMES, CHANNELS)})

    def for_named_exercise(self, log_odds: float) -> "LiftModel":
        """Return the model for a lifter who has named the exercise, with a prior that is higher by `log_odds`.

        The model's log likelihood ratio of a single movement is at least NAMED_LEAST_LOG_RATIO.
        """
        rules = replace(self.rules, prior=self.rules.prior + log_odds)
        return replace(self, rules=rules, least=tuning.NAMED_LEAST_LOG_RATIO)

    def lift_log_ratio(self, movement: Movement) -> float:
        """Return the log likelihood ratio that a movement is a lift, by its own features; at least `least`."""
        return max(self.forest.log_odds(movement.features.own), self.least)

    def likeness_log_ratio(self, movement: Movement, before: Sequence[Movement]) -> float:
        """Return the log likelihood ratio that a movement is a rep like `before`, which is one movement or more."""
        spread = MovementFeatures(own=self.spread_own, joints=self.spread_course)
        return self.alike_forest.log_odds(differences(movement, before, spread))


class LiftScorer(Protocol):
    """The methods of `LiftModel` that counting uses. Tests and training use scorers that accept every movement."""

    @property
    def rules(self) -> EvidenceRules: ...
    def lift_log_ratio(self, movement: Movement) -> float: ...
    def likeness_log_ratio(self, movement: Movement, before: Sequence[Movement]) -> float: ...
    def for_named_exercise(self, log_odds: float) -> "LiftScorer": ...


def effective_count(count: int, correlation: float) -> float:
    """Return the number of independent observations that are worth as much as `count` correlated observations."""
    return count / (1.0 + (count - 1) * correlation) if count else 0.0


@dataclass(slots=True)
class Streak:
    """A series of similar movements, which are weighed together because they could be a set."""

    items: list[Movement]  # all movements, or the latest of a set
    own: list[float]  # for all movements
    is_sure: bool  # whether one of its movements is certain by itself, without shortened pauses
    likeness: list[float] = field(default_factory=list)  # for all movements except the first
    is_set: bool = False
    reported: int = 0  # number of leading movements that were counted or no longer can be

    @property
    def end_s(self) -> float:
        return self.items[-1].times.end_s

    def log_odds(self, rules: EvidenceRules) -> float:
        """Return the log odds that the streak is a set."""
        own = effective_count(len(self.own), rules.own_correlation) * _mean(self.own)
        likeness = effective_count(len(self.likeness), rules.alike_correlation) * _mean(self.likeness)
        return rules.prior + own + likeness

    def with_movement(self, item: Movement, own: float, likeness: float) -> "Streak":
        return replace(self, items=[*self.items, item], own=[*self.own, own], likeness=[*self.likeness, likeness])

    def becomes_set(self, rules: EvidenceRules) -> bool:
        """Return whether the evidence makes a set: of three movements if none is sure, as people often repeat once."""
        return self.log_odds(rules) > 0 and (self.is_sure or len(self.items) >= tuning.DOUBTFUL_REPS)

    def next_log_odds(self, own: float, likeness: float, rules: EvidenceRules) -> float:
        """Return the log odds that a movement after the streak is a rep, if the streak is a set.

        Args:
            own: Log likelihood ratio that the movement is a lift, by itself.
            likeness: Log likelihood ratio that the movement resembles the movements before.
        """
        return rules.in_set + own - min(_mean(self.own), 0.0) + likeness

    def reps(self, rules: EvidenceRules) -> tuple[Movement, ...]:
        """Return the reps among the movements that were not reported yet, if the streak is a set.

        The last movement always is a rep.
        """
        likeness = [self.likeness[0], *self.likeness] if self.likeness else [0.0]
        return tuple(
            self.items[k]
            for k in range(self.reported - len(self.own), 0)
            if k == -1 or self.next_log_odds(self.own[k], likeness[k], rules) > 0
        )


class Evidence:
    """Decides which movements of a source count as reps, from the evidence for each movement and each streak."""

    def __init__(self, rules: RepRules, model: LiftScorer) -> None:
        """Start before the first movement of a source."""
        self._counts_held, self._model = rules.counts_held, model
        self._named = False
        self._streaks: list[Streak] = []  # the streak with the latest movement is the last
        self._closed_until_s = -math.inf  # time until which movements begin that can no longer count
        self.refused: dict[float, float] = {}
        """Start of each movement that has not counted so far → its span. A doubtful movement may still count."""
        self._spans: list[float] = []  # spans of the movements that count
        self.support = 0.0
        """Mean log likelihood ratio of the latest set's movements by themselves; 0 without a set or a model."""

    def note_named_exercise(self, log_odds: float) -> None:
        """Raise the log odds of a rep once by `log_odds`, because the lifter has named the exercise."""
        if not self._named:
            self._named = True
            self._model = self._model.for_named_exercise(log_odds)

    def accept(self, movement: Movement) -> tuple[Movement, ...]:
        """Add a movement, and return the movements that count now; empty while this movement is in doubt."""
        closed_s = self._closed_until_s
        counted = self._weighed(movement)
        if movement.times.start_s > closed_s:
            self.refused[movement.times.start_s] = movement.span
        for rep in counted:
            self.refused.pop(rep.times.start_s, None)
            self._spans.append(rep.span)
        return counted

    def count_refused_near(self, first_s: float, last_s: float) -> int:
        """Count the movements near a set that were as large as reps, but did not count; 0 if no movement counts."""
        least = tuning.AS_LARGE * float(median(np.array(self._spans))) if self._spans else math.inf
        first_s, last_s = first_s - tuning.NEAR_S, last_s + tuning.NEAR_S
        return sum(span >= least for start_s, span in self.refused.items() if first_s <= start_s <= last_s)

    def is_like_a_lift(self, movement: Movement) -> bool:
        """Return whether a movement, which may be partial, looks like a lift by its features, posture and bar alone."""
        return self._model.rules.prior + self._own(movement) + movement.by_posture > 0

    def counts_at_turn(self, movement: Movement) -> bool:
        """Return whether a movement that has only reached its turn counts as a rep.

        The lifter holds the turn, or the source ends there. Outside of a set, a rep that counts sets `support`.
        """
        own, rules = self._own(movement), self._model.rules
        since_s = movement.times.start_s - tuning.FORGOTTEN_S
        under_way = [s for s in self._streaks if self._counts_held and s.is_set and s.end_s >= since_s]
        by_itself = rules.prior + own + movement.by_posture + (tuning.AT_TURN_LOG_ODDS if self._named else 0.0)
        # It cannot be compared with whole movements.
        counts = max([by_itself, *(streak.next_log_odds(own, 0.0, rules) for streak in under_way)]) > 0
        self.support = own if counts and not under_way else self.support
        return counts

    def exclude_earlier(self, times: Times) -> None:
        """Exclude from counting all movements that begin before the end of a rep.

        The rep has counted at its turn or by the plate.
        """
        self._closed_until_s = max(self._closed_until_s, times.end_s)

    def _own(self, movement: Movement) -> float:
        """Return the log likelihood ratio from a movement's own features and the bar."""
        return self._model.lift_log_ratio(movement) + movement.by_bar

    def _weighed(self, item: Movement) -> tuple[Movement, ...]:
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
        self._streaks = [*[other for other in kept if other is not before], streak]
        if not (streak.is_set or streak.becomes_set(rules)):
            self.support = 0.0
            return ()
        streak.is_set = True
        self.support = _mean(streak.own)
        counts = tuple(rep for rep in streak.reps(rules) if rep.times.start_s > self._closed_until_s)
        streak.reported, streak.items = len(streak.own), streak.items[-tuning.COMPARED :]
        self._closed_until_s = max(self._closed_until_s, item.times.start_s)
        return counts

    def _join_streak(
        self, streaks: list[Streak], item: Movement, own: float, sure: bool
    ) -> tuple[Streak | None, Streak]:
        """Return the set or doubtful streak that a movement joins, if any, and the streak with the movement."""
        rules = self._model.rules
        likeness = [(_likeness(self._model, item, streak.items[-tuning.COMPARED :]), streak) for streak in streaks]
        sets = [
            (streak.next_log_odds(own, alike, rules), alike, streak)
            for alike, streak in likeness
            if streak.is_set and (alike > 0 or item.times.start_s - streak.end_s <= tuning.FORGOTTEN_S)
        ]
        best = max(sets, key=itemgetter(0), default=None)
        if best is not None and best[0] > 0:
            return best[2], best[2].with_movement(item, own, best[1])
        own += item.by_posture  # within a set another posture is a fault of form
        doubtful = [(alike, streak) for alike, streak in likeness if not streak.is_set and alike > tuning.LEAST_ALIKE]
        nearest = max(doubtful, key=itemgetter(0), default=None)
        if nearest is not None:
            alike, streak = nearest
            # A movement that is certain by itself counts at once, and does not wait with doubtful movements. It turns
            # them into reps only if it is like them.
            joined = streak.with_movement(item, own, alike)
            joined.is_sure |= sure
            if not sure or (alike > 0 and joined.log_odds(rules) > 0):
                return streak, joined
        return None, Streak([item], [own], sure)


def _likeness(model: LiftScorer, item: Movement, before: Sequence[Movement]) -> float:
    """Return the log likelihood ratio of reps of a set, with or without long pauses shortened: some are held longer."""
    as_is = model.likeness_log_ratio(item, before)
    if all(movement.shortened is None for movement in (item, *before)):
        return as_is
    return max(
        as_is, model.likeness_log_ratio(item.shortened or item, [movement.shortened or movement for movement in before])
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
