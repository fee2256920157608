"""Loads the scorer of an exercise, which judges reps: encoder, densities, limits and faults.

The encoder's weights define a metric: changes by faults weigh more than differences between a lifter's good reps
(livecoach.lab.train.scorer_training). Latents are in torso lengths. kde.npz contains the latents of good synthetic
lifters, for an unknown lifter; faults.npz contains the function of livecoach.decisions.judging.fault_model; scorer.json
contains widths, limits, names and digests.

A Gaussian kernel stands on the latent of each good rep: the density is their weighted sum. The distance of a rep
follows from its log density, and is 0 within the usual variation. The prior of the variance is a scaled inverse
chi-squared (Gelman et al., Bayesian Data Analysis, chapter 3), so a rep is compared with a Student distribution: limits
tighten with each own rep.
"""

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import numpy as np
from pydantic import Field

from livecoach.core.model_files import model_folder
from livecoach.core.model_files.model_folder import FALSE_ALARMS, Format, Numbers
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.decisions.judging.fault_model import CENTRES_DEG, AmountFunction, FaultModel
from livecoach.decisions.rep.measured import LOOKS_DOWN, LOOKS_UP, MOVED
from livecoach.decisions.rep.measures import FaultTable
from livecoach.decisions.rep.view_normalised import TRAJECTORY_SHAPE, CameraReading, align_heading

LEAST_KNOWN = 0.5  # Least share of known joints of a judged rep: without arms, fewer faulty reps are found. Our choice.


class Encoder:
    """The networks that encode trajectories as latents, and decode latents to trajectories."""

    def __init__(self, folder: Path, latent: int) -> None:
        """Load the networks of a folder, for latents of `latent` numbers. Raises ModelError for a wrong file."""
        shape = (1, *TRAJECTORY_SHAPE)
        self._encoder = TfliteNetwork(folder / "encoder.tflite", shape, (1, latent))
        self._decoder = TfliteNetwork(folder / "decoder.tflite", (1, latent), shape)

    def encode(self, points: np.ndarray) -> np.ndarray:
        """Encode a trajectory (TRAJECTORY_SHAPE) without gaps as a latent (K,)."""
        latent: np.ndarray = self._encoder(points[None].astype(np.float32))[0].astype(np.float64)
        return latent

    def decoding_error(self, points: np.ndarray) -> float:
        """Return the error (root mean square) of a trajectory (TRAJECTORY_SHAPE) after decoding, in torso lengths."""
        made = self._decoder(self.encode(points)[None].astype(np.float32))[0]
        return float(np.sqrt(((made - points) ** 2).mean()))


