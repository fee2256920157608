"""All parts of a model folder, one after the other: what is made again, and what an interruption leaves."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders.datasets import a_dataset, of_lifters

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.core.config import exercise as exercises
from livecoach.core.config.paths import models_dir
from livecoach.core.errors import ConfigError, ModelError
from livecoach.core.model_files import model_folder
from livecoach.lab.processes import JobRunner
from livecoach.lab.train import exercise_model, labelled_movements
from livecoach.lab.train.recipes import PARTS, AllRecipe, BuildContext, LiftRecipe, Part, apply_options, part_recipes
from livecoach.lab.train.scorer_training import describe_data

FILES = {part.name: part.files for part in PARTS}
METRICS = {"synthetic": True, "tables": [], "data": describe_data(a_dataset(of_lifters("anna", "ben", "cleo")), None)}
USUAL: tuple[Part, ...] = tuple(part() for part in PARTS)


class Parts:
    """Parts that are made in no time, and that note it."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.fails: str | None = None

    def train(self, _: Part, __: BuildContext, out: Path, training: dict[str, Any]) -> str:
        name = training["command"].split()[3]
        if name == self.fails:
            raise KeyboardInterrupt
        self.made.append(name)
        for file in FILES[name]:
            counts = dict.fromkeys(("frames", "reps", "lifts", "others"), 1)
            content = {"training": training | counts, "files": {}, "made": {}, "name": "squat", "metrics": METRICS}
            (out / file).write_text(json.dumps(content))
        return "made"


@pytest.fixture
def parts(monkeypatch) -> Parts:
    faked = Parts()
    monkeypatch.setattr(exercise_model, "import_module", lambda _: faked)
    return faked


@pytest.fixture
def making(tmp_path) -> BuildContext:
    return BuildContext(
        exercise=exercises.load("squat"),
        earlier_parts=tmp_path,
        runner=JobRunner(tmp_path / "cache", 1, lambda *_: None),
    )


def with_lift(**changes: int) -> list[Part]:
    return [part.with_values(**changes) if isinstance(part, LiftRecipe) else part for part in USUAL]


def train(parts: Sequence[Part], making: BuildContext, name: str = "model") -> list[str]:
    """Train all parts into a folder of that name, and return what is said."""
    said: list[str] = []
    exercise_model.train_all(parts, making, making.earlier_parts / name, said.append)
    return said


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_part_trained_alone_joins_the_parts_in_its_folder(parts, making, tmp_path):
    """What is there stays, whoever trained it; what is missing is a copy of the exercise's own: the folder is a model
    at once, whose card names the command of each part."""
    train(USUAL, making, "own")
    mine, making = tmp_path / "mine", replace(making, earlier_parts=tmp_path / "own")
    exercise_model.train_part(USUAL[0].with_values(seed=7), making, mine)
    assert {*content(mine)} == {*content(tmp_path / "own")}
    exercise_model.train_part(USUAL[3].with_values(seed=8), making, mine)
    assert parts.made[-2:] == ["stage", "scorer"]
    assert "--seed 7" in content(mine)["stage.json"]
    made = json.loads(content(mine)["model.json"])["made"]
    assert [made[name]["seed"] for name in ("stage.json", "lift.json", "scorer.json")] == [7, 6101, 8]
    assert (
        model_folder.file_sha256(mine / "stage.json") == json.loads(content(mine)["model.json"])["files"]["stage.json"]
    )
    assert "--seed 7" in content(mine)["README.md"]


def test_an_interrupted_run_leaves_the_model_and_goes_on(parts, making, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "stage.json").write_text("as it was")
    parts.fails = "lift"
    with pytest.raises(KeyboardInterrupt):
        train(USUAL, making)
    assert content(tmp_path / "model") == {"stage.json": "as it was"}
    parts.fails = None
    train(USUAL, making)
    assert parts.made == ["stage", "boundaries", "lift", "scorer"]
    whole = content(tmp_path / "model")
    assert {*whole} == {"README.md", *(name for files in FILES.values() for name in files)}
    assert whole["stage.json"] != "as it was"


def test_a_part_with_other_options_and_all_parts_after_it_are_made_again(parts, making, tmp_path):
    """They were made after the old one. With the same options nothing is made again."""
    train(USUAL, making)
    whole = content(tmp_path / "model")
    parts.made.clear()
    said = train(USUAL, making)
    assert (parts.made, content(tmp_path / "model")) == ([], whole)
    assert [": taken from " in line for line in said] == [True] * 4
    train(with_lift(sets=30), making)
    assert parts.made == ["lift", "scorer"]
    assert "--sets 30" in content(tmp_path / "model")["lift.json"]


def test_the_parts_after_an_interrupted_part_are_made_again(parts, making):
    """A run with other options that stopped after the lift model leaves nothing of what followed the old one."""
    train(USUAL, making)
    parts.fails = "scorer"
    with pytest.raises(KeyboardInterrupt):
        train(with_lift(sets=30), making)
    parts.fails = None
    parts.made.clear()
    train(with_lift(sets=30), making)
    assert parts.made == ["scorer"]


def test_a_part_trained_alone_names_the_missing_part_that_it_is_made_after(parts, making, tmp_path):
    with pytest.raises(ModelError, match=r"stage\.json: is missing"):
        exercise_model.train_part(LiftRecipe(), making, tmp_path / "model")
    assert parts.made == []


def test_without_opengl_one_line_says_what_to_do(parts, making, monkeypatch):
    def nothing() -> None:
        raise ConfigError("no off-screen OpenGL (none). On Debian: apt-get install libegl1")

    monkeypatch.setattr(labelled_movements, "check_drawing", nothing)
    with pytest.raises(ConfigError, match=r"apt-get install libegl1\..*--rendered 0 leaves them out") as caught:
        train(with_lift(rendered=2), making)
    assert "\n" not in str(caught.value)
    assert parts.made == []


def test_an_exercise_without_faults_is_told_in_one_line(making):
    with pytest.raises(ConfigError, match=r"box\.yaml"):
        train(USUAL, replace(making, exercise=replace(making.exercise, name="box")))


def test_sizes_and_one_seed_can_be_asked_for():
    options = AllRecipe(sets=20, lifters=12, seed=0)
    stage, boundaries, lift, scorer = (
        apply_options(part, options) for part in part_recipes(exercises.load("deadlift"))
    )
    assert (stage.sets, lift.sets, boundaries.sets, scorer.lifters) == (20, 20, 20, 12)
    assert {part.seed for part in (stage, boundaries, lift, scorer)} == {0}
    assert (lift.rendered, lift.judging) == (87, 2)


def test_the_shipped_models_are_the_usual_recipes():
    for name in exercises.names():
        made = model_folder.read_model_card(models_dir() / name).made
        for part in part_recipes(exercises.load(name)):
            words = made[part.files[0]].command.partition(f" {name} --")[2].replace("--", "").split()
            told = {what: int(value) for what, value in zip(words[::2], words[1::2], strict=True) if value.isdecimal()}
            assert told == {what: getattr(part, what) for what in told}, (name, part.name)


def test_a_motion_that_nobody_can_do_is_named():
    with pytest.raises(ConfigError, match="its motion 'press' is unknown to the synthetic lifter"):
        part_recipes(replace(exercises.load("squat"), name="press", motion="press"))
