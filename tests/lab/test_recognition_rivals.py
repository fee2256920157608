"""Kinds that recognise whole clips: the pictures they see, windows over them, and the names of all kinds."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra 'networks' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.lab.recognition import RIVAL_NAMES, STREAMING_NAMES
from livecoach.lab.recognition.clips import SIDE_PX, TickClip, gathered_clips, person_pictures
from livecoach.lab.recognition.rivals import RIVALS, OnPictures, RivalScore, score_labels
from livecoach.lab.recognition.sets import NONE, PLANS, short_set
from livecoach.lab.recognition.training import STREAMING
from livecoach.synth.motion.lifts import EXERCISES
from livecoach.synth.sets import SetArrays


@pytest.fixture(scope="module")
def clips() -> list[TickClip]:
    """Clips of one rep of two exercises."""
    numbers = range(PLANS * EXERCISES.index("squat") + PLANS - 1)
    return gathered_clips(numbers, 1, "training", EXERCISES, 1, lambda *_: None)


@pytest.fixture(scope="module")
def press() -> SetArrays:
    """A set of one press with a bar."""
    sets = (short_set(3, PLANS * EXERCISES.index("overhead_press") + i, "training")[0] for i in range(PLANS))
    return next(arrays for arrays in sets if arrays.settings.loaded and arrays.reps)


def shown(arrays: SetArrays, frame: int) -> np.ndarray:
    """Return which pixels of a picture differ from the background."""
    (picture,) = person_pictures(arrays, np.array([frame]), np.random.default_rng(1)).astype(float)
    background = np.median([picture[:2], picture[-2:]])
    return np.abs(picture - background) > 25


def test_the_names_are_those_of_the_kinds() -> None:
    assert tuple(STREAMING) == STREAMING_NAMES
    assert set(RIVALS) == set(RIVAL_NAMES)


def test_a_clip_has_a_picture_for_each_tick(clips: list[TickClip]) -> None:
    assert {clip.label for clip in clips} == {NONE, 1, 2}
    assert all(clip.pictures.shape == (len(clip.ticks), SIDE_PX, SIDE_PX) for clip in clips)


def test_a_picture_shows_the_person_where_the_landmarks_are(press: SetArrays) -> None:
    seen = np.argwhere(shown(press, 0))
    assert 0.02 < len(seen) / SIDE_PX**2 < 0.6
    assert seen.mean(0) == pytest.approx((SIDE_PX / 2, SIDE_PX / 2), abs=SIDE_PX / 5)


def test_a_picture_shows_the_bar_where_there_is_one(press: SetArrays) -> None:
    without = replace(press, settings=replace(press.settings, loaded=False))
    assert shown(press, 0).sum() > shown(without, 0).sum() + 20


def test_pictures_show_the_true_body_whatever_the_estimate_is(press: SetArrays) -> None:
    moved = press.image.copy()
    moved[:, 15, :2] += 0.02  # a wrist, which does not reach out of the others
    first, second = (
        person_pictures(arrays, np.array([0]), np.random.default_rng(1))
        for arrays in (press, replace(press, image=moved))
    )
    np.testing.assert_allclose(first, second, atol=2)


@pytest.mark.parametrize("kind", ["cnn-lstm", "cnn-lstm-pictures", "cnn-lstm-landmarks"])
def test_networks_on_pictures_learn_and_name_clips(clips: list[TickClip], kind: str) -> None:
    rival = RIVALS[kind]()
    rival.fit(clips, 3, 1, 2)
    assert set(rival.labels(clips).tolist()) <= {NONE, 1, 2}


def test_a_network_without_pictures_does_not_see_them(clips: list[TickClip]) -> None:
    blank = [replace(clip, pictures=np.zeros_like(clip.pictures)) for clip in clips]
    rival = OnPictures(pictures=False)
    rival.fit(clips, 3, 1, 1)
    np.testing.assert_array_equal(rival.labels(clips), rival.labels(blank))


def test_an_untrained_network_names_nothing(clips: list[TickClip]) -> None:
    with pytest.raises(ValueError, match="not trained"):
        OnPictures().labels(clips)


def test_a_comparison_counts_exercises_and_none_apart() -> None:
    found = score_labels("dtw", np.array([0, 1, 2, 0]), np.array([0, 1, 1, 1]))
    assert found == RivalScore(kind="dtw", within=1, of_within=3, others=1, of_others=1)
