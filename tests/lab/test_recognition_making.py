"""Training of recognition: labels of ticks, chunks, belief rules, and a small model that loads."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra 'networks' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

import torch

from livecoach.core.errors import ModelError
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.decisions.recognition import model_file
from livecoach.decisions.recognition.recogniser import CHANNELS, BeliefRules
from livecoach.lab.measure.real_clips import OUTSIDE, RealClip
from livecoach.lab.processes import JobRunner
from livecoach.lab.recognition.labelled_sets import (
    NONE,
    UNKNOWN,
    Stretch,
    gather_stretches,
    label_ticks,
    make_motion_set,
    stretches_of_set,
)
from livecoach.lab.recognition.making import (
    JUDGING,
    StretchPosteriors,
    choose_rules,
    compute_beliefs,
    follow_belief,
    train,
)
from livecoach.lab.recognition.training import WINDOW, Tcn, augment, tcn_to_tflite
from livecoach.lab.synth.motion.lifts import EXERCISES
from livecoach.lab.train.recipes import RecognitionRecipe

REP_S = np.array([[5.0, 6.0, 7.0]])
RECIPE = RecognitionRecipe(sets=12, choosing=8, judging=4, steps=2)


def a_stretch(number: int = 0) -> Stretch:
    return next(iter(stretches_of_set(*make_motion_set(1, number, "training"))))


def test_a_tick_is_labelled_by_the_rep_that_has_turned() -> None:
    t_s = np.array([4.0, 5.3, 5.5, 5.7, 7.9, 9.0, 10.6])
    assert label_ticks(t_s, REP_S, [], 3).tolist() == [NONE, NONE, UNKNOWN, 3, 3, UNKNOWN, NONE]


def test_augmenting_keeps_the_shape_and_changes_every_window() -> None:
    ticks = np.stack([a_stretch().ticks[:20]] * 4).astype(np.float64)
    changed = augment(ticks, np.random.default_rng(1))
    assert changed.shape == ticks.shape
    assert all(np.abs(changed[i] - changed[0]).max() > 1e-3 for i in range(1, 4))


def test_the_written_network_says_what_the_trained_one_says(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = Tcn(CHANNELS, 4).eval()
    (tmp_path / "n.tflite").write_bytes(tcn_to_tflite(network, CHANNELS))
    window = np.random.default_rng(2).normal(size=(1, WINDOW, CHANNELS)).astype(np.float32)
    with torch.no_grad():
        wanted = torch.log_softmax(network(torch.from_numpy(window))[0, 0], -1).numpy()
    written = TfliteNetwork(tmp_path / "n.tflite", (1, WINDOW, 1, CHANNELS), (1, 4))
    np.testing.assert_allclose(written(window[:, :, None])[0], wanted, atol=1e-4)


def test_more_clips_of_no_exercise_that_look_like_one_raise_its_threshold() -> None:
    one = a_stretch()
    calm = StretchPosteriors(np.log(np.tile([0.9, 0.05, 0.05], (40, 1))), one, NONE, 0, 39)
    odd = calm._replace(log_posteriors=np.log(np.tile([0.1, 0.7, 0.2], (40, 1))))
    squats = calm._replace(log_posteriors=np.log(np.tile([0.05, 0.9, 0.05], (40, 1))), truth=1)
    lenient, strict = (choose_rules([squats] + [calm] * n + [odd] * (20 - n)).sure[0] for n in (20, 10))
    assert lenient < strict


def test_an_exercise_is_known_from_when_it_is_sure_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    believed = np.array([[0.8, 0.1, 0.1], [0.04, 0.95, 0.01], [0.3, 0.6, 0.1], [0.02, 0.97, 0.01], [0.01, 0.98, 0.01]])
    monkeypatch.setattr("livecoach.lab.recognition.making.compute_beliefs", lambda *_: believed[:, None])
    rules = BeliefRules(none_prior=0.5, weight=0.2, enters=0.01, leaves=0.003, sure=(0.9, 0.9))
    stretch = Stretch(ticks=believed, t_s=np.arange(5.0), labels=np.zeros(5), reps_s=REP_S)
    first, second, none = (
        follow_belief(rules, StretchPosteriors(believed, stretch, truth, 1, 4), ("a", "b")) for truth in (1, 2, NONE)
    )
    assert (first.truth, first.right, first.first_sure, first.known_after_s) == ("a", True, "a", 2.0)
    assert (second.truth, second.right, second.known_after_s) == ("b", False, None)
    assert (none.truth, none.right, none.first_sure) == (None, False, "a")


def test_belief_in_an_exercise_grows_while_the_network_favours_it() -> None:
    rules = BeliefRules(none_prior=0.5, weight=0.2, enters=0.01, leaves=0.003, sure=())
    believed = compute_beliefs([rules], np.log(np.tile([0.05, 0.9, 0.05], (30, 1))))
    assert believed[0, 0, 1] < believed[-1, 0, 1]


def test_clips_of_similar_movements_are_of_no_known_exercise() -> None:
    clip = RealClip(path=Path("kb_kettlebell_swing1.mp4"), labelled="kettlebell_swing")
    assert clip.true_exercise is None
    assert replace(clip, labelled="front_squat").truth == "squat"
    assert not set(OUTSIDE) & set(EXERCISES)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> JobRunner:
    """Where the sets of all kinds are kept."""
    return JobRunner(tmp_path_factory.mktemp("sets"), 1, lambda *_: None)


def assert_the_judging_sets_are_judged(figures: dict[str, Any], runner: JobRunner) -> None:
    """Check that the figures are of the judging sets, each under its own exercise, or under none without a rep."""
    numbers = range(JUDGING, JUDGING + RECIPE.judging)
    labels = [set(of.labels) for of in runner.load_or_make(gather_stretches, "judging", numbers, RECIPE.seed + 1)]
    assert figures["refused"]["of"] == labels.count({NONE})
    by_exercise = figures["by_exercise"]
    lifted = {name for number, name in enumerate(EXERCISES, 1) if any(number in known for known in labels)}
    assert {name for name in EXERCISES if by_exercise[name]["of"]} == lifted
    right, wrong = (figures[f"first_sure_{how}"]["count"] for how in ("right", "wrong"))
    assert right == sum(shares["count"] for shares in by_exercise.values())
    assert right + wrong <= figures["right"]["of"] == sum(shares["of"] for shares in by_exercise.values())


@pytest.mark.parametrize("kind", ["lstm", "cnn-lstm"])
def test_a_network_of_another_kind_is_judged_and_not_written(kind: str, runner: JobRunner, tmp_path: Path) -> None:
    figures = train(RECIPE.with_values(kind=kind), tmp_path / "model", runner)
    assert_the_judging_sets_are_judged(figures, runner)
    assert not (tmp_path / "model").exists()


def test_a_small_recognition_model_is_made_and_loads(runner: JobRunner, tmp_path: Path) -> None:
    figures = train(RECIPE, tmp_path / "model", runner)
    assert_the_judging_sets_are_judged(figures, runner)
    model = model_file.load(tmp_path / "model")
    assert model.exercises == EXERCISES
    said = model.network(np.zeros((1, model.window, 1, CHANNELS), np.float32))
    assert np.exp(said).sum() == pytest.approx(1, abs=1e-4)
    (tmp_path / "model" / model_file.NETWORK).write_bytes(b"other")
    with pytest.raises(ModelError, match="differs from the digest"):
        model_file.load(tmp_path / "model")
