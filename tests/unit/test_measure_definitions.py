"""Each measure of a rep by its plain definition, computed a second time with NumPy's own functions.

The verdicts' limits were fitted to these measures. Phases, the back's edge and the heel have their own tests.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from builders.lift_motions import a_lunge_rep
from builders.rep_motions import a_deadlift_rep, a_squat_rep

from livecoach.core import landmark
from livecoach.decisions.rep.measures.measure_table import MEASURES
from livecoach.decisions.rep.motion import RepMotion

FPS = 30
HELD = 3  # frames: a tenth of a second
OF_PIXELS = {"dorsal_sagitta", "pelvic_tuck", "seen_heel_rise"}


def noisy(rep: RepMotion, seed: int, **changes: object) -> RepMotion:
    """The rep with noise in each landmark and a plate, before the end of a longer film."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 0.01, rep.points.shape)
    plate = np.stack([300 - 200 * rep.points[:, landmark.WRISTS[0], 2], 90 + rng.normal(0, 2, len(rep.t_s))], 1)
    plate[::7] = math.nan
    return replace(rep, points=rep.points + noise, plate=plate, inside=slice(rep.inside.start, -4), **changes)


def forward_deg(vectors: np.ndarray) -> np.ndarray:
    return np.degrees(np.arctan2(vectors[:, 0], vectors[:, 2]))


def length(vectors: np.ndarray) -> np.ndarray:
    return np.linalg.norm(vectors, axis=-1)


