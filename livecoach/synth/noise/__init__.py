"""A model of the errors of a pose estimator's landmarks, fitted by scripts/synth/fit_noise.py.

Image errors are in torso lengths (shoulders to hips) as they would appear upright at the distance of the hips; world
errors are in torso lengths. The errors of a frame are the sum of

1. errors that all clips share: linear in a landmark's own position (scale, yaw, lean, depth), in posture and azimuth,
   and lag;
2. errors of a clip that recur with the same posture: another such linear map, and error patterns with slopes on
   posture, as people, clothes, cameras and rooms differ;
3. slow errors on a clock that runs faster while the body moves, and fast errors in bursts; both are larger for
   landmarks on the far side and in some postures.

Three error sizes and a loss rate are drawn jointly for each clip, with long tails: some clips are several times worse
than others. Then the variation of bone lengths is reduced to that of BlazePose, left and right are swapped for
moments, and the lifter is lost in some frames.
"""

from functools import lru_cache

from livecoach.synth.noise.apply import SWAP, Noise, NoiseSeeds, NoisyLandmarks, mirror, mirror_both
from livecoach.synth.noise.model import NoiseModel, read, shipped_model

__all__ = ["SWAP", "Noise", "NoiseModel", "NoiseSeeds", "NoisyLandmarks", "mirror", "mirror_both", "read", "shipped"]


@lru_cache(maxsize=1)
def shipped() -> Noise:
    """Return the noise model that is shipped with livecoach."""
    return Noise(shipped_model())
