"""Which measures show which fault: the tables in configs/faults."""

import pytest

from livecoach.core.config import exercise, read_yaml
from livecoach.core.config.paths import configs_dir
from livecoach.core.errors import ConfigError
from livecoach.decisions.rep.measures import FaultTable, faults, load_faults
from livecoach.decisions.rep.motion import KINDS


@pytest.mark.parametrize("name", exercise.names())
def test_every_exercise_has_its_faults(name):
    table = load_faults(name)
    for fault in table.faults.values():
        assert 1 <= len(fault.cue.split()) <= 5
        assert fault.drill is not None
        assert fault.drill.endswith(".")
        assert fault.drill.count(".") == 1
    assert KINDS[table.travel].up_first == (exercise.load(name).reps.rest == "down")


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
        (
            "  bar_drift:\n",
            "  bar drift, far:\n",
            "faults: expected names of letters, digits and _, got 'bar drift, far'",
        ),
        ("cue: bar close", 'cue: "bar\\nclose"', "faults.bar_drift.cue: expected a line of text, got 'bar\\nclose'"),
        ("decided_by: any", "decided_by: some", "should be 'any', 'all' or 'first'"),
        ("travel: bar", "travel: knee", "should be 'bar', 'hips'"),
        (
            "{measure: top_hip_angle_deg, side: less, by: difference, smallest: 10.0}",
            "{measure: top_hip_angle_deg, side: less, by: factor, smallest: 0.9}",
            "measure top_hip_angle_deg is set by difference and by factor",
        ),
        ("  hitch:", "  good:", "'good' is the label of reps that are good. Choose another name"),
        ("  hitch:", "  bad:", "'bad' is the label of reps that are bad"),
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


def test_table_that_is_missing_or_of_another_exercise_is_refused(tmp_path, monkeypatch):
    text = (configs_dir() / "faults" / "deadlift.yaml").read_text(encoding="utf-8")
    (tmp_path / "faults").mkdir()
    monkeypatch.setattr(faults, "configs_dir", lambda: tmp_path)
    with pytest.raises(ConfigError, match=r"kettle\.yaml: is missing\. Copy the file of the nearest exercise"):
        faults.load_faults("kettle")
    (tmp_path / "faults" / "kettle.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="expected 'kettle'"):
        load_faults("kettle")
    with pytest.raises(ConfigError, match="bench"):
        load_faults("bench")