def smooth(curve: np.ndarray, frames: int = 5) -> np.ndarray:
    """Return the mean over frames around each: of five, .15 s."""
    return np.array([curve[max(k - frames // 2, 0) : k + frames // 2 + 1].mean() for k in range(len(curve))])


def speed(curve: np.ndarray) -> np.ndarray:
    inner = (curve[2:] - curve[:-2]) * FPS / 2
    return np.concatenate([inner[:1], inner, inner[-1:]])


def around(curve: np.ndarray, frame: float) -> float:
    """Return the mean of a frame, which may lie between two, and its neighbours."""
    frames = np.clip([frame - 1, frame, frame + 1], 0, len(curve) - 1)
    return float(np.interp(frames, np.arange(len(curve)), curve).mean())


def most(curve: np.ndarray) -> float:
    """Return the largest value that is held for three frames."""
    return max(min(curve[k : k + HELD]) for k in range(len(curve) - HELD + 1))


def least(curve: np.ndarray) -> float:
    return -most(-curve)


def reached(curve: np.ndarray, level: float, first: int, last: int) -> float:
    """Return the frame, interpolated, at which a curve first reaches a level between two frames."""
    at = next(k for k in range(first, last + 1) if curve[k] >= level)
    return at - 1 + (level - curve[at - 1]) / (curve[at] - curve[at - 1])


class Plain:
    """The curves of a rep of which the measures are taken."""

    def __init__(self, rep: RepMotion) -> None:
        points, self.rep, self.phases = rep.points, rep, rep.phases
        pairs = {"S": "SHOULDERS", "H": "HIPS", "K": "KNEES", "A": "ANKLES", "W": "WRISTS", "T": "TOES", "L": "HEELS"}
        self.sides = {letter: points[:, list(getattr(landmark, name))] for letter, name in pairs.items()}
        self.middle = {letter: both.mean(1) for letter, both in self.sides.items()}
        self.height = {letter: smooth(self.middle[letter][:, 2]) / rep.torso_length for letter in "SHKW"}
        self.lean = forward_deg(self.middle["S"] - self.middle["H"])
        thigh, shin = (forward_deg(self.middle[a] - self.middle[b]) for a, b in ("HK", "KA"))
        self.hip, self.knee = 180 - self.lean + thigh, 180 - shin + thigh
        elbows = points[:, list(landmark.ELBOWS)]
        up, down = self.sides["S"] - elbows, self.sides["W"] - elbows
        self.elbow = np.degrees(np.arccos((up * down).sum(-1) / length(up) / length(down)))
        self.thigh = length(self.sides["H"] - self.sides["K"])
        first, last = self.phases.ascent
        self.ascent, self.lasts_s = slice(first, last + 1), (last - first) / FPS
        self.whole = slice(min(first, self.phases.descent[0]), max(last, self.phases.descent[1]) + 1)
        self.top = slice(self.phases.top[0] - HELD, self.phases.top[1] + HELD + 1)
        self.ahead = (self.middle["W"] - (self.middle["L"] + self.middle["T"]) / 2)[:, 0] / rep.torso_length

    def early(self, joint: str) -> float:
        """Return the frame at which a joint has done 40 % of its rise."""
        height, (first, last) = self.height[joint], self.phases.ascent
        return reached(height, height[first] + 0.4 * (height[last] - height[first]), first, last)

    def rise_ratio(self, joint: str) -> float:
        first, at = self.phases.ascent[0], self.early(joint)
        frames = np.arange(len(self.lean))
        hips, shoulders = (np.interp(at, frames, self.height[of]) - self.height[of][first] for of in "HS")
        return max(hips, 0.02) / max(shoulders, 0.02)

    def tipped(self, frame: float) -> float:
        return around(self.lean, frame) - around(self.lean, self.phases.ascent[0])

    def heel_rise(self, standing: slice) -> float:
        rise = (self.sides["L"] - self.sides["T"])[..., 2] / self.rep.torso_length
        return max(most((side - np.median(side[standing]))[self.whole]) for side in rise.T)

    def at_turn(self, a: str, b: str, axis: int) -> float:
        return around((self.middle[a] - self.middle[b])[:, axis], self.phases.turn)

    def width(self, joint: str) -> np.ndarray:
        return -np.diff(self.sides[joint][..., 1])[:, 0]

    def ways(self) -> dict[str, float]:
        """Measures of every rep."""
        first, turn = self.phases.ascent[0], self.phases.turn
        stood = slice(max(self.phases.descent[0] - FPS // 2, 0), self.phases.descent[0] + 1)
        apart, tilt = length(self.sides["S"][:, 0] - self.sides["S"][:, 1]), -np.diff(self.sides["W"][..., 2])[:, 0]
        ends = np.percentile(tilt[self.whole], (10, 90))
        ankles_x = self.sides["A"][..., 0]
        step = around(ankles_x[:, 0] - ankles_x[:, 1], turn)
        front = 0 if step >= 0 else 1
        knee, ankle, toe = (self.sides[letter][:, front] for letter in "KAT")
        hips_up = self.middle["H"][:, 2] - self.sides["A"][..., 2].min(1)
        widths = self.width("K") / self.width("A")
        descent_s = (self.phases.descent[1] - self.phases.descent[0]) / FPS
        return {
            "most_trunk_lean_deg": most(self.lean[self.whole]),
            "least_trunk_lean_deg": least(self.lean[self.whole]),
            "bottom_hip_angle_deg": around(self.hip, turn),
            "top_hip_angle_deg": most(self.hip[self.top]),
            "top_knee_angle_deg": most(self.knee[self.top]),
            "standing_hip_angle_deg": most(self.hip[: self.rep.inside.stop]),
            "lift_off_knee_angle_deg": around(self.knee, first),
            "bottom_knee_angle_deg": around(self.knee, turn),
            "least_knee_angle_deg": least(self.knee[self.whole]),
            "drive_knee_angle_deg": least(self.knee[max(first - FPS // 2, 0) : self.ascent.stop]),
            "top_elbow_angle_deg": most(self.elbow[self.top].min(1)),
            "bar_offset": most(self.ahead[self.whole]),
            "top_bar_offset": np.median(self.ahead[self.top]),
            "heel_rise_deadlift": self.heel_rise(slice(self.phases.top[0], self.phases.top[1] + 1)),
            "heel_rise_squat": self.heel_rise(stood),
            "hand_height_difference": max(ends, key=abs) / np.median(apart[self.whole]),
            "knee_width_over_lift": least(widths[self.whole]),
            "knee_width_over_ascent": least(widths[self.ascent]),
            "bottom_hip_height": self.at_turn("H", "K", 2) / self.thigh.mean(),
            "knees_past_toes": self.at_turn("K", "T", 0) / self.thigh.mean(),
            "bottom_hip_shift": self.at_turn("H", "A", 1) / np.median(self.width("H")),
            "bottom_hip_share": around(hips_up, turn) / around(hips_up, self.phases.descent[0]),
            "front_knee_past_toes": around((knee - toe)[:, 0], turn) / np.median(self.thigh[:, front]),
            "front_knee_inwards": (2 * front - 1)
            * around((knee - ankle)[:, 1], turn)
            / np.median(self.thigh[:, front]),
            "step_length": abs(step) / self.rep.torso_length,
            "descent_time_s": descent_s,
            "lowering_to_lifting_ratio": descent_s / self.lasts_s,
            **self.of_the_ascent(),
        }

    def of_the_ascent(self) -> dict[str, float]:
        """Its smoothness after Balasubramanian and others: SPARC and LDLJ of the bar's speed."""
        bar_speed = speed(self.height["W"])[self.ascent]
        padded = 16 * 2 ** math.ceil(math.log2(len(bar_speed)))
        spectrum = np.abs(np.fft.fft(bar_speed, padded))[: padded // 2 + 1]
        hertz = np.arange(len(spectrum)) / padded * (len(bar_speed) - 1) / self.lasts_s
        size = spectrum[hertz <= 10] / spectrum.max()
        size = size[: np.flatnonzero(size >= 0.05).max() + 1]
        jerk = np.diff(bar_speed, 2) * FPS**2
        return {
            "rise_ratio_by_hips": self.rise_ratio("H"),
            "trunk_change_early_ascent_deg": self.tipped(self.early("H")),
            "spectral_arc_length": -length(
                np.stack([np.full(len(size) - 1, 1 / (len(size) - 1)), np.diff(size)], 1)
            ).sum(),
            "log_dimensionless_jerk": -math.log(self.lasts_s**3 / bar_speed.max() ** 2 * (jerk**2).sum() / FPS),
        }

    def lacks(self, joint: str) -> float:
        height, (first, last) = smooth(self.middle[joint][:, 2], 9), self.phases.ascent  # .3 s
        first = max(first, self.rep.inside.start - round(0.2 * FPS))
        rise = height[last] - height[first]
        rises = [k for k in range(first, last + 1) if 0.05 * rise <= height[k] - height[first]]
        while height[rises[-1]] - height[first] > 0.95 * rise:
            rises.pop()
        ups = speed(height)[rises]
        return np.mean([min(ups[: k + 1].max(), ups[k:].max()) - up for k, up in enumerate(ups)]) * self.lasts_s / rise

    def pull(self) -> dict[str, float]:
        """Measures of a bar that comes from the floor past the knees."""
        (first, last), bar = self.phases.ascent, self.height["W"]
        knee_pass = reached(bar - self.height["K"], 0.0, first, last)
        past_knees, above = slice(first, math.ceil(knee_pass) + 1), bar[math.ceil(knee_pass) : last + 1]
        opens = [around(self.knee, frame) for frame in (first, self.early("W"), last)]
        near = range(first - 9, first + 10)  # .3 s
        plate = self.rep.plate
        assert plate is not None
        rep_plate = plate[self.rep.inside]
        cm = 45 / np.nanmedian(rep_plate[:, 1])
        lowest, highest = (
            np.nanmean(np.sort(plate[:, 0])[:5]),
            np.sort(rep_plate[np.isfinite(rep_plate[:, 0]), 0])[-5:].mean(),
        )
        return {
            "stalling": 0.1 + min(self.lacks("S"), self.lacks("W")),
            "trunk_change_to_knee_pass_deg": self.tipped(knee_pass),
            "rise_ratio_by_bar": self.rise_ratio("W"),
            "knee_opening_share": (opens[1] - opens[0]) / (opens[2] - opens[0]),
            "pull_elbow_angle_deg": self.elbow[past_knees].mean(0).min(),
            "bar_lost": most(np.maximum.accumulate(above) - above),
            "lowered_bar_height": around((self.middle["W"] - self.middle["S"])[:, 2], self.phases.descent[1])
            / self.rep.torso_length,
            "plate_top_cm": cm * highest,
            "plate_travel_cm": cm * (highest - lowest),
            "floor_acceleration": max(bar[k - HELD] - 2 * bar[k] + bar[k + HELD] for k in near) * 100,
        }


DEADLIFT = noisy(a_deadlift_rep(before_s=0.8, dip=0.1, up_s=1.5, tilt=0.2, left_elbow_deg=150.0, heel_up=0.05), 1)
OTHERS = {
    "squat": noisy(a_squat_rep(heel_up=0.1, hips_aside=-0.3, tilt=-0.2), 3),
    "lunge, left leg in front": noisy(a_lunge_rep(step_m=0.7, knee_in_m=0.1, knee_forward_m=0.05), 4),
    "lunge, right leg in front": noisy(a_lunge_rep(step_m=-0.7, knee_forward_m=0.05), 5),
}


def found_in(rep: RepMotion, names: set[str]) -> dict[str, float]:
    return {name: MEASURES[name].compute(rep) for name in names}


def test_each_measure_of_a_pull_is_what_its_definition_says():
    expected = Plain(DEADLIFT).ways() | Plain(DEADLIFT).pull()
    assert {*MEASURES} - {*expected} == OF_PIXELS | {"floor_pause_s", "ankle_displacement"}
    assert found_in(DEADLIFT, {*expected}) == pytest.approx(expected)


@pytest.mark.parametrize("rep", OTHERS.values(), ids=OTHERS)
def test_each_measure_of_a_rep_that_goes_down_first_is_what_its_definition_says(rep):
    expected = Plain(rep).ways()
    assert found_in(rep, {*expected}) == pytest.approx(expected)
