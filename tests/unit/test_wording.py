"""Faults in words and in people's units."""

import math
import re
from pathlib import Path
from typing import NamedTuple, get_args

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from livecoach.core import language
from livecoach.core.documents import Event, RepEvent, SetEndEvent
from livecoach.decisions.judging.fault_model import PLATE_MEASURES
from livecoach.decisions.judging.wording import LEAST_WIDTH, ComparedReps, explain_difference
from livecoach.decisions.rep.measures import MEASURES, FaultSign, load_faults
from livecoach.records.session.amending import find_fault


@pytest.mark.parametrize(
    ("words", "measure", "value", "ref", "line"),
    [
        ("hips rose first", "trunk_change_to_knee_pass_deg", 11.2, 2.1, "chest tipped 11°, your good reps 2°"),
        ("hips rose first", "trunk_change_to_knee_pass_deg", 8.0, -3.0, "chest 8° down, your good reps 3° up"),
        ("hips rose first", "trunk_change_to_knee_pass_deg", -8.0, 1.0, "chest 8° up, your good reps 1° down"),
        ("arms bent", "pull_elbow_angle_deg", 148.2, 172.0, "elbows 148°, your good reps 172°"),
        ("leant forward", "most_trunk_lean_deg", 52.0, 41.0, "52°, your good reps 41°"),
        ("not deep enough", "bottom_knee_angle_deg", 95.0, 80.0, "knees bent 15° less than in your good reps"),
        ("leant back at the top", "top_hip_angle_deg", 195.0, 178.0, "17° farther than in your good reps"),
        ("not straight at the top", "top_hip_angle_deg", 160.0, 182.0, "hips 160°, your good reps 180°"),
        ("went down too fast", "descent_time_s", 0.62, 1.5, "0.6 s, your good reps 1.5 s"),
        ("went down too fast", "descent_time_s", 0.41, 0.48, "0.41 s, your good reps 0.48 s"),
        ("went down too fast", "descent_time_s", 0.4, 0.6, "0.4 s, your good reps 0.6 s"),
        ("bounced off the floor", "floor_pause_s", 0.04, 0.3, "0.04 s of rest, your good reps 0.30 s"),
        ("bounced off the floor", "floor_acceleration", 10.0, 4.0, "2.5 times as hard as in your good reps"),
        ("bounced off the floor", "floor_acceleration", 10.0, -0.1, "about 4.6 m/s², your good reps 0.0 m/s²"),
        ("knees came in", "knee_width_over_lift", 0.8, 1.0, "20 % narrower than in your good reps"),
        ("lowered too fast", "lowering_to_lifting_ratio", 0.6, 0.9, "60 % of the pull's time, your good reps 90 %"),
        ("went down too fast", "descent_time_s", 0.98, 1.02, "0.98 s, your good reps 1.02 s"),
        ("bar dipped", "bar_lost", 0.13, 0.02, "about 6 cm, your good reps 1 cm"),  # of somebody of 170 cm
        ("not deep enough", "bottom_hip_height", 0.2, 0.0, "hips about 8 cm higher than in your good reps"),
        ("pulled unevenly", "spectral_arc_length", -2.5, -2.0, "20 % less smooth than in your good reps"),
        ("pulled unevenly", "spectral_arc_length", -2.024, -2.0, "1 % less smooth than in your good reps"),
        ("pulled unevenly", "log_dimensionless_jerk", -7.0, -6.0, "65 % more jerk than in your good reps"),
        ("pulled unevenly", "log_dimensionless_jerk", -8.0, -6.0, "2.7 times the jerk of your good reps"),
        ("pulled unevenly", "log_dimensionless_jerk", -60.0, -6.0, "over 10 times the jerk of your good reps"),
    ],
)
def test_a_fault_is_worded_against_ones_own_good_reps(words, measure, value, ref, line):
    assert explain_difference(words, measure, value, ref) == f"{words}: {line}"


@pytest.mark.parametrize(
    ("measure", "value", "ref", "line"),
    [
        ("bar_lost", 0.13, 0.02, "6 cm, your good reps 1 cm"),
        ("bar_lost", 0.03, 0.0, "1.5 cm, your good reps 0.0 cm"),
        ("bar_offset", 0.3, 0.1, "10 cm farther than in your good reps"),
        ("bar_offset", 0.15, -0.05, "10 cm farther than in your good reps"),
        ("dorsal_sagitta", 0.045, 0.025, "1.0 cm rounder than in your good reps"),
        ("bottom_hip_height", 0.2, -0.05, "hips 11 cm higher than in your good reps"),
        ("knees_past_toes", 0.2, -0.1, "13 cm farther than in your good reps"),
        ("heel_rise_squat", 0.1, -0.02, "6 cm higher than in your good reps"),
        ("hand_height_difference", 0.2, 0.05, "7 cm, your good reps 2 cm"),
        ("hand_height_difference", -0.2, -0.05, "7 cm, your good reps 2 cm"),
        ("hand_height_difference", -0.2, 0.05, "one hand 9 cm lower than in your good reps"),
        ("hand_height_difference", 0.05, 0.2, "one hand 5 cm lower than in your good reps"),
        ("bottom_hip_shift", 0.3, 0.05, "7 cm, your good reps 1 cm"),
        ("bottom_hip_shift", -0.3, 0.05, "8 cm from where your good reps are"),
    ],
)
def test_distances_are_worded_in_centimetres(measure: str, value: float, ref: float, line: str) -> None:
    """By the stature; a value without a natural zero, or on its other side, is worded by its difference."""
    assert explain_difference("so", measure, value, ref, height_cm=180) == f"so: {line}"


