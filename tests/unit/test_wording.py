"""Faults in words and in people's units."""

import math
import re

import pytest

from livecoach.form.measures import MEASURES, load_faults
from livecoach.form.wording import explain


@pytest.mark.parametrize(
    ("words", "measure", "value", "ref", "line"),
    [
        ("hips rose first", "trunk_change_to_knee_pass_deg", 11.2, 2.1, "hips rose first: +11°, yours +2°"),
        ("hips rose first", "trunk_change_to_knee_pass_deg", 8.0, -3.0, "hips rose first: +8°, yours -3°"),
        ("hips rose first", "rise_ratio_by_bar", 1.52, 1.08, "hips rose first: 1.5 times the chest, yours 1.1"),
        ("arms bent", "pull_elbow_angle_deg", 148.2, 172.0, "arms bent: 148°, yours 172°"),
        ("went down too fast", "descent_time_s", 0.62, 1.5, "went down too fast: 0.6 s, yours 1.5 s"),
        ("bounced off the floor", "floor_pause_s", 0.04, 0.3, "bounced off the floor: 0.04 s, yours 0.30 s"),
        ("knees came in", "knee_width_over_lift", 0.7, 1.0, "knees came in: 30% narrower than yours"),
        ("lowered too fast", "lowering_to_lifting_time", 0.3, 0.9, "lowered too fast: 3.0 times as fast as yours"),
        ("uneven pull", "spectral_arc_length", -4.0, -2.0, "uneven pull: less smooth than yours"),
        ("back rounded", "dorsal_sagitta", 0.045, 0.025, "back rounded: 1.8 times yours"),
        ("bar sank on the way", "bar_lost", 0.09, 0.0, "bar sank on the way: more than yours"),
        ("knees far forward", "knees_past_toes", 0.2, -0.1, "knees far forward: more than yours"),
    ],
)
def test_a_fault_is_told_against_ones_own(words: str, measure: str, value: float, ref: float, line: str) -> None:
    """What it was, and what it should be: degrees, seconds, times; no torso lengths."""
    assert explain(words, measure, value, ref, MEASURES[measure].unit) == line


@pytest.mark.parametrize(
    ("measure", "value", "ref", "line"),
    [
        ("bar_offset", 0.3, 0.1, "so: 15 cm, yours 5 cm"),
        ("dorsal_sagitta", 0.045, 0.025, "so: 2.2 cm, yours 1.2 cm"),
        ("bar_offset", 0.15, -0.05, "so: 10 cm more than yours"),
        ("bottom_hip_height", 0.2, -0.05, "so: 11 cm more than yours"),
        ("hand_height_difference", 0.2, 0.05, "so: 7 cm, yours 2 cm"),
    ],
)
def test_distances_are_centimetres_once_the_height_is_known(measure: str, value: float, ref: float, line: str) -> None:
    """A torso is .27 of the stature; where the usual lies on the other side, the difference is told."""
    assert explain("so", measure, value, ref, MEASURES[measure].unit, height_cm=180) == line


def test_against_the_population_it_is_the_usual() -> None:
    """Without a reference of one's own nothing is "yours"."""
    assert explain("arms bent", "pull_elbow_angle_deg", 148, 172, "deg", own=False) == "arms bent: 148°, usual 172°"
    assert explain("back rounded", "dorsal_sagitta", 0.04, 0.02, "torso", own=False) == (
        "back rounded: 2.0 times the usual"
    )


def test_with_nothing_to_set_it_against_the_words_stand_alone() -> None:
    """No number is made up."""
    assert explain("arms bent", "pull_elbow_angle_deg", 148, math.nan, "deg") == "arms bent"


def test_a_measure_that_is_not_known_is_told_by_its_unit() -> None:
    """A new measure needs no words of its own."""
    assert explain("so", "new_angle", 20, 10, "deg") == "so: 20°, yours 10°"
    assert explain("so", "new_acceleration", 20, 10, "torso/s²") == "so: more than yours"


@pytest.mark.parametrize("height_cm", [None, 180.0])
@pytest.mark.parametrize("exercise", ["deadlift", "squat"])
def test_every_shipped_fault_is_told_in_one_short_line(exercise: str, height_cm: float | None) -> None:
    """At a value past its limit: at most 50 characters, and no unit that nobody uses."""
    for fault in load_faults(exercise).faults.values():
        for sign in fault.signs:
            ref = {"deg": 100.0, "torso": 0.1, "s": 1.0}.get(MEASURES[sign.measure].unit, 1.0)
            value = ref * 1.6 if sign.side == "more" else ref * 0.4
            line = explain(fault.words, sign.measure, value, ref, MEASURES[sign.measure].unit, height_cm=height_cm)
            assert line.startswith(f"{fault.words}: ")
            assert len(line) <= 50
            assert not re.search("torso|nan|thigh|shoulder", line)
