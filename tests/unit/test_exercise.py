"""Exercises as data: the shipped ones load, wrong ones are told with file and line."""

import pytest

from livecoach.core.config import exercise
from livecoach.core.errors import ConfigError
from livecoach.core.language import translate, using_language

TRAVEL = (
    "  travel:\n    hip_angle_deg: [55.0, 165.0]\n    shoulder_height: [0.55, 0.95]\n    wrist_height: [0.25, 0.95]\n"
)
ENDS = ": its values at the bottom and at the top must differ"


@pytest.fixture
def kettle(tmp_path, monkeypatch):
    """Writes an exercise `kettle` made of the deadlift's file with texts replaced."""
    shipped = exercise.folder() / "deadlift.yaml"
    (tmp_path / "exercises").mkdir()
    monkeypatch.setattr(exercise, "configs_dir", lambda: tmp_path)

    def write(*replaced: tuple[str, str]):
        text = shipped.read_text(encoding="utf-8").replace("name: deadlift", "name: kettle")
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "exercises" / "kettle.yaml"
        path.write_text(text, encoding="utf-8")
        before, after = shipped.read_text(encoding="utf-8").split("\n"), text.split("\n")
        changed = [i for i, (a, b) in enumerate(zip(before, after, strict=False), 1) if a != b and "name: " not in a]
        return path, changed[0] if changed else None

    return write


def load_error() -> str:
    with pytest.raises(ConfigError) as caught:
        exercise.load("kettle")
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "told"), [("bench", ("bench_press",)), ("../settings", ("deadlift", "squat")), ("Deadlift", ("deadlift",))]
)
def test_the_error_about_an_unknown_exercise_names_a_similar_exercise_or_all(name, told):
    with pytest.raises(ConfigError) as caught:
        exercise.load(name)
    assert f"exercise {name!r}: unknown" in str(caught.value)
    assert all(known in str(caught.value) for known in told)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("kniebeuge", "squat"),
        ("rdl", "romanian_deadlift"),
        ("bench", "bench_press"),
        ("Bankdruecken", "bench_press"),
        ("OHP", "overhead_press"),
        ("Peso-Muerto", "deadlift"),
        ("ENVION", "clean_and_jerk"),
        ("C&J", "clean_and_jerk"),
        ("reissen", "snatch"),
        ("bench press", "bench_press"),
        ("auto", "auto"),
        ("", ""),
    ],
)
def test_an_exercise_is_found_by_the_names_that_lifters_use(typed, name):
    assert exercise.find_exercise_name(typed) == name


@pytest.mark.parametrize("name", exercise.names())
@pytest.mark.parametrize("language", ["de", "es"])
def test_an_exercise_is_found_by_its_title_in_each_language(name, language):
    with using_language(language):
        assert exercise.find_exercise_name(translate(exercise.load(name).title)) == name


@pytest.mark.parametrize(
    ("replaced", "said"),
    [
        ((TRAVEL, "  travel: {}\n"), "reps.travel"),
        (("hip_angle_deg: [", "hip_angel_deg: ["), "reps.travel.hip_angel_deg"),
        (("hip_angle_deg: [55.0, 165.0]", "hip_angle_deg: [55.0]"), "reps.travel.hip_angle_deg"),
        (("rest: down", "rest: lying"), "reps.rest"),
        (("min_return: 0.55", "min_return: 1.55"), "reps.min_return"),
        (("max_s: 20.0", "max_s: -1"), "reps.max_s"),
        (("neutral_below: 0.7", "neutral_below: 0.3"), "stage.neutral_below"),
        (("rest_below: 0.25", "rest_below: -0.1"), "stage.rest_below"),
        (("turn_above: 0.7", "turn_above: 1.6"), "stage.turn_above"),
        (("model: deadlift", "model: ../settings"), "model: expected up to 40 letters A to Z, digits, _ and -"),
        (("title: Deadlift", "title: ' '"), "title: expected a line of text, got ' '"),
        (("anomaly_cue: check that one", 'anomaly_cue: "a\\nb"'), "anomaly_cue: expected a line of text"),
    ],
)
def test_wrong_value_is_reported_with_file_and_line(kettle, replaced, said):
    path, line = kettle(replaced)
    message = load_error()
    assert message.startswith(f"{path}:{line}: ")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("key", "replaced", "said"),
    [
        ("reps", ("[55.0, 165.0]", "[55.0, 55.0]"), f"travel of hip_angle_deg{ENDS}"),
        ("stage", ("rest_below: 0.25", "rest_below: 0.7"), "rest_below (0.7) must be below turn_above (0.7)"),
        ("reps", ("min_s: 0.7", "min_s: 20.0"), "min_s (20.0) must be below max_s (20.0)"),
    ],
)
def test_limits_in_the_wrong_order_are_reported(kettle, key, replaced, said):
    """With file and line of the part that holds them, which is where the schema's own checks look."""
    path, _ = kettle(replaced)
    line = path.read_text(encoding="utf-8").splitlines().index(f"{key}:") + 1
    assert load_error() == f"{path}:{line}: {key}: {said}."


@pytest.mark.parametrize("name", ["auto", "kettle swing", "übung", "con"])
def test_a_name_that_profiles_or_windows_can_not_store_is_refused(kettle, name):
    path, _ = kettle(("name: kettle", f"name: {name}"))
    path = path.rename(path.with_stem(name))
    with pytest.raises(ConfigError, match=f"^{path}:[0-9]+: name: .*'?{name}"):
        exercise.load(name)


@pytest.mark.parametrize("alias", ["deadlift", "Dead-Lift"])
def test_an_alias_that_is_the_name_of_another_exercise_is_refused(kettle, alias):
    """It would be ignored, or make the other exercise's name ambiguous."""
    path, _ = kettle(("aliases: [", f"aliases: [{alias}, "))
    (path.parent / "deadlift.yaml").touch()
    assert load_error() == f"{path}: aliases: {alias!r} is the name of another exercise. Remove it."


def test_an_exercise_must_be_named_as_its_file(kettle):
    kettle(("name: kettle", "name: deadlift"))
    assert "expected 'kettle', the file's own name, got 'deadlift'" in load_error()
