"""Measures the distance of a rep from the good reps of a reference, without regard to faults.

`find_difference` finds the joints and the moment in which a rep differs most from the reference.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Why
from livecoach.core.types.message import Message, join_texts
from livecoach.decisions.judging.reference import Reference
from livecoach.decisions.judging.scorer import TURNED_DEG, encoder_input
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.phases import KINDS, Travel
from livecoach.decisions.rep.trajectory import JOINTS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedRep:
    """A rep that is turned to the mean of a reference, and encoded in the same way as the reference's reps."""

    rep: MeasuredRep
    reference: Reference  # Without the ways back or the hands, if the rep does not show them
    points: np.ndarray  # trajectory.SHAPE; unknown joints are those of the mean
    latent: np.ndarray  # (K,)


def compare_with_reference(rep: MeasuredRep, reference: Reference) -> ComparedRep:
    """Turn a rep to the mean of a reference, and encode the rep.

    Hands that only hold a bar, as in a squat, are left out if the view has turned since a reference of an earlier set:
    the plates hide the hands, and may displace their landmarks by up to half a torso length.
    """
    reference = reference.way_out if rep.is_half else reference
    holds = reference.source.apart != "nothing" and not KINDS[rep.table.travel].of_hands
    if holds and abs(rep.camera.standing_deg - reference.camera.standing_deg) >= TURNED_DEG:
        rep, reference = rep.without_hands(), reference.without_hands
    points = encoder_input(rep.points, reference.mean)
    return ComparedRep(rep=rep, reference=reference, points=points, latent=reference.scorer.encoder.encode(points))


def distance(compared: ComparedRep) -> float:
    """Return the distance of a rep from the reps of its reference, in torso lengths.

    For a rep with unknown joints, the distance is estimated for the case that all joints were known. A change of the
    latent in the direction of better reps adds nothing.
    """
    reference, latent = compared.reference, compared.latent
    own = reference.density
    for better in reference.better:
        by = float((latent - own.latents.mean(0)) @ better / (better @ better))
        latent = latent - max(by, 0.0) * better
    return own.distance(latent) / math.sqrt(reference.scorer.width.known_share(compared.rep.points) / own.known)


MOST_JOINTS = 3  # Most joints that are drawn
LEAST_SHARE = 0.5  # Least contribution of the second region that is named, as a share of the first. Our choice.
NEAR_S = 0.1  # Margin in seconds around lockout and bottom: they may be brief, and samples are about .2 s apart
WORDS: dict[str, tuple[str, str, str]] = {
    "setup": ("before the bar moves",) * 3,
    "lift_off": ("as the bar leaves the floor", "with the bar below the knees", "with the bar just below the knees"),
    "knee_pass": ("as the bar passes the knees", "with the bar above the knees", "just before lockout"),
    "lockout": ("at lockout",) * 3,
    "lowering": ("just after lockout", "on the way down", "as the bar comes down"),
    "descent": ("early on the way down", "on the way down", "just before the bottom"),
    "bottom": ("at the bottom",) * 3,
    "ascent": ("just after the bottom", "on the way up", "near the top"),
    "raising": ("as the bar starts up", "on the way up", "near the top"),
    "top": ("at the top",) * 3,
}
"""Phase → words for its first, second and last third."""
PULL = ("as the bar leaves the floor", "on the way up", "just before lockout")  # Words for lift_off without knee_pass
_CALLED = {"nose": "head", "wrist": "hand", "foot_index": "toes"}
_PARTS = {"elbow": "hand", "heel": "toes", "ankle": "toes"}  # Joints that need no mention beside others of their limb
_PAIRS = {"hand": "hands", "foot": "feet", "toes": "toes"}


Spans = dict[str, tuple[float, float]]  # Phase, named as in the table of faults → first and last time, in order


