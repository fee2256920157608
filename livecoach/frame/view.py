"""Where the camera stands: from the lines through shoulders and hips, the shoulders' width as seen, and the feet."""

import cmath
import math

import numpy as np

from livecoach import landmark
from livecoach.frame.body import Body
from livecoach.frame.posture import stands, torso_from_legs_px, torso_px
from livecoach.types import Observation, View, ViewName

SINE = {"shoulders": -0.341, "hips": -0.753, "feet": -1.436}
"""Weights of what changes its sign when left and right are exchanged."""
COSINE = {"shoulders": 0.641, "hips": 0.659, "width": 0.222, "one": 0.096}
"""Weights of what does not. Both by ridge regression on 84 rendered clips, training bodies, lite
(livecoach.lab.train.view_weights)."""
BENT = 0.25
"""Weight of a frame in which the lifter is bent over, against one in which he stands. Bent over, the depth is guessed
more, though the mean over a clip was nearly as good: 6.3° against 5.5°, with weights fitted to standing lifters (109
rendered clips, training bodies)."""
MEMORY_S = 3.0
"""Standing time that the estimate averages over."""
LATELY_S = 0.4
TURNED_DEG = 30.0
FORGETS_S = 0.4
"""Where the last moments (LATELY_S) differ from the average by more than TURNED_DEG, the lifter turned or the camera
moved: the average then forgets this fast. So it does while he walks: he need not face as he walked."""
WALKS = 0.2
"""Speed of the feet from which somebody walks, lengths of torso, thigh and shin a second."""
LEAST_S = 0.2
"""Standing time before there is an estimate; four times that for somebody bent over."""
BIAS_DEG, SPREAD_SHARE, DISAGREEMENT_DEG = 5.8, 0.35, 42.9
"""What averaging does not take away: always, of the spread over time, and where the signs disagree altogether.
Likeliest on such clips (84, lite) were 5.3, .2 and 42.9; the first two are higher so that front taken for back in every
second frame is told, and two thirds of the errors are within."""
REAR_FROM_DEG, REAR_BIAS_DEG = 95.0, 15.0
"""From behind the near arm, plates and a bar hide what counts: mean error on the 11 clips from 90 to 105°."""


def name_of(azimuth: float) -> ViewName:
    """The word for an azimuth in degrees."""
    size = abs(azimuth)
    return "front" if size < 20 else "oblique" if size <= 65 else "side" if size <= 115 else "rear"


def signs(observation: Observation) -> tuple[dict[str, float], dict[str, float]] | None:
    """What tells the azimuth's sine, and what its cosine, by name; None where nobody is seen or all is in one place.

    shoulders, hips: of the lines to the left one in the world, depth and width in torso lengths; width: of the
    shoulders in the picture, left minus right; feet: toes minus heels in the picture, along x. Pictures' lengths are in
    torsos as seen, or as the legs tell it where the torso is foreshortened. Where the head looks tells nothing: lifters
    watch the screen.
    """
    if observation.landmarks is None or observation.world is None:
        return None
    world, x_px = observation.world, observation.landmarks[:, 0].astype(float) * observation.width_px
    (left, right), (left_hip, right_hip) = landmark.SHOULDERS, landmark.HIPS
    shoulders, hips = world[left] - world[right], world[left_hip] - world[right_hip]
    torso_m = float(np.linalg.norm(world[left] + world[right] - world[left_hip] - world[right_hip])) / 2
    unit_px = max(torso_px(observation), torso_from_legs_px(observation))
    if torso_m < 1e-6 or unit_px < 1e-6:
        return None
    feet_px = float(x_px[list(landmark.TOES)].mean() - x_px[list(landmark.HEELS)].mean())
    odd = {"shoulders": float(shoulders[2]) / torso_m, "hips": float(hips[2]) / torso_m, "feet": feet_px / unit_px}
    width = float(x_px[left] - x_px[right]) / unit_px
    even = {"shoulders": float(shoulders[0]) / torso_m, "hips": float(hips[0]) / torso_m, "width": width, "one": 1.0}
    return odd, even


