"""How landmarks that a pose estimator sees differ from the true ones: the model that scripts/synth/fit_noise.py fits.

Unit of every image error: the torso length (shoulders to hips) as it would appear upright at the hips' distance; of
every world error: the torso length. A frame's errors are the sum of

1. what all clips share: linear in a landmark's own place (scale, yaw, lean, depth), in posture and azimuth, and lag;
2. what a clip has of its own, the same whenever it shows the same posture: another such linear map, and patterns of
   error with slopes on posture; people, clothes, cameras and rooms differ in these;
3. slow errors on a clock that runs faster while the body moves, and fast ones in bursts; larger for landmarks on the
   far side and in some postures.

Three sizes and a proneness to loss are drawn for a clip, together and with long tails: some clips are several times
worse than others. Bones are then made to change their lengths no more than BlazePose's do, left and right are swapped
for moments, and the lifter is lost for others.
"""

from functools import lru_cache

from livecoach.synth.noise.apply import Noise, NoiseSeeds, NoisyLandmarks
from livecoach.synth.noise.model import NoiseModel, read, shipped_model
from livecoach.synth.noise.sides import SWAP, mirror, mirror_both

__all__ = ["SWAP", "Noise", "NoiseModel", "NoiseSeeds", "NoisyLandmarks", "mirror", "mirror_both", "read", "shipped"]


@lru_cache(maxsize=1)
def shipped() -> Noise:
    """With the numbers that come with livecoach."""
    return Noise(shipped_model())
