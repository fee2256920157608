"""Measures the distance of a rep from the good reps of a reference, without regard to faults."""

import math
from dataclasses import dataclass

import numpy as np

from livecoach.decisions.judging.reference import Reference
from livecoach.decisions.judging.scorer import encoder_input
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.phases import KINDS

TURNED_DEG = 10.0
"""Difference of the standing lifter's azimuth from that in the good reps, from which the view has turned. On rendered
sets of six training bodies it is at most 6 degrees before a camera that was set up anew, and 13 to 32 in eleven of
twelve sets after a turn by 15."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedRep:
    """A rep that is turned to the mean of a reference, and encoded as the reps of the reference are."""

    rep: MeasuredRep
    reference: Reference  # Without what the rep does not show: the ways back, or the hands
    points: np.ndarray  # trajectory.SHAPE; unknown joints are those of the mean
    latent: np.ndarray  # (K,)


def compare(rep: MeasuredRep, reference: Reference) -> ComparedRep:
    """Turn a rep to the mean of a reference, and encode it.

    Hands that only hold a bar are left out if the view has turned: its plates hide them, and may displace them by up to
    half a torso length.
    """
    reference = reference.out if rep.is_half else reference
    holds = reference.source.apart != "nothing" and not KINDS[rep.table.travel].of_hands
    if holds and abs(rep.standing_deg - reference.standing_deg) >= TURNED_DEG:
        rep, reference = rep.without_hands(), reference.without_hands
    points = encoder_input(rep.points, reference.mean)
    return ComparedRep(rep=rep, reference=reference, points=points, latent=reference.scorer.encoder.encode(points))


def distance(compared: ComparedRep) -> float:
    """Return the distance of a rep from the density of a reference, in torso lengths, as if all joints were known.

    A change of the latent in the direction of better reps adds nothing.
    """
    reference, latent = compared.reference, compared.latent
    own = reference.density
    for better in reference.better:
        by = float((latent - own.latents.mean(0)) @ better / (better @ better))
        latent = latent - max(by, 0.0) * better
    return own.distance(latent) / math.sqrt(reference.scorer.width.known(compared.rep.points) / own.known)