def direction(observation: Observation) -> complex | None:
    """Cosine and sine (i) of one frame's azimuth; None where they can't be told. Its length is near 1 where the signs
    agree, and small where they do not: then the pose is guessed."""
    told = signs(observation)
    if told is None:
        return None
    sine, cosine = (
        sum(weights[name] * value for name, value in values.items())
        for weights, values in zip((SINE, COSINE), told, strict=True)
    )
    return complex(cosine, sine)


def uncertainty_deg(azimuth: float, spread_deg: float, agreement: float) -> float:
    """Standard deviation of the mean direction's error, from the spread over time and the mean length (0…1)."""
    bias_deg = BIAS_DEG if abs(azimuth) <= REAR_FROM_DEG else REAR_BIAS_DEG
    return math.hypot(bias_deg, SPREAD_SHARE * spread_deg, DISAGREEMENT_DEG * (1.0 - agreement))


class ViewEstimate:
    """Mean direction of the camera, over the time that the lifter stood above all."""

    def __init__(self) -> None:
        self._sum = 0j
        self._lengths_s = 0.0
        self._weight_s = 0.0
        self._lately = 0j
        self._feet_px: np.ndarray | None = None  # where they were lately
        self._t_s: float | None = None
        self.view: View | None = None
        """The view so far; while the lifter walks, that from before."""

    def step(self, seen: Body, observation: Observation) -> View | None:
        """Take the next frame in which the lifter is seen; the view so far, None until there is one."""
        dt_s = 0.0 if self._t_s is None else min(max(seen.t_s - self._t_s, 0.0), 0.1)
        self._t_s = seen.t_s
        towards = direction(observation)
        if towards is not None:
            towards /= max(abs(towards), 1.0)  # one frame has one vote at the most
            self._lately = self._lately * math.exp(-dt_s / LATELY_S) + dt_s * towards
            still = not self._walks(seen, dt_s)
            weight_s = dt_s if still and stands(seen.measures) else BENT * dt_s
            fade = math.exp(-weight_s / MEMORY_S if still and not self._turned else -dt_s / FORGETS_S)
            self._sum = self._sum * fade + weight_s * towards
            self._lengths_s = self._lengths_s * fade + weight_s * abs(towards)
            self._weight_s = self._weight_s * fade + weight_s
            self._tell()
        return self.view

    def _tell(self) -> None:
        if self._weight_s < LEAST_S or abs(self._sum) < 1e-9:
            return
        azimuth = math.degrees(cmath.phase(self._sum))
        unsure_deg = uncertainty_deg(azimuth, self.spread_deg, self.agreement)
        name = name_of(azimuth)
        self.view = View(name=name, azimuth_deg=round(azimuth, 1), uncertainty_deg=round(unsure_deg, 1))

    def _walks(self, seen: Body, dt_s: float) -> bool:
        """The feet are on their way."""
        before_px = seen.feet_px if self._feet_px is None else self._feet_px
        ahead_px = float(np.hypot(*(seen.feet_px - before_px)))
        self._feet_px = before_px + (seen.feet_px - before_px) * (1 - math.exp(-dt_s / LATELY_S))
        return ahead_px > WALKS * LATELY_S * max(seen.size_px, 1.0)

    @property
    def _turned(self) -> bool:
        """The last moments differ from the average."""
        difference = self._lately * self._sum.conjugate()
        return abs(difference) > 0 and abs(math.degrees(cmath.phase(difference))) > TURNED_DEG

    @property
    def spread_deg(self) -> float:
        """Circular standard deviation over time of the directions, weighted by their lengths."""
        together = min(abs(self._sum) / max(self._lengths_s, 1e-9), 1.0)
        return min(math.degrees(math.sqrt(-2 * math.log(max(together, 1e-6)))), 180.0)

    @property
    def agreement(self) -> float:
        """Mean length of the directions, 0…1."""
        return self._lengths_s / max(self._weight_s, 1e-9)
