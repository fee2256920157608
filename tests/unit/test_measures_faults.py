"""Which measures show which fault, and how severe it is: the tables in configs/faults, and their rule."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.config import exercise, read_yaml
from livecoach.core.config.paths import configs_dir
from livecoach.core.errors import ConfigError
from livecoach.decisions.rep.measures import FaultTable, NamedFault, Sign, faults, load_faults
from livecoach.decisions.rep.phases import KINDS

MORE = Sign(measure="bar_offset", side="more", by="difference", smallest=0.1)
LESS = Sign(measure="lift_off_knee_angle_deg", side="less", by="difference", smallest=12.0)
HALF = Sign(measure="descent_time_s", side="less", by="factor", smallest=0.5)


def a_fault(told_by: str, *signs: Sign) -> NamedFault:
    return NamedFault(cue="bar close", words="bar away from you", min_fps=0, told_by=told_by, signs=signs)


@pytest.mark.parametrize(
    ("sign", "value", "severity"),
    [
        (MORE, 0.15, 0.0),  # within the margin
        (MORE, 0.20, 0.0),  # at it
        (MORE, 0.30, 0.5),  # at two
        (MORE, 0.40, 1.0),  # at three
        (MORE, 0.90, 1.0),
        (MORE, -0.9, 0.0),  # the other side is no fault
        (LESS, 76.1, 0.5),
        (LESS, 64.1, 1.0),
        (HALF, 0.05, 0.0),
        (HALF, 0.025, 0.5),
        (HALF, 0.0125, 1.0),
    ],
)
def test_severity_is_nothing_at_the_margin_and_whole_at_three(sign, value, severity):
    """On the side where the fault is; times and ratios by how many times less they are."""
    good = {"bar_offset": 0.1, "lift_off_knee_angle_deg": 100.1, "descent_time_s": 0.1}[sign.measure]
    assert sign.severity(value, good, 0.0) == pytest.approx(severity, abs=1e-9)


def test_margin_is_three_spreads_where_good_reps_differ_more_than_is_worth_saying():
    assert MORE.severity(0.25, 0.1, 0.05) == 0
    assert MORE.severity(0.40, 0.1, 0.05) == pytest.approx(0.5)


@given(value=st.floats(-1, 3), more=st.floats(0, 1), good=st.floats(-1, 1), spread=st.floats(0, 0.3))
def test_severity_never_falls_when_the_measure_goes_on(value, more, good, spread):
    first, second = MORE.severity(value, good, spread), MORE.severity(value + more, good, spread)
    assert 0 <= first <= second <= 1


def test_limit_is_past_or_not():
    """A pause under 80 ms is short whatever the lifter's usual one."""
    pause = Sign(measure="floor_pause_s", side="less", by="limit", smallest=0.08)
    assert [pause.severity(value, 0.3, 0.0) for value in (0.0, 0.07, 0.08, 0.5)] == [1, 1, 0, 0]
    assert math.isnan(pause.severity(math.nan, 0.3, 0.0))


def test_what_could_not_be_measured_is_no_fault_and_no_good_rep():
    """Neither a value nor a reference that is unknown gives a severity."""
    assert math.isnan(MORE.severity(math.nan, 0.1, 0.0))
    assert math.isnan(MORE.severity(0.1, math.nan, 0.0))
    assert math.isnan(a_fault("any", MORE).severity({}, {"bar_offset": 0.1}, {}))


@pytest.mark.parametrize(
    ("told_by", "both", "one_unknown"), [("any", 0.5, 0.25), ("all", 0.25, math.nan), ("first", 0.5, 0.25)]
)
def test_signs_are_put_together_as_the_table_says(told_by, both, one_unknown):
    """The worst of them, the least of all, or the first that is known."""
    fault = a_fault(told_by, MORE, LESS)
    good = {"bar_offset": 0.1, "lift_off_knee_angle_deg": 100.0}
    values = {"bar_offset": 0.3, "lift_off_knee_angle_deg": 82.0}
    assert fault.severity(values, good, {}) == pytest.approx(both)
    unknown = fault.severity(values | {"bar_offset": math.nan}, good, {})
    assert unknown == pytest.approx(one_unknown, nan_ok=True)


@pytest.mark.parametrize("name", exercise.names())
def test_every_exercise_has_its_faults(name):
    """Each with a short cue and a drill; a rep goes up first in the table where it rests at the bottom."""
    table = load_faults(name)
    for fault in table.faults.values():
        assert 1 <= len(fault.cue.split()) <= 5
        assert fault.drill is not None
        assert fault.drill.endswith(".")
        assert fault.drill.count(".") == 1
    assert KINDS[table.travel].up_first == (exercise.load(name).reps.rest == "down")


def test_names_are_those_of_the_coach():
    """The keys are what users, files and the synthetic lifter say."""
    assert set(load_faults("deadlift").faults) == {
        *("rounded_back", "hips_early", "bar_drift", "knee_dominant", "stiff_legged", "soft_lockout", "hyperextension"),
        *("hitch", "jerky", "bent_arms", "uneven_bar", "knee_cave", "heel_lift", "dropped", "bounced", "stance_shift"),
    }
    assert set(load_faults("squat").faults) == {
        *("shallow", "good_morning", "forward_lean", "knee_cave", "knees_forward", "heel_lift", "lateral_shift"),
        *("uneven_bar", "butt_wink", "rushed"),
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("measure: bar_offset", "measure: bar_ofset", "measure 'bar_ofset': unknown. There are:"),
        ("smallest: 0.85", "smallest: 1.15", "expected between 0 and 1 for a factor of less"),
        (
            "signs:\n      - {measure: bar_offset, side: more, by: difference, smallest: 0.10} # torso\n",
            "signs: []\n",
            "faults.bar_drift: signs: expected one or more",
        ),
        ("drill: Lower 5", f"drill: {91 * 'x'} 5", "faults.dropped.drill: should have at most 90 characters"),
        ("told_by: any", "told_by: some", "should be 'any', 'all' or 'first'"),
        ("travel: bar", "travel: knee", "should be 'bar', 'hips'"),
        (
            "{measure: top_hip_angle_deg, side: less, by: difference, smallest: 10.0}",
            "{measure: top_hip_angle_deg, side: less, by: factor, smallest: 0.9}",
            "measure top_hip_angle_deg is set by difference and by factor",
        ),
    ],
)
def test_wrong_table_is_reported_in_one_line(tmp_path, old, new, said):
    text = (configs_dir() / "faults" / "deadlift.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "deadlift.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_yaml(path, FaultTable)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_table_of_another_exercise_is_refused(tmp_path, monkeypatch):
    """A copied file must be renamed inside too; a missing one is reported."""
    text = (configs_dir() / "faults" / "deadlift.yaml").read_text(encoding="utf-8")
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "kettle.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(faults, "configs_dir", lambda: tmp_path)
    with pytest.raises(ConfigError, match="expected 'kettle'"):
        load_faults("kettle")
    with pytest.raises(ConfigError, match="bench"):
        load_faults("bench")
