"""An exercise is added by two YAML files and a model folder, which `livecoach lab train all` makes; it counts then.

All of it happens in a copy of the checkout: exercises and models are those of the installation.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from builders.command import SQUAT_OBSERVATIONS, command, run, run_alone, surroundings

from livecoach.core.config.paths import PACKAGE, configs_dir, models_dir
from livecoach.core.model_files.model_folder import FILES, read_model_card

NAME = "box_squat"
TIMEOUT_S = 900
"""Training takes half a minute of one idle processor, minutes of a busy one."""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "models.md"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(PACKAGE, root / "livecoach", ignore=shutil.ignore_patterns("*.mp4"))
    shutil.copytree(configs_dir(), root / "configs")
    for name in ("deadlift", "squat", "standards", "recognition"):
        shutil.copytree(models_dir() / name, root / "models" / name)
    (root / "pyproject.toml").touch()
    text = (root / "configs" / "exercises" / "squat.yaml").read_text(encoding="utf-8")
    for key, value in (("name", NAME), ("title", "Box squat"), ("model", NAME)):
        text = text.replace(f"\n{key}: {'Squat' if key == 'title' else 'squat'}\n", f"\n{key}: {value}\n")
    (root / "configs" / "exercises" / f"{NAME}.yaml").write_text(text, encoding="utf-8")
    table = yaml.safe_load((configs_dir() / "faults" / "squat.yaml").read_text(encoding="utf-8"))
    table |= {"exercise": NAME, "faults": {name: table["faults"][name] for name in ("forward_lean", "shallow")}}
    (root / "configs" / "faults" / f"{NAME}.yaml").write_text(yaml.safe_dump(table, sort_keys=False), encoding="utf-8")
    return root


def test_an_exercise_that_was_never_trained_says_how(checkout, tmp_path):
    for words in (("analyze", SQUAT_OBSERVATIONS), ("lab", "train", "lift")):
        named = (NAME,) if "train" in words else ("--exercise", NAME)
        done = run_alone(*words, *named, home=tmp_path, package_parent=checkout)
        assert (done.returncode, done.stderr.count("\n")) == (6, 1), done.stderr
        assert f"`livecoach lab train all {NAME}`" in done.stderr
    assert f"{NAME} (not trained yet)" in run_alone("exercises", home=tmp_path, package_parent=checkout).stdout


@pytest.fixture(scope="module")
def trained(checkout, tmp_path_factory) -> tuple[Path, Path]:
    for package in ("sklearn", "scipy"):
        pytest.importorskip(package, reason="the extra 'train' is not installed")
    home = tmp_path_factory.mktemp("home")
    options = re.search(r"everything\s+works,\s+pass\s+`([^`]+)`", PAGE.read_text(encoding="utf-8"))
    assert options is not None
    words = command("lab", "train", "all", NAME, *options[1].split(), "--jobs", 1)
    around = surroundings(home, checkout)
    done = subprocess.run(words, env=around, cwd=home, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr
    return checkout, home


def test_a_model_is_made_of_all_its_parts(trained):
    folder = trained[0] / "models" / NAME
    card = read_model_card(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, "model.json"])
    of_files = json.loads((folder / "stage.json").read_text())["training"]
    assert (
        card.made["stage.json"].command == of_files["command"] == f"livecoach lab train stage {NAME} --sets 6 --seed 1"
    )
    assert {*card.made} == {"stage.json", "lift.json", "boundaries.json", "scorer.json"}
    assert {made.seed for made in card.made.values()} == {1, 52, 6101, 103}


def test_reps_of_the_new_exercise_are_counted_and_judged(trained):
    checkout, home = trained
    made = run(
        *("lab", "synth", "motion", "--exercise", "squat", "--view", 40, "--fps", 15, "--seed", 6),
        *("--set", "good*4,forward_lean:1,shallow:1,good"),
        *("--out", home / "set.obs"),
        home=home,
    )
    assert made.returncode == 0, made.stderr
    done = run_alone("analyze", home / "set.obs", "--exercise", NAME, "--json", "-", home=home, package_parent=checkout)
    assert done.returncode == 0, done.stderr
    reps = json.loads(done.stdout)["reps"]
    assert [rep["verdict"] for rep in reps] == [*["good"] * 4, *["anomalous"] * 2, "good"]