@pytest.mark.parametrize(
    ("measure", "value", "ref"),
    [
        ("rise_ratio_by_bar", 1.52, 1.08),
        ("rise_ratio_by_hips", 1.52, 1.08),
        ("stalling", 0.5, 0.1),
        ("knee_width_over_lift", 0.25, 1.0),
        ("spectral_arc_length", -1.5, 0.0),
        ("pull_elbow_angle_deg", 148.0, math.nan),  # nothing to set it against
    ],
)
def test_a_number_that_would_mislead_is_left_out_of_the_wording(measure: str, value: float, ref: float) -> None:
    """One that nobody can picture, or a ratio to nearly nothing: the words stand alone."""
    assert explain_difference("so", measure, value, ref) == "so"


class WordedSign(NamedTuple):
    """A sign of a fault, and its explanation."""

    words: str
    sign: FaultSign


SIGNS = [
    WordedSign(fault.words, sign)
    for exercise in ("deadlift", "squat")
    for fault in load_faults(exercise).faults.values()
    for sign in fault.signs
    if not sign.measure.startswith(("rise_ratio", "stalling"))
]
USUAL = {
    "spectral_arc_length": (-6.0, -1.5),
    "log_dimensionless_jerk": (-12.0, -3.0),
    "trunk_change_to_knee_pass_deg": (-15.0, 15.0),
    "trunk_change_early_ascent_deg": (-15.0, 15.0),
    "most_trunk_lean_deg": (0.0, 80.0),
    "bar_offset": (-0.2, 0.4),
    "bar_lost": (0.0, 0.1),
    "dorsal_sagitta": (-0.05, 0.08),
    "pelvic_tuck": (-0.03, 0.05),
    "heel_rise_deadlift": (-0.05, 0.1),
    "heel_rise_squat": (-0.05, 0.1),
    "seen_heel_rise": (-0.02, 0.05),
    "ankle_displacement": (0.0, 0.1),
    "hand_height_difference": (-0.4, 0.4),
    "bottom_hip_shift": (-0.6, 0.6),
    "bottom_hip_height": (-0.4, 0.5),
    "knees_past_toes": (-0.3, 0.5),
    "floor_acceleration": (0.5, 15.0),
    "floor_pause_s": (0.05, 3.0),
}
"""Measure → from what to what the usual value of a lifter lies."""
BY_UNIT = {"deg": (60.0, 185.0), "cm": (30.0, 60.0), "s": (0.2, 5.0), "1": (0.3, 3.0)}
MOST = {"deg": 60.0, "cm": 20.0, "torso": 0.5, "1": 1.0, "s": 2.0, "torso/s²": 20.0}
"""Unit → by what a fault is off at the most."""
LEAST = {"deg": 3.0, "cm": 2.0, "torso": 0.01, "1": 0.05, "s": 0.1, "torso/s²": 1.0}
"""What a sign that has no smallest difference is off by at the least, as the spread of good reps makes it."""
SENSE = {
    ("bottom_knee_angle_deg", "more"): "less",
    ("spectral_arc_length", "less"): "less smooth",
    ("log_dimensionless_jerk", "less"): "more jerk|times",
    ("knee_width_over_lift", "less"): "narrower",
    ("knee_width_over_ascent", "less"): "narrower",
    ("floor_acceleration", "more"): "times",
    ("dorsal_sagitta", "more"): "rounder",
    ("pelvic_tuck", "more"): "rounder",
    ("bar_offset", "more"): "farther",
    ("knees_past_toes", "more"): "farther",
    ("top_hip_angle_deg", "more"): "farther",
    ("standing_hip_angle_deg", "more"): "farther",
    ("bottom_hip_height", "more"): "higher",
    ("heel_rise_squat", "more"): "higher",
    ("seen_heel_rise", "more"): "higher",
    ("heel_rise_deadlift", "more"): "higher",
    ("hand_height_difference", "either"): "lower",
    ("bottom_hip_shift", "either"): "from where",
    ("plate_travel_cm", "less"): "lower",
    ("plate_top_cm", "less"): "lower",
}
"""Measure and the side of its fault → the direction that a difference is worded with."""


