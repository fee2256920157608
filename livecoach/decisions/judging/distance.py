"""How far a rep lies from the good reps of a reference, without regard to faults."""

import math
from dataclasses import dataclass

import numpy as np

from livecoach.decisions.judging.reference import Reference
from livecoach.decisions.judging.scorer import encoder_input
from livecoach.decisions.rep.measured import MeasuredRep


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedRep:
    """A rep that is turned to the mean of a reference, and encoded as the reps of the reference are."""

    rep: MeasuredRep
    reference: Reference  # Only the ways out of its reps if the rep ended at its turn
    points: np.ndarray  # trajectory.SHAPE; unknown joints are those of the mean
    latent: np.ndarray  # (K,)


def compare(rep: MeasuredRep, reference: Reference) -> ComparedRep:
    """Turn a rep to the mean of a reference, and encode it."""
    reference = reference.out if rep.is_half else reference
    points = encoder_input(rep.points, reference.mean)
    return ComparedRep(rep=rep, reference=reference, points=points, latent=reference.scorer.encoder.encode(points))


def distance(compared: ComparedRep) -> float:
    """Return the distance of a rep from the density of a reference, in torso lengths, as if all joints were known.

    Better is not worse: a change of the latent in the direction of better reps adds nothing.
    """
    reference, latent = compared.reference, compared.latent
    own = reference.density
    for better in reference.better:
        by = float((latent - own.latents.mean(0)) @ better / (better @ better))
        latent = latent - max(by, 0.0) * better
    return own.distance(latent) / math.sqrt(reference.scorer.width.known(compared.rep.points) / own.known)
