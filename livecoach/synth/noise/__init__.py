"""A model of the errors of a pose estimator's landmarks, fitted by scripts/synth/fit_noise.py.

Image errors are in torso lengths (shoulders to hips) as they would appear upright at the distance of the hips; world
errors are in torso lengths. The errors of a frame are the sum of errors that all clips share (linear in a landmark's
own position, in posture and azimuth, and lag), errors of a clip that recur with the same posture, and slow and fast
errors in time, larger on the far side and in some postures.

Three error sizes and a loss rate are drawn jointly for each clip, with long tails. Then the variation of bone lengths
is reduced to that of BlazePose, left and right are swapped for moments, and the lifter is lost in some frames.
"""

from functools import lru_cache

from livecoach.synth.noise.apply import SWAP, Noise, NoiseSeeds, NoisyLandmarks, mirror, mirror_both
from livecoach.synth.noise.model import NoiseModel, read, shipped_model


@lru_cache(maxsize=1)
def shipped() -> Noise:
    return Noise(shipped_model())