@st.composite
def faults(draw: st.DrawFn) -> tuple[WordedSign, float, float]:
    """A sign, and a value on the fault's side of a usual one."""
    told = draw(st.sampled_from(SIGNS))
    sign, unit = told.sign, MEASURES[told.sign.measure].unit
    ref = draw(st.floats(*USUAL.get(sign.measure, BY_UNIT.get(unit, (0.0, 0.0)))))
    upwards = sign.side == "more" or (sign.side == "either" and draw(st.booleans()))
    if sign.by == "factor":
        least = sign.smallest if upwards else 1 / sign.smallest
        factor = draw(st.floats(least, 20 * least))
        return told, ref * factor if upwards else ref / factor, ref
    if sign.by == "limit":
        return told, draw(st.floats(0.0, 0.9)) * min(ref, sign.smallest), ref
    off = draw(st.floats(max(sign.smallest, LEAST[unit]), max(MOST[unit], 2 * sign.smallest)))
    return told, ref + off if upwards else ref - off, ref


@given(faults(), st.sampled_from([None, 150.0, 200.0]))
@example((next(worded for worded in SIGNS if worded.sign.measure == "plate_travel_cm"), 40.0, 50.0), None)
def test_every_fault_is_worded_with_a_number_and_a_direction(fault, height_cm):
    """Whatever it was and should have been: no "more than yours", never the other way, and no unit that nobody uses."""
    (words, sign), value, ref = fault
    assume(not sign.measure.startswith("knee_width") or min(value, ref) >= LEAST_WIDTH)
    line = explain_difference(words, sign.measure, value, ref, height_cm=height_cm)
    told = line.removeprefix(f"{words}: ")
    assert told != line
    assert re.search(r"\d", told)
    assert not re.search("yours|torso|nan|inf|thigh|-", told)
    assert "your good reps" in told
    is_guess = height_cm is None and sign.measure not in PLATE_MEASURES  # a plate is a measure by itself
    assert ("about" in told) is (is_guess and "cm" in told)
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", told)]
    if re.search(SENSE.get((sign.measure, sign.side), "$^"), told):
        assert len(numbers) == 1
        assert sign.by == "factor" or numbers[0] > 0
    elif "chest" in told and "times" not in told:
        up = [-1 if "up" in part else 1 for part in told.split(",")]
        assert numbers[0] * up[0] > numbers[1] * up[1]
    else:
        first, second = numbers
        assert first < second if sign.side == "less" else first > second


@pytest.mark.parametrize("height_cm", [None, 180.0])
def test_every_fault_is_worded_in_one_short_line(height_cm: float | None) -> None:
    lines = []
    for words, sign in SIGNS:
        ref = {"deg": 100.0, "torso": 0.1, "s": 1.0}.get(MEASURES[sign.measure].unit, 1.0)
        ref = -5.0 if sign.measure in ("spectral_arc_length", "log_dimensionless_jerk") else ref
        value = ref * 1.6 if (sign.side == "less") == (ref < 0) else ref * 0.4
        lines.append(explain_difference(words, sign.measure, value, ref, height_cm=height_cm))
    assert max(map(len, lines)) <= 66
    assert sum(len(line) <= 60 for line in lines) >= 0.8 * len(lines)


RECORDED = Path(__file__).parents[1] / "recorded_events"


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_stored_rep_is_described_in_any_language(path) -> None:
    event = TypeAdapter(Event)
    events = [event.validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()]
    reps = [one.rep for one in events if isinstance(one, RepEvent)]
    faults = [fault.text for rep in reps for fault in rep.faults if ": " in fault.text]
    notes = [one.summary.notes for one in events if isinstance(one, SetEndEvent) and one.summary is not None]
    told = {*faults, *(rep.why.text for rep in reps if rep.why), *(note for every in notes for note in every)}
    assert told
    for code in ("de", "es"):
        with language.using_language(code):
            assert {text for text in told if language.translate(text) == text} == set()


@given(
    faults(),
    st.sampled_from(get_args(ComparedReps)),
    st.sampled_from([None, 180.0]),
    st.sampled_from(["de", "es"]),
    st.sampled_from(["metric", "imperial"]),
)
def test_a_stored_text_is_shown_as_the_message_it_was_made_from(fault, reps, height_cm, code, units) -> None:
    """A file has the English text alone: it is read back by the table of ids. None of its words stays English."""
    (words, sign), value, ref = fault
    message = explain_difference(words, sign.measure, value, ref, reps=reps, height_cm=height_cm)
    assert message == words or f"your {reps} reps" in message  # words alone where no number helps
    for shown_in in (code, "en"):
        with language.using_language(shown_in, units):
            assert language.translate(str(message)) == language.translate(message)
            assert shown_in == "en" or "your" not in language.translate(message)


def test_a_fault_is_found_by_its_name_or_by_its_words() -> None:
    given = ("forward_lean", "forward-lean", "forward lean", "leant forward")
    assert {find_fault("squat", one) for one in given} == {"forward_lean"}