def encoder_input(points: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Rotate a trajectory (TRAJECTORY_SHAPE) about the vertical to a mean's heading, and fill gaps from this mean."""
    return fill_gaps(align_heading(points, mean), mean)


def fill_gaps(points: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Replace NaN in a trajectory (TRAJECTORY_SHAPE) by the `mean`, so that unknown joints add no distance from it."""
    return np.where(np.isfinite(points), points, mean)


KERNEL = 1.5  # Width of a kernel in standard deviations of the lifter's reps; from 1 on it hardly matters (lessons.md)
USUAL_DEVIATE = 2.05  # Standard normal deviate at which limits are read off: 2 % of good reps are beyond it


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthPrior:
    """The prior distribution of the variance of a lifter's good reps around the mean of their set."""

    usual: Annotated[float, Field(gt=0)]  # Root of the usual variance of a rep around its set, in torso lengths
    freedom: Annotated[float, Field(gt=2)]  # Degrees of freedom; fewer if lifters differ more
    of_rep: Annotated[float, Field(gt=0)]  # Degrees of freedom that each rep of a set after its first adds
    out: Annotated[float, Field(gt=0, lt=1)] = 0.5  # Share of the usual variance that lies on the way to the turn

    def known_share(self, points: np.ndarray) -> float:
        """Return the share of the usual variance in the known coordinates of a trajectory (TRAJECTORY_SHAPE)."""
        out, back = np.isfinite(points).reshape(2, -1).mean(1)
        return float(self.out * out + (1 - self.out) * back)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Density:
    """The probability density of the latents of good reps: a lifter's own reps, or everybody's."""

    latents: np.ndarray  # (n, K) latents of the good reps
    weights: np.ndarray  # (n,) weights of their kernels, which sum to 1
    deviation: float
    """Standard deviation of a lifter's reps around their set, or of everybody's reps around their mean, as a length of
    latents."""
    freedom: float  # Degrees of freedom of `deviation`; infinite if it is known
    known_share: float = 1.0  # Share of the usual variance that lies in the known coordinates of the reps' trajectories

    @property
    def width(self) -> float:
        """The usual distance of another good rep from the mean of the reps (root mean square), in torso lengths."""
        return self.deviation * math.sqrt(1 + 1 / len(self.latents))

    @property
    def caution(self) -> float:
        """The factor by which limits widen because the width is only estimated; 1 if the width is known."""
        return 1.0 if math.isinf(self.freedom) else equivalent_student_t(USUAL_DEVIATE, self.freedom) / USUAL_DEVIATE

    def log_density(self, latent: np.ndarray) -> float:
        """Return the natural logarithm of the density at a latent (K,), relative to the peak of a single kernel."""
        squares = ((self.latents - latent) ** 2).sum(1) / (KERNEL * self.deviation) ** 2
        exponents = np.log(self.weights) - squares / 2
        largest = float(exponents.max())
        return largest + math.log(float(np.exp(exponents - largest).sum()))

    def distance(self, latent: np.ndarray) -> float:
        """Return the distance of a latent (K,) from the good reps, in torso lengths.

        With several reps, the part that their own variance causes is subtracted from the squared distance, down to 0.
        """
        own = self.deviation**2 * (1 - 1 / len(self.latents))
        return math.sqrt(max(-2 * (KERNEL * self.deviation) ** 2 * self.log_density(latent) - own, 0.0))

    def distance_quantile(self, share: float) -> float:
        """Return the quantile `share` of reps' distances from the other reps, in torso lengths; infinite for 1 rep."""
        if len(self.latents) < 2:
            return math.inf
        far = []
        for place, latent in enumerate(self.latents):
            weights = np.delete(self.weights, place)
            others = replace(self, latents=np.delete(self.latents, place, 0), weights=weights / weights.sum())
            far.append(others.distance(latent))
        return float(np.quantile(far, share))


def estimate_density(
    latents: np.ndarray,
    sets: Iterable[np.ndarray | Sequence[int]],
    groups: Sequence[np.ndarray | Sequence[int]],
    prior: WidthPrior,
    known: float = 1.0,
) -> Density:
    """Estimate the density of the latents of a lifter's reps.

    Args:
        latents: (n, K) latents of at least one rep.
        sets: Indices of the reps of each set.
        groups: Indices of the confirmed and of the other reps; each group has the same weight.
        known: Share of the usual variance that lies in the known coordinates of the reps' trajectories.
    """
    squares, more = 0.0, 0
    for places in sets:
        of_set = latents[places]
        squares += float(((of_set - of_set.mean(0)) ** 2).sum())
        more += len(of_set) - 1
    freedom = prior.freedom + prior.of_rep * more
    square = (prior.freedom * known * prior.usual**2 + prior.of_rep * squares) / freedom
    weights = np.empty(len(latents))
    for places in groups:
        weights[places] = 1 / (len(groups) * len(places))
    return Density(latents=latents, weights=weights, deviation=math.sqrt(square), freedom=freedom, known_share=known)


def equivalent_student_t(deviate: float, freedom: float) -> float:
    """Convert a standard normal deviate to the value of Student's t that is exceeded with nearly the same probability.

    By Wallace 1959 (Annals of Mathematical Statistics 30:1124). From 3 degrees of freedom on, the result is wrong by
    less than 2 % up to a deviate of 2.1, but by up to 19 % at a deviate of 4.
    """
    scaled = deviate * (8 * freedom + 3) / (8 * freedom + 1)
    return math.copysign(math.sqrt(freedom * math.expm1(scaled * scaled / freedom)), deviate)


TURNED_DEG = 10.0
"""Least difference between the standing lifter's azimuths in two sets that shows a turned view. On rendered
sets of six training bodies it is at most 6 degrees after a camera was set up anew, and 13 to 32 in eleven of
twelve sets after a turn by 15."""
UP_DEG, SHORTER = 5.0, 0.03
"""A camera looks up more if the lifter seems to lean away by at least this angle more, and if the trunk is shorter than
the legs by at least this share more. Real sets of a lifter with equal trunks differ by at most 4.3 degrees."""
SEEMS_DEG = 8.0
"""Least change of pitch that counts although lean or trunk alone changes little. Good sets with an unmoved camera
differ by at most 6.5; four of six sets of training lifters with a camera 40 cm higher or lower, by 9.7 or more."""
TURNED_BACK_DEG = 5.0
"""Least seeming change of pitch from which a rep is also judged as if turned back. Rendered lifters seem to change
by up to 2 before a camera that was set up anew, and mostly by 6 to 10 before a camera that is 40 cm higher or lower,
which looks down or up by 7 more. From 4 on, real faulty reps would seem good."""
CROUCHED = 0.85
"""Factor on the ratio of trunk to legs that shows another posture rather than a turned camera."""
TILT_OF_PITCH, SHARE_OF_PITCH = 0.42, 0.0065
"""Per degree by which a camera looks up more: the degrees by which a lifter leans away, and the share by which the
trunk is shorter. Measured on twelve films of eight real lifters that were distorted as if the camera looked up by 11 or
17 degrees."""
PER_PITCH_DEG, MOST_PER_PITCH_DEG, MOST_PER_SIZE = 0.007, 0.012, 0.18
"""Largest shifts of good reps in torso lengths: on these films, for each degree of pitch; on renderings of a training
lifter from 40 cm higher or lower, for each degree of pitch; and on renderings of this lifter from twice the distance,
for the share by which the lifter is smaller."""


def pitch_change(before: CameraReading, now: CameraReading, *, enough_deg: float = math.inf) -> float:
    """Return the degrees by which the camera seems to look up more than before; below 0 if it looks down more.

    The result is the geometric mean of the pitches that lean and trunk show. It is 0 unless both show a clear change in
    the same direction: either alone may be posture.

    Args:
        enough_deg: Result that counts even if lean or trunk changed little, if both changed in the same direction.
    """
    up_deg, longer = now.tilt_deg - before.tilt_deg, now.trunk_share / before.trunk_share
    shorter = 1 - (longer if up_deg > 0 else 1 / longer)
    pitch_deg = math.sqrt(abs(up_deg) / TILT_OF_PITCH * max(shorter, 0.0) / SHARE_OF_PITCH)
    if (abs(up_deg) < UP_DEG or shorter <= SHORTER) and pitch_deg < enough_deg:
        return 0.0
    return math.copysign(pitch_deg, up_deg)


def has_only_lean_changed(before: CameraReading, now: CameraReading) -> bool:
    """Return whether the lifter leans differently, although neither the camera's pitch nor the posture seems to differ.

    The posture differs if the ratio of trunk to legs fell to CROUCHED times its earlier value, or rose as much.
    """
    longer = now.trunk_share / before.trunk_share
    is_leaning = abs(now.tilt_deg - before.tilt_deg) >= UP_DEG and CROUCHED < longer < 1 / CROUCHED
    return is_leaning and not pitch_change(before, now, enough_deg=SEEMS_DEG)


def moved_reason(before: CameraReading, now: CameraReading) -> str:
    """Return the reason for not judging a rep: the camera has turned, looks up or down, or stands elsewhere."""
    pitch_deg = pitch_change(before, now, enough_deg=SEEMS_DEG)
    if not pitch_deg or abs(now.standing_deg - before.standing_deg) >= TURNED_DEG:
        return MOVED
    return LOOKS_UP if pitch_deg > 0 else LOOKS_DOWN


MOST_PITCH_DEG = 16.0
"""Change of the camera's pitch from which reps are not compared. Eleven training films that were distorted by 11
degrees seem to be changed by up to 15; of a set that seems to be changed by 17, three of five faults are missed."""


def pitch_mismatch(before: CameraReading, now: CameraReading) -> str | None:
    """Return why two sets can't be compared; None unless the camera's pitch changed by MOST_PITCH_DEG or more."""
    return moved_reason(before, now) if abs(pitch_change(before, now)) >= MOST_PITCH_DEG else None


Positive = Annotated[float, Field(gt=0)]
Name = TypeVar("Name", bound=str)
LimitName = Literal["set", "session", "everybody"]
Limits = Annotated[dict[LimitName, Positive], Field(min_length=3)]
"""Distances in widths beyond which a rep is anomalous, for a share of false alarms: from reps of the same set; from
reps of an earlier set, as good sets differ more than their reps; and from everybody's good reps, in everybody's widths,
where only gross deviations are beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraShift:
    """The expected shifts of good reps, in torso lengths, if the day or the camera changes, and their limit."""

    day: Annotated[float, Field(ge=0)]  # Shift of another day: other clothes, other light, a camera set up anew
    per_deg: Annotated[float, Field(ge=0)]  # Shift for each degree of azimuth
    per_tilt_deg: Annotated[float, Field(ge=0)]  # Shift for each degree of the camera's tilt
    per_size: Annotated[float, Field(ge=0)]
    """Shift for the share by which the lifter is smaller in the picture: perspective changes with 1 / distance."""
    most: Annotated[float, Field(ge=0)]  # Largest shift to allow for

    def shifts(
        self, before: CameraReading, now: CameraReading, *, other_day: bool, largest: Collection[str] = ()
    ) -> dict[str, float]:
        """Return the shift by another day, and by each difference between the camera's places in a reference and a rep.

        Shifts are in torso lengths, by the name of their factor in `distance_limit`. The shifts of azimuth and tilt may
        be below 0.

        Args:
            other_day: Whether the rep is from another day than the reference.
            largest: Any of "tilt" and "size": shifts to return as large as a camera that is higher, lower or farther
                away can make them, in place of usual shifts.
        """
        is_usual = "tilt" not in largest
        pitch_deg = pitch_change(before, now, enough_deg=math.inf if is_usual else SEEMS_DEG)
        is_smaller = "size" in largest and now.size < before.size
        return {
            "day": self.day if other_day else 0.0,
            "azimuth": self.per_deg * (now.azimuth_deg - before.azimuth_deg),
            "tilt": max(
                self.per_tilt_deg * (now.tilt_deg - before.tilt_deg),
                (PER_PITCH_DEG if is_usual else MOST_PER_PITCH_DEG) * pitch_deg,
                key=abs,
            ),
            "size": (max(MOST_PER_SIZE, self.per_size) if is_smaller else self.per_size)
            * (1 - min(now.size, before.size) / max(now.size, before.size)),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """The distribution of good reps of many synthetic lifters; the content of `kde.npz`."""

    mean: Annotated[np.ndarray, Numbers(ndim=3)]  # TRAJECTORY_SHAPE
    latents: Annotated[np.ndarray, Numbers(ndim=2)]  # (n, K), of one good rep for each lifter and front leg
    deviation: Annotated[float, Field(gt=0)]  # root mean square distance of `latents` from their mean

    @property
    def density(self) -> Density:
        """The density of the lifters' latents, with a kernel for each latent."""
        weights = np.full(len(self.latents), 1 / len(self.latents))
        return Density(latents=self.latents, weights=weights, deviation=self.deviation, freedom=math.inf)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scorer:
    """The models that judge the reps of an exercise: encoder, densities, limits and faults."""

    encoder: Encoder
    population: Population
    faults: FaultModel
    width: WidthPrior
    limits: Limits
    camera: CameraShift
    decoder_error: float
    """Decoder error in torso lengths beyond which a movement is not a human rep: twice the 95th percentile of reps,
    good and bad."""


CARD = "scorer.json"  # Name of the card of a scorer
DIGESTED = ("encoder.tflite", "decoder.tflite", "kde.npz", "faults.npz")  # Files with digests in the card


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsAt:
    """The limits that flag a certain share of good reps."""

    false_alarms: Annotated[float, Field(gt=0, lt=1)]
    limits: Limits
    faults: dict[str, Annotated[float, Field(gt=0)]]  # Fault → its limit in FaultModel.limits


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerCard:
    """The content of `scorer.json`: how a scorer was trained, its prior of the width, and its limits and digests."""

    format: Format
    synthetic: bool  # Whether it was trained on synthetic lifters only
    files: dict[str, str]  # File name → SHA-256
    latent: Annotated[int, Field(gt=0)]  # Length of a latent
    width: WidthPrior
    decoder_error: Annotated[float, Field(gt=0)]
    camera: CameraShift
    measures: tuple[str, ...]  # Names of the measures from which the fault model reads amounts
    limits: Annotated[tuple[LimitsAt, ...], Field(min_length=1)]  # In ascending order of their shares of false alarms
    training: dict[str, Any]  # Command, seed and size of the training data

    def __post_init__(self) -> None:
        shares = [limit.false_alarms for limit in self.limits]
        if shares != sorted(set(shares)):
            raise ValueError("limits: false_alarms must rise from one limit to the next")
        if any(list(limit.faults) != list(self.limits[0].faults) for limit in self.limits):
            raise ValueError("limits: expected the same faults in the same order")


def save_scorer(folder: Path, card: ScorerCard, kde: Population, faults: AmountFunction) -> None:
    """Save a scorer in the model folder of its exercise, which already contains its networks.

    The digests of all files are computed, and replace the digests in the card.
    """
    for name, arrays in (("kde.npz", kde), ("faults.npz", faults)):
        values = {field.name: np.float32(getattr(arrays, field.name)) for field in fields(arrays)}
        np.savez_compressed(folder / name, allow_pickle=False, **values)
    card = replace(card, files={name: model_folder.file_sha256(folder / name) for name in DIGESTED})
    (folder / CARD).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")


def load_scorer(folder: Path, table: FaultTable, false_alarms: float = FALSE_ALARMS) -> Scorer:
    """Load the scorer of an exercise, with limits beyond which the share `false_alarms` of good reps is flagged.

    The limits for a share outside of the card's shares are the nearest limits. Faults of the table that the scorer was
    not trained with get infinite limits. Raises ModelError if a file is missing or wrong.
    """
    card = model_folder.read_model_json(folder / CARD, ScorerCard)
    for name in DIGESTED:
        model_folder.check_digest(folder / name, card.files.get(name), CARD)
    kde = model_folder.read_arrays(folder / "kde.npz", Population)
    faults = model_folder.read_arrays(folder / "faults.npz", AmountFunction)
    limits = _limits_at(card.limits, false_alarms)
    changes, count, hidden = card.latent + 2 + 2 * len(card.measures), len(limits.faults), len(faults.hidden)
    of_lifters = {"mean": TRAJECTORY_SHAPE, "latents": (len(kde.latents), card.latent)}
    model_folder.require_shapes(folder / "kde.npz", kde, of_lifters)
    model_folder.require_shapes(
        folder / "faults.npz",
        faults,
        {
            "scale": (changes,),
            "linear": (count, 3 * changes),
            "hidden": (hidden, changes + 2),
            "hidden_bias": (hidden,),
            "out": (count, hidden),
            "out_bias": (count,),
            "seen": (count, len(CENTRES_DEG)),
        },
    )
    return Scorer(
        encoder=Encoder(folder, card.latent),
        population=kde,
        faults=_fault_model(table, card.measures, faults, limits.faults),
        width=card.width,
        limits=limits.limits,
        camera=card.camera,
        decoder_error=card.decoder_error,
    )


def _fault_model(
    table: FaultTable, measures: tuple[str, ...], arrays: AmountFunction, limits: dict[str, float]
) -> FaultModel:
    """Return the model of the faults in a table; faults without a limit get amounts of 0 and infinite limits."""
    trained = list(limits)
    rows = [trained.index(name) if name in limits else len(trained) for name in table.faults]

    def in_order(array: np.ndarray) -> np.ndarray:
        return np.concatenate([array, np.zeros_like(array, shape=(1, *array.shape[1:]))])[rows]

    of_faults = {name: in_order(getattr(arrays, name)) for name in ("linear", "out", "out_bias", "seen")}
    of_table = np.array([limits.get(name, math.inf) for name in table.faults])
    return FaultModel(table=table, measures=measures, function=replace(arrays, **of_faults), limits=of_table)


def _limits_at(limits: tuple[LimitsAt, ...], false_alarms: float) -> LimitsAt:
    """Interpolate limits linearly in the logarithm of the share; outside the known shares, take the nearest limits."""
    shares, at = np.log([limit.false_alarms for limit in limits]), math.log(false_alarms)

    def between(rows: Sequence[Mapping[Name, float]]) -> dict[Name, float]:
        return {name: float(np.interp(at, shares, [row[name] for row in rows])) for name in rows[0]}

    of_faults = between([limit.faults for limit in limits])
    return LimitsAt(false_alarms=false_alarms, limits=between([limit.limits for limit in limits]), faults=of_faults)
