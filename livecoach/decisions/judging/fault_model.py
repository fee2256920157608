"""Estimates the amount of each named fault in a rep, compared with the lifter's own good reps, and says where it shows.

A fault moves the whole rep, so its amount, in smallest changes worth reporting, is a function of everything that
changed: the latent, the durations, every measure in world and picture, and the azimuth. It is the mean of a ridge
regression and of a network with one hidden layer (livecoach.lab.train.fault_fit). Faults whose first measure is not in
a trajectory, or is far clearer in real reps than in synthetic ones (BY_ITSELF), are judged by that measure alone,
against the spread of the lifter's own reps. The good places of the camera are those from which most faults show.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated

import numpy as np

from livecoach.core.model_files.model_folder import Numbers
from livecoach.core.quantiles import median
from livecoach.core.types import View
from livecoach.core.types.message import Message, join_texts
from livecoach.core.types.reps import UNSEEN_FAULTS
from livecoach.decisions.rep.depth import can_measure_depth
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.measures import FaultKind, FaultSign, FaultTable
from livecoach.decisions.rep.view_normalised import LEAST_SINE
from livecoach.perception.body.visibility import LEG_GROUPS

BY_ITSELF: dict[str, tuple[float, float]] = {
    "dorsal_sagitta": (0.004, 4.0),
    "pelvic_tuck": (0.012, 4.0),
    "ankle_displacement": (0.025, 4.0),
    "seen_heel_rise": (0.004, 4.0),
    "floor_pause_s": (0.2, 4.0),
    "knee_opening_share": (0.1, 2.0),
    "stalling": (0.25, 4.0),
    "plate_travel_cm": (0.8, 4.0),
    "plate_top_cm": (0.8, 4.0),
}
"""Measure that is judged by itself → usual spread of good reps around their set, and its weight as a number of reps.
The spread was measured on rendered sets for the back and the heel (torso lengths), knees and plate, and on synthetic
lifters for the other measures; of `stalling`, it is a logarithm. The spread of the knees is .035 in two real sets and
.1 in rendered sets, so the lifter's reps soon outweigh it."""
PIXELS_ONLY = ("seen_heel_rise",)
"""Measures without which the fault is not estimated, because the landmarks do not show it."""
SAME_TILT_DEG, BACK_PER_DEG = 1.5, 0.01
"""Degrees by which the tilt of an unmoved camera may seem to differ between sets; and the torso lengths by
which the measure of the back shifts, in either direction, for each further degree. The shift is the root mean square
over five lifters, whose films were distorted, or rendered, as if the camera stood lower or looked up by 11°."""
HANDS_APART = 1.5  # Distance between hands on a bar, in widths of the shoulders. Our choice.
PLATE_MEASURES = ("plate_travel_cm", "plate_top_cm")
"""Measures of the plate. A fault with these signs is judged only by them if they are known, and shows only if both
show: a bar that was set down elsewhere ends lower or higher in the picture, and a bar that was not set down rises
less."""
SAME_FLOOR_CM = 4.0
"""Largest change of the plate's lowest place in the picture since another set up to which the plate decides by itself.
Beyond it, the camera has moved: only the plate's rise is compared, and the joints must show the fault, too. The change
is 2 cm in two rendered deadlifters before a camera that was set up anew, and 6 to 11 before a camera 40 cm higher or
lower, which sees the plate rise by up to 3 cm less. Our choice between them."""
FROM_SIDE_DEG = {"dorsal_sagitta": 57.0, "pelvic_tuck": 57.0, "knee_opening_share": 25.0, "seen_heel_rise": 39.0}
"""Measure → azimuth from which the mask shows the back's edge, or the picture the angle of the knees or the heels
(docs/figures.md, "Rounded back", "Hips first" and "Lifted heels")."""
MOST_CHANGE = 5.0  # Standard deviations of the training reps at which changes are clipped, so that none dominates a sum
CENTRES_DEG = (0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0)  # Azimuths at which the effect of each fault was measured
VIEW_OFF_DEG = 6.0  # Error in degrees of an estimated view, on rendered clips
LEAST_EFFECT = 0.75  # Least effect (`FaultModel.effects`) of a fault in a view in which it is checked. Our choice.
TRAINED_WITH = 5  # Number of own reps in the reference when limits and effects were measured


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AmountFunction:
    """A function that estimates the amounts of F faults in a rep; the content of `faults.npz`.

    Its inputs are the k = K + 2 + 2 M changes of a rep from the lifter's own reps: in the K numbers of the latent, in 2
    durations, and in M measures, each in the world and in the picture. The function is the mean of a linear function
    and of a network with H hidden units.
    """

    scale: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]  # (k,) standard deviations over the training reps
    linear: Annotated[np.ndarray, Numbers(ndim=2, empty=True)]
    """(F, 3 k) weights of the changes, of the changes times the azimuth's cosine, and times its absolute sine."""
    hidden: Annotated[np.ndarray, Numbers(ndim=2)]
    """(H, k + 2) weights of the changes, and of the azimuth's cosine and absolute sine."""
    hidden_bias: Annotated[np.ndarray, Numbers(ndim=1)]  # (H,) biases of the hidden units
    out: Annotated[np.ndarray, Numbers(ndim=2, empty=True)]  # (F, H) weights of the hidden units
    out_bias: Annotated[np.ndarray, Numbers(ndim=1, empty=True)]  # (F,) biases of the network's outputs
    seen: Annotated[np.ndarray, Numbers(ndim=2, empty=True)]
    """(F, len(CENTRES_DEG)) amounts estimated at a severity of 1, by azimuth."""

    def amounts(self, changes: np.ndarray, azimuths_deg: np.ndarray) -> np.ndarray:
        """Estimate the (n, F) amounts of faults in n reps, in smallest changes worth reporting.

        Args:
            changes: (n, k) changes of the reps from the lifter's own reps; NaN where unknown.
            azimuths_deg: (n,) azimuths of the reps in the common view.
        """
        of_linear, of_network = function_inputs(changes, self.scale, azimuths_deg)
        hidden = np.maximum(of_network @ self.hidden.T + self.hidden_bias, 0.0)
        amounts: np.ndarray = (of_linear @ self.linear.T + (hidden @ self.out.T + self.out_bias)) / 2
        return amounts