def phase_spans(travel: Travel, known_s: Mapping[str, float], start_s: float, turn_s: float, end_s: float) -> Spans:
    """Return the first and the last time of each phase that a rep of an exercise with this travel has.

    Args:
        known_s: Known beginnings of phases, from `MeasuredRep.phase_starts_s`. Other phases begin at the start or the
            turn of the rep, except "knee_pass", which is left out.
    """
    if KINDS[travel].up_first:
        rise, top = ("lift_off", "lockout") if travel == "bar" else ("raising", "top")
        begins = {
            "setup": start_s - NEAR_S,
            rise: known_s.get("lift_off", start_s),
            **{name: at_s for name, at_s in known_s.items() if name == "knee_pass" and travel == "bar"},
            top: known_s.get("lockout", turn_s) - NEAR_S,
            "lowering": known_s.get("lowering", turn_s) + NEAR_S,
        }
    else:
        begins = {
            "descent": start_s,
            "bottom": min(known_s.get("floor", turn_s), turn_s) - NEAR_S,
            "ascent": max(known_s.get("ascent", turn_s), turn_s) + NEAR_S,
        }
    times = [*np.maximum.accumulate(list(begins.values())).tolist(), max(end_s, *begins.values())]
    return dict(zip(begins, pairwise(times), strict=True))


def find_difference(rep: MeasuredRep, shares: np.ndarray) -> Why | None:
    """Find the joints and the phase in which a rep differs most from its reference; return None without a difference.

    Args:
        shares: (2 trajectory.MOMENTS, len(trajectory.JOINTS)) contributions to the score, not below 0.
    """
    times = rep.window.start_s, rep.window.turn_s, rep.window.end_s
    joints = tuple(landmark.OTHER_SIDE[i] for i in JOINTS) if rep.mirrored else JOINTS  # with their true sides
    return largest_contribution(
        shares, joints, rep.trajectory_s, phase_spans(rep.table.travel, rep.phase_starts_s, *times)
    )


def largest_contribution(shares: np.ndarray, joints: Sequence[int], moments_s: np.ndarray, spans: Spans) -> Why | None:
    """Find the moment and up to MOST_JOINTS joints that contribute most to a score; return None without a contribution.

    Args:
        shares: (n, J) contributions of n moments and J landmarks to the score, not below 0.
        joints: (J,) indices of the landmarks.
        moments_s: (n,) times of the moments.
        spans: Times of the phases, from `phase_spans`.
    """
    if not shares.sum() > 0:
        return None
    of_joints = shares.sum(0)
    worst = np.argsort(-of_joints, kind="stable")[:MOST_JOINTS]
    clear = int((of_joints[worst] >= LEAST_SHARE * of_joints[worst[0]]).sum())
    of_worst = shares[:, worst].sum(1)
    starts = np.array([start_s for start_s, _ in spans.values()])
    belongs = np.clip(np.searchsorted(starts, moments_s, side="right") - 1, 0, len(spans) - 1)
    most = int(np.argmax(np.bincount(belongs, of_worst, minlength=len(spans))))
    at_s = float(moments_s[np.argmax(np.where(belongs == most, of_worst, -1.0))])
    names = tuple(landmark.NAMES[joints[i]] for i in worst)
    phase, (start_s, end_s) = [*spans.items()][most]
    thirds = PULL if phase == "lift_off" and "knee_pass" not in spans else WORDS[phase]
    share = (at_s - start_s) / max(end_s - start_s, 1e-6)
    third = min(max(int(3 * share), 0), 2)
    return Why(joints=names, phase=phase, at_s=at_s, text=join_texts(", ", joint_words(names, clear), thirds[third]))


def joint_words(names: Sequence[str], clear: int = MOST_JOINTS) -> str:
    """Return everyday words for up to two regions of landmarks: "left knee and head", or "knees" for both sides.

    Args:
        names: Names of landmarks, the most important first.
        clear: Number of landmarks whose regions are named. Later landmarks only make a region plural.
    """
    called = [_called(name) for name in names]
    both = {name for side, name in called if ("right" if side == "left" else "left", name) in called}
    words = [_PAIRS.get(name, f"{name}s") if name in both else f"{side} {name}".strip() for side, name in called]
    parts = [_PARTS.get(name, name) for _, name in called]
    other = next((text for text, part in zip(words[:clear], parts, strict=False) if part != parts[0]), "")
    return Message("{text} and {text2}", text=words[0], text2=other) if other else words[0]


def _called(landmark_name: str) -> tuple[str, str]:
    side, _, name = landmark_name.partition("_") if "_" in landmark_name else ("", "", landmark_name)
    return side, _CALLED.get(name, name)
