"""A scorer from a tiny synthetic dataset to a model folder: whole, the same each time, and described as it is."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders.datasets import a_dataset, of_lifters

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.core.config import exercise as exercises
from livecoach.core.config.paths import models_dir
from livecoach.core.errors import SourceError
from livecoach.core.model_files import model_folder
from livecoach.core.types import ignore
from livecoach.decisions.judging.scorer import load_scorer
from livecoach.decisions.rep.measures import load_faults
from livecoach.lab.dataset import Dataset
from livecoach.lab.measure.table import Share, Table, tables_as_content
from livecoach.lab.train.evaluation import evaluate_scorer, load_dataset_scorer
from livecoach.lab.train.exercise_model import write_cards
from livecoach.lab.train.metric import LATENT, everybody_mean
from livecoach.lab.train.scorer_training import SHARES, ScorerTask, train_scorer

DEADLIFT, FAULTS = models_dir() / "deadlift", load_faults("deadlift")
COUNTING = ("stage.json", "lift.json", "boundaries.json")
COMMAND = "livecoach lab train scorer deadlift --lifters 4"


def evaluated(dataset: Dataset, folder: Path) -> list[Table]:
    scorer = load_dataset_scorer(dataset, folder)
    return evaluate_scorer(dataset, scorer)


def a_task(dataset: Dataset, **changes: object) -> ScorerTask:
    exercise, training = exercises.load(dataset.exercise), {"command": COMMAND, "seed": 1}
    task = ScorerTask(exercise=exercise, dataset=dataset, real=None, training=training, library="scikit-learn")
    return replace(task, **changes)  # type: ignore[arg-type]


def train(task: ScorerTask, folder: Path, before: Path = DEADLIFT) -> str:
    """Train a scorer as `train_part` does, with the models for counting of another folder."""
    said = train_scorer(task, folder, ignore)
    for name in COUNTING:
        shutil.copyfile(before / name, folder / name)
    write_cards(folder)
    return said


LIFTERS = {"train": 6, "valid": 4, "test": 3}
"""How many lifters each part has: different numbers, so that no part passes for another."""
PARTS = {f"{part}{number}": part for part, count in LIFTERS.items() for number in range(count)}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return a_dataset(of_lifters(*PARTS, sets=4, reps=6, bad=2, apart=20.0), parts=PARTS)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, dataset) -> tuple[Path, Path, str]:
    """Two folders made by the same command, and what it said."""
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    train(a_task(dataset), first)
    return first, second, train(a_task(dataset), second)


@pytest.mark.parametrize("name", ["model.json", *model_folder.FILES])
def test_the_same_command_gives_the_same_file(trained, name):
    assert (trained[0] / name).read_bytes() == (trained[1] / name).read_bytes()


def test_a_trained_folder_loads_and_encodes(trained, dataset):
    assert model_folder.read_model_card(trained[0]).name == "deadlift"
    scorer = load_scorer(trained[0], FAULTS)
    everybody = everybody_mean(dataset.reps_of_part("train"))
    assert scorer.population.mean == pytest.approx(everybody, abs=1e-4)
    noise = np.random.default_rng(0).normal(size=everybody.shape)
    usual, strange = (scorer.encoder.decoding_error(points) for points in (everybody, noise))
    assert usual < 0.01 < scorer.decoder_error < strange


def test_fewer_false_alarms_have_wider_limits(trained):
    each = [load_scorer(trained[0], FAULTS, share) for share in SHARES]
    assert sorted((one.limits["set"] for one in each), reverse=True) == [one.limits["set"] for one in each]
    faults = np.array([one.faults.limits for one in each])
    assert (np.diff(faults, axis=0) <= 1e-9).all()
    assert all(one.limits["session"] > one.limits["set"] for one in each)


def test_the_card_names_data_command_and_figures_of_the_model(trained, dataset):
    text, card = (trained[0] / "README.md").read_text(), model_folder.read_model_card(trained[0])
    assert card.synthetic
    assert "synthetic motion only" in text
    assert "UI-PRMD" not in text
    assert COMMAND in text
    assert dataset.digest() in text
    assert card.made["scorer.json"] == model_folder.TrainingRun(command=COMMAND, seed=1)
    train = dataset.reps_of_part("train")
    assert f"| train | 6 | {len(set(train.sets.tolist()))} | {train.good.sum()} |" in text
    assert f"hitch {dataset.reps.bad.sum()}." in text
    assert card.made["stage.json"] == model_folder.read_model_card(DEADLIFT).made["stage.json"]
    column = "AUROC (95 %, lifters resampled)"
    assert all(f"{row[column]['value']:.3f}" in text for row in card.metrics["tables"][0]["rows"])


def test_the_figures_of_a_trained_model_are_those_of_evaluate(trained, dataset):
    found, told = tables_as_content(evaluated(dataset, trained[0])), model_folder.read_model_card(trained[0]).metrics
    assert json.loads(json.dumps(found)) == told["tables"]


def test_real_reps_are_learned_and_the_card_names_them(tmp_path, dataset):
    people = of_lifters(*(f"m01-s{n:02}" for n in range(1, 5)), sets=2, reps=6, bad=2)
    labels = np.where(people.labels == "hitch", "incorrect", people.labels)
    count = len(people)
    real = replace(
        people,
        labels=labels,
        readings=np.zeros((count, dataset.reps.readings.shape[1]), np.float32),
        severities=np.full((count, len(FAULTS.faults)), np.nan),
    )
    train(a_task(dataset, real=real), tmp_path)
    text, card = (tmp_path / "README.md").read_text(), model_folder.read_model_card(tmp_path)
    assert not card.synthetic
    assert "UI-PRMD" in text
    assert f"{count} reps of 4 people" in text
    assert "`scorer.json`): UI-PRMD" in text
    assert json.loads((tmp_path / "scorer.json").read_text())["training"]["real_reps"] == count


def test_the_library_that_trained_the_network_is_named(trained):
    """By the command, the card and the scorer's file: the same command gives another model where PyTorch is missing."""
    folder, _, said = trained
    assert said.splitlines()[-1].startswith("scikit-learn trained the faults' network: PyTorch")
    assert "scikit-learn trained the network" in (folder / "README.md").read_text()
    assert json.loads((folder / "scorer.json").read_text())["training"]["network"] == "scikit-learn"