def function_inputs(changes: np.ndarray, scale: np.ndarray, azimuths_deg: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs of both parts of an AmountFunction for n reps, from the reps' changes (n, k).

    The changes are taken in units of `scale` (k,) and clipped at ±MOST_CHANGE; unknown changes become 0.

    Returns:
        The inputs of the linear function, (n, 3 k): the changes, their products with the azimuth's cosine, and their
        products with its absolute sine. The inputs of the network, (n, k + 2): the changes, cosine and absolute sine.
    """
    scaled = np.clip(np.nan_to_num(changes / scale), -MOST_CHANGE, MOST_CHANGE)
    angles = np.radians(azimuths_deg)[:, None]
    cosine, sine = np.cos(angles), np.abs(np.sin(angles))
    return np.concatenate([scaled, scaled * cosine, scaled * sine], 1), np.concatenate([scaled, cosine, sine], 1)


@dataclass(frozen=True, kw_only=True, eq=False)  # without slots: `untrained_faults` is cached
class FaultModel:
    """A model that estimates the amount of each fault in a rep, for F faults in the order of the table."""

    table: FaultTable
    measures: tuple[str, ...]  # Names of the M measures that the function knows
    function: AmountFunction
    limits: np.ndarray
    """(F,) amounts beyond which a rep with TRAINED_WITH own reps of its set is flagged; infinite for a fault that the
    model was not trained with."""

    @cached_property
    def untrained_faults(self) -> tuple[str, ...]:
        """The names of the faults that the model was not trained with, unless their first measure is in BY_ITSELF."""
        limits = zip(self.table.faults.items(), self.limits.tolist(), strict=True)
        return tuple(
            name for (name, fault), limit in limits if math.isinf(limit) and fault.signs[0].measure not in BY_ITSELF
        )

    @property
    def new_or_changed_faults(self) -> tuple[str, ...]:
        """The names of the untrained faults, and of the faults with a measure that is new to the model."""
        known = {*self.measures, *BY_ITSELF}
        return tuple(
            name
            for name, fault in self.table.faults.items()
            if name in self.untrained_faults or not {sign.measure for sign in fault.signs} <= known
        )

    def effects(self, azimuth_deg: float) -> dict[str, float]:
        """Return the effect of each fault in a view: the estimated amount at a severity of 1, divided by its limit.

        The smallest effect within the error of the view is taken. The effect is infinite if the fault's first measure
        shows the fault by itself in this view; otherwise, it is 0 if all measures of the fault are in BY_ITSELF.
        """
        near = np.clip([azimuth_deg - VIEW_OFF_DEG, azimuth_deg, azimuth_deg + VIEW_OFF_DEG], 0.0, CENTRES_DEG[-1])
        nearest = np.abs(np.subtract.outer(near, CENTRES_DEG)).argmin(1)
        estimated = self.function.seen[:, nearest].min(1) / self.limits
        effects = {}
        for (name, fault), effect in zip(self.table.faults.items(), estimated.tolist(), strict=True):
            if shows_by_itself(fault.signs[0].measure, azimuth_deg):
                effects[name] = math.inf
            else:
                effects[name] = effect if estimating_measures(fault) else 0.0
        return effects

    def amounts(self, latent_change: np.ndarray, reading_changes: np.ndarray, azimuth_deg: float) -> np.ndarray:
        """Estimate the (F,) amounts of the faults in a rep, without sign for a fault that may go in either direction.

        Args:
            latent_change: (K,) change of the rep's latent from the lifter's own reps.
            reading_changes: (2 + 2 M,) changes of `fault_readings` from the lifter's own reps; NaN where unknown.
            azimuth_deg: Azimuth of the rep in the common view.
        """
        changes = np.concatenate([latent_change, reading_changes])[None]
        return without_direction(self.function.amounts(changes, np.array([azimuth_deg])), self.table)[0]


def shows_by_itself(measure: str, azimuth_deg: float) -> bool:
    """Return whether a measure alone (BY_ITSELF) shows its fault at every azimuth within VIEW_OFF_DEG of an azimuth."""
    return measure in BY_ITSELF and azimuth_deg - VIEW_OFF_DEG >= FROM_SIDE_DEG.get(measure, -VIEW_OFF_DEG)


def estimating_measures(fault: FaultKind) -> list[str]:
    """Return the measures of a fault of which at least one must be known so that its amount can be estimated."""
    measures = [sign.measure for sign in fault.signs]
    return [] if measures[0] in PIXELS_ONLY else [measure for measure in measures if measure not in BY_ITSELF]


def without_direction(amounts: np.ndarray, table: FaultTable) -> np.ndarray:
    """Return amounts (n, F) with the sign removed for faults that may go in either direction."""
    either = np.array([fault.signs[0].side == "either" for fault in table.faults.values()], bool)
    return np.where(either, np.abs(amounts), amounts)


def function_measures(table: FaultTable) -> tuple[str, ...]:
    """Return the names of a table's measures that are inputs of `AmountFunction`."""
    return tuple(name for name in table.signs if name not in BY_ITSELF)


def fault_readings(rep: MeasuredRep, table: FaultTable, measures: Sequence[str]) -> np.ndarray:
    """Return the (2 + 2 M,) readings of a rep: its log durations, and M scaled measures in world and picture.

    A value is NaN if its measure is unknown or was removed from the table.
    """
    scaled = [
        table.signs[name][0].scale_value(values[name]) if name in table.signs else math.nan
        for values in (rep.world_values, rep.picture_values)
        for name in measures
    ]
    return np.concatenate([rep.log_durations, scaled])


def tilt_shift_size(measure: str, tilt_change_deg: float, azimuth_deg: float) -> float:
    """Return how far a measure may shift, in its unit, because the camera's tilt differs from the reference's.

    The result is 0 or more. Only "dorsal_sagitta" and "hand_height_difference" shift: from the side, a tilted camera
    shows one hand higher than the other, by the distance of the hands along the line of sight.

    Args:
        tilt_change_deg: Tilt in the rep less the tilt in the reference; the first SAME_TILT_DEG are ignored.
    """
    tilt_change_deg = max(abs(tilt_change_deg) - SAME_TILT_DEG, 0.0)
    if measure == "dorsal_sagitta":
        return BACK_PER_DEG * tilt_change_deg
    if measure == "hand_height_difference":
        return HANDS_APART * math.radians(tilt_change_deg) * abs(math.tan(math.radians(azimuth_deg)))
    return 0.0


def margin_ratio(sign: FaultSign, value: float, own_values: Sequence[float], shift: float = 0.0) -> float | None:
    """Return a rep's change from the lifter's own reps towards a fault, as a multiple of the sign's margin.

    The result is below 0 for a change away from the fault, and None if `value` or all `own_values` are NaN.

    Args:
        sign: Sign of the fault, with a measure in BY_ITSELF. `value` and `own_values` are values of this measure.
        shift: Result of `tilt_shift_size`, which widens the margin.
    """
    scaled = np.array([sign.scale_value(own_value) for own_value in own_values])
    known = scaled[np.isfinite(scaled)]
    count, (usual, weight) = len(known), BY_ITSELF[sign.measure]
    change = sign.scale_value(value) - float(median(known)) if count else math.nan
    if not math.isfinite(change):
        return None
    squares = float(((known - known.mean()) ** 2).sum()) + weight * usual**2
    spread = math.sqrt(squares / (count - 1 + weight) * (1 + 1 / count))
    return sign.change_towards_fault(change) / sign.margin(math.hypot(spread, shift))


FARTHEST_DEG = 105.0  # Largest azimuth from which a rep is judged: the training data shows no lifters from behind
NEARLY_ALL = 0.9  # Least share of the faults and paths shown by the best azimuth, at a good azimuth. Our choice.
CHANCE_DEG = 2 * VIEW_OFF_DEG  # Width up to which a span of azimuths is ignored: a camera hits it only by chance
MOST_NAMED = 3  # Most hidden faults or paths in a line: more would not fit in the window. Our choice.
BEHIND = "reps are not judged from behind"  # The only drawback of a camera behind the lifter
DEPTH, BAR_PATH = "depth", "path of the bar"  # Words, as keys of `CameraPlaces.seen_from`


@dataclass(frozen=True, kw_only=True)  # without slots: what follows from its fields is cached
class CameraPlaces:
    """The azimuths from which a camera shows the faults of an exercise, the depth of its reps, and the bar's path."""

    seen_from: dict[str, tuple[range, ...]]
    """Words for a fault, for depth or for the bar's path, in order of importance → the spans of azimuths that show this
    item, in whole degrees on either side: 0 in front, 90 at the side. No span if no view shows it."""
    shown_by_legs: tuple[str, ...]  # Words for depth, and for faults that knees, ankles or feet show

    @cached_property
    def _unseen(self) -> tuple[tuple[str, ...], ...]:
        """The words of `seen_from` that each whole degree, 0…180, hides, without words that only narrow spans show."""
        wide = [
            (words, spans) for words, spans in self.seen_from.items() if max(map(len, spans), default=0) > CHANCE_DEG
        ]
        return tuple(
            tuple(words for words, spans in wide if not any(at in span for span in spans)) for at in range(181)
        )

    @cached_property
    def good_azimuths_deg(self) -> tuple[int, int]:
        """The widest span of good azimuths, as its first and its last whole degree.

        At a good azimuth, the number of items of `seen_from` that are not hidden (`hidden_items`) is at least 90 %
        (NEARLY_ALL) of the largest such number.
        """
        shown = [len(self.seen_from) - len(self._unseen[azimuth]) for azimuth in _AZIMUTHS_DEG]
        good = _spans(azimuth for azimuth in _AZIMUTHS_DEG if shown[azimuth] >= NEARLY_ALL * max(shown))
        widest = max(good, key=len)
        return widest[0], widest[-1]

    def hidden_items(self, azimuth_deg: float) -> tuple[str, ...]:
        """Return the words of `seen_from` that an azimuth hides, without words that only narrow spans show."""
        return self._unseen[round(abs(azimuth_deg))]

    def drawbacks(self, view: View | None, *, legs_hidden: bool) -> tuple[str, ...]:
        """Return lines about what the camera's place and, if `legs_hidden`, the plates hide.

        If the view is unknown (None), only the plates hide anything. From behind the lifter, the only line is BEHIND.
        """
        if view is not None and abs(view.azimuth_deg) > FARTHEST_DEG:
            return (BEHIND,)
        hidden = () if view is None else self.hidden_items(view.azimuth_deg)
        return _drawback_lines(hidden, self.shown_by_legs if legs_hidden else None)


@lru_cache(32)  # a search takes 5 ms, and is repeated for each lifter and report
def find_camera_places(model: FaultModel, *, depth: bool) -> CameraPlaces:
    """Find the azimuths that show each fault of an exercise and the bar's path; with `depth`, also the reps' depth."""
    effects = [model.effects(float(azimuth)) for azimuth in _AZIMUTHS_DEG]
    seen_from = {DEPTH: _spans(filter(can_measure_depth, _AZIMUTHS_DEG))} if depth else {}
    shown_by_legs = [DEPTH] if depth else []
    for name, fault in model.table.faults.items():
        shown = () if fault.hidden else [azimuth for azimuth in _AZIMUTHS_DEG if effects[azimuth][name] >= LEAST_EFFECT]
        seen_from[fault.words] = _spans(shown)
        if shown and any(group in LEG_GROUPS for group in fault.joints):
            shown_by_legs.append(fault.words)
    seen_from[BAR_PATH] = _spans(azimuth for azimuth in _AZIMUTHS_DEG if np.sin(np.radians(azimuth)) >= LEAST_SINE)
    return CameraPlaces(seen_from=seen_from, shown_by_legs=tuple(shown_by_legs))


@lru_cache(maxsize=64)  # the lines are needed for each picture, and stay the same while the lifter stands still
def _drawback_lines(unseen: tuple[str, ...], shown_by_legs: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return lines about hidden items and, unless `shown_by_legs` is None, about plates that hide the legs."""
    lines: list[str] = [Message(UNSEEN_FAULTS, text=_list(unseen))] if unseen else []
    behind_plates = [words for words in shown_by_legs or () if words not in unseen]
    if behind_plates:
        lines.append(Message("the plates hide your legs; perhaps not visible: {text}", text=_list(behind_plates)))
    elif shown_by_legs is not None:
        lines.append("the plates hide your legs: some reps may go unjudged")
    return tuple(lines)


_AZIMUTHS_DEG = range(int(FARTHEST_DEG) + 1)


def _spans(degrees: Iterable[int]) -> tuple[range, ...]:
    spans: list[range] = []
    for at in degrees:
        begin = spans.pop().start if spans and spans[-1].stop == at else at
        spans.append(range(begin, at + 1))
    return tuple(spans)


def _list(things: Iterable[str]) -> str:
    every = [*things]
    if len(every) <= MOST_NAMED:
        return join_texts(", ", *every)
    named = every[: MOST_NAMED - 1]
    return Message("{text} and {n} more", text=join_texts(", ", *named), n=len(every) - len(named))
