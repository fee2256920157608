"""Clips whose exercise is known are judged, and counted in tables."""

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from builders.command import SQUAT_OBSERVATIONS

from livecoach.decisions.recognition.features import FEATURES
from livecoach.decisions.recognition.recogniser import BeliefRules, RecognitionModel
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_clips import RealClip
from livecoach.lab.measure.recognise import UNSURE, JudgedClip, measure_clips, tables
from livecoach.lab.measure.table import Share
from livecoach.lab.recognition.beliefs import BeliefOutcome


def a_clip(name: str, truth: str | None, said: str | None, *, sure: bool = True) -> JudgedClip:
    """Return what became of a clip."""
    found = BeliefOutcome(
        truth=truth,
        said=said,
        sure=sure,
        first_sure=said if sure else None,
        known_after_s=0.2 if sure and truth == said else None,
    )
    return JudgedClip(name=name, group="a", labelled=truth or "none", outcome=found)


CLIPS = [
    a_clip("1.mp4", "squat", "squat"),
    a_clip("2.mp4", "squat", "lunge"),
    a_clip("3.mp4", "lunge", "lunge", sure=False),
    a_clip("4.mp4", None, "squat"),
    a_clip("5.mp4", None, "squat", sure=False),
]


def test_tables_count_what_is_said_of_what() -> None:
    right, confusion, _, wrong = tables("Clips", CLIPS)
    assert (right.rows[0][:2], right.rows[-1][:2]) == (("in the classes", Share(1, 3)), ("none of these", Share(1, 2)))
    assert confusion.columns[1:] == ("lunge", "squat", UNSURE)
    assert confusion.rows == (("lunge", 0, 0, 1), ("squat", 1, 1, 0), ("none of these", 0, 1, 1))
    assert [row[:3] for row in wrong.rows] == [
        ("2.mp4", "squat", "lunge"),
        ("3.mp4", "lunge", UNSURE),
        ("4.mp4", "none", "squat"),
    ]


def test_clips_of_observations_are_judged(tmp_path: Path) -> None:
    shutil.copy(SQUAT_OBSERVATIONS, tmp_path / "s.obs")
    model = RecognitionModel(
        exercises=("squat", "lunge"),
        network=lambda window: np.log(np.array([[0.02, 0.96, 0.02]], np.float32)) + 0 * window.sum(),
        window=4,
        centre=np.zeros(FEATURES),
        spread=np.ones(FEATURES),
        belief=BeliefRules(none_prior=0.5, weight=0.5, enters=0.01, leaves=0.01, sure=(0.8, 0.8)),
    )
    clips = [RealClip(path=tmp_path / "s.obs", labelled="squat")]
    right, *_ = measure_clips("Clips", clips, Cache(tmp_path), lambda *_: None, model)
    assert right.rows[0][1] == Share(1, 1)
