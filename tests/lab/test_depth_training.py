"""The depth of rendered squats: its truth from the mesh, and what is learned from it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from builders.depth import a_squat_window

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")

from livecoach.core.errors import ConfigError
from livecoach.core.model_files.model_folder import read_model_json
from livecoach.core.types import RepWindow, ignore
from livecoach.decisions.rep.depth import DepthModel, depth_inputs, load_shipped_depth_model
from livecoach.lab import depth_training
from livecoach.lab.depth_training import DepthSample
from livecoach.lab.measure.cache import Cache
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_set import make_set
from livecoach.lab.synth.synthetic_sets import random_settings


def depths_of(tokens: str) -> list[DepthSample]:
    """The true depths of a set, which is not drawn."""
    settings = random_settings(7, "squat", parse_tokens(tokens, "squat"), view_deg=60.0, size_px=(640, 480), fps=25.0)
    made = make_set(settings)
    return [depth_training.measure_true_depth(made, true, a_squat_window()) for true in made.reps]


def a_shaken_window(rng: np.random.Generator) -> RepWindow:
    """A squat of which the picture differs a little from all others."""
    window = a_squat_window()
    off = rng.normal(0, 0.01, (33, 2)).astype(np.float32)
    shaken = []
    for observation in window.observations:
        landmarks = observation.landmarks.copy()
        landmarks[:, :2] += off * (1 + observation.t_s)
        shaken.append(replace(observation, landmarks=landmarks))
    return replace(window, observations=tuple(shaken))


def test_a_rep_that_stops_short_is_higher():
    good, short = depths_of("good,shallow.fear:1")
    assert short.crease_m > good.crease_m + 0.03
    assert short.seat_m > good.seat_m
    assert abs(good.crease_m) < 0.3
    assert 0.1 < good.seat_m < 0.7


def test_a_depth_model_learns_the_depth_that_its_inputs_hold(tmp_path):
    rng = np.random.default_rng(3)
    reps = []
    for number in range(80):
        window = a_shaken_window(rng)
        crease = float(depth_inputs(window)[3])
        reps.append(DepthSample(f"body {number % 10}", 170.0, 0.8, 60.0 + 10 * (number % 4), 0.8 * crease, 0.4, window))
    content = depth_training.fit_depth_model(reps, {"command": "made", "seed": 3})
    assert content["training"]["reps"] == 80
    path = tmp_path / "depth.json"
    path.write_text(json.dumps(content | {"deviation": [[0.01] * 5] * 2}))
    model = read_model_json(path, DepthModel)
    known = [(rep, found) for rep in reps[:70] if (found := model.measure(rep.window))]
    off = [found.crease - rep.crease_m / rep.leg_m for rep, found in known]
    assert len(off) > 60
    assert np.median(np.abs(off)) < 0.01
    (table,) = depth_training.measure_depth_errors(model, reps, "made")
    assert [row[1] for row in table.rows] == [0, 60, 20, 80]
    assert len({*table.columns}) == len(table.columns) == len(table.rows[0])  # In JSON, they are keys


@pytest.mark.parametrize("text", [None, "clip,label\na,deep\n", "", "\0"])
def test_a_table_without_labels_is_refused(tmp_path, text):
    path = tmp_path / "labels.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=r"labels\.csv.*\Z"):
        depth_training.measure_real_squats(load_shipped_depth_model(), path, Cache(tmp_path), ignore)


def test_too_few_bodies_are_refused():
    """Some have to be left out of each fit."""
    rep = depths_of("good")[0]
    with pytest.raises(ConfigError, match="too few"):
        depth_training.fit_depth_model([rep] * 20, {})


def test_a_depth_answer_is_right_where_high_reps_miss_and_deep_reps_meet_the_standard(tmp_path, monkeypatch):
    real = [("deep", "met"), ("deep", "met"), ("high", "missed"), ("deep", "missed"), ("high", None), ("hidden", "met")]
    monkeypatch.setattr(depth_training, "_real_reps", lambda *_: iter(real))
    labels = tmp_path / "labels.csv"
    labels.write_text("clip,turn_s,label\na,1.0,deep\n")
    (table,) = depth_training.measure_real_squats(load_shipped_depth_model(), labels, Cache(tmp_path), ignore)
    assert table.rows[0][:2] == (6, 5)
    assert [(one.count, one.of) for one in table.rows[0][2:]] == [(1, 5), (3, 4), (1, 3)]