def test_recordings_without_severities_train_a_model_that_finds_no_faults(tmp_path):
    """Labels alone tell good from bad; nothing tells how much of a fault there is, so none is looked for."""
    reps = of_lifters(*PARTS, sets=4, reps=6, bad=3, apart=20.0)
    reps = replace(
        reps,
        labels=np.where(reps.labels == "hitch", "bad", reps.labels),
        severities=np.full_like(reps.severities, np.nan),
    )
    made = replace(a_dataset(reps, parts=PARTS), synthetic=False)
    train(a_task(made), tmp_path)
    scorer = load_scorer(tmp_path, load_faults("deadlift"))
    assert not scorer.faults.function.seen.any()
    assert evaluated(made, tmp_path)[0].rows[1][3] == Share(9, 9)
    text = (tmp_path / "README.md").read_text()
    assert "Trained on recordings" in text
    assert "synthetic" not in text.split("## Figures")[0]


def test_an_exercise_without_faults_has_a_distance_alone(tmp_path):
    reps = of_lifters(*PARTS, sets=4, reps=7)
    none = np.zeros((len(reps), 0))
    reps = replace(reps, readings=np.zeros((len(reps), 2), np.float32), severities=none)
    made = replace(a_dataset(reps, parts=PARTS), exercise="barbell_row")
    said = train(a_task(made), tmp_path, models_dir() / "barbell_row")
    assert "scikit-learn" not in said + (tmp_path / "README.md").read_text()
    scorer = load_scorer(tmp_path, load_faults("barbell_row"))
    assert scorer.faults.amounts(np.ones(LATENT), np.zeros(2), 45.0).shape == (0,)
    for _, auroc, alarms, _ in evaluated(made, tmp_path)[0].rows:
        assert auroc is None
        assert alarms.of > 0
    assert "nan" not in (tmp_path / "README.md").read_text()


def test_too_few_sets_are_refused_with_what_is_missing(tmp_path):
    parts = {"anna": "train", "ben": "valid", "cleo": "test"}
    made = a_dataset(of_lifters(*parts, sets=3, reps=6, bad=1), parts=parts)
    with pytest.raises(SourceError) as caught:
        train_scorer(a_task(made, place=Path("mine")), tmp_path, ignore)
    assert str(caught.value) == (
        "mine: too little for a scorer: lifters: 3 of 4 (add recordings of other people, each in a folder of their "
        "name); lifters with reps labelled good in train: 1 of 2 (label reps of others); sets with 2 reps labelled "
        "good and one more rep (of 4 in all) in train: 4 of 20 (label or record 16 more)."
    )
    with pytest.raises(SourceError, match=r"^synthetic sets: .* lifters: 3 of 4; .*: 4 of 20\. Raise --lifters"):
        train_scorer(a_task(made), tmp_path, ignore)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("part", ["train", "valid", "test"])
def test_a_part_without_reps_is_refused_in_one_line(tmp_path, part):
    left = [name for name, of in PARTS.items() if of != part]
    made = a_dataset(of_lifters(*left, sets=4, reps=6, bad=1), parts=PARTS)
    with pytest.raises(SourceError, match=rf"\A.*{part}.*\Z"):
        train_scorer(a_task(made), tmp_path, ignore)
