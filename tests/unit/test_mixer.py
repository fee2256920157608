"""The mixer adds clips up, and never clicks, clips or blocks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livecoach.feedback.sound import FADE_SAMPLES, GAIN_RAMP_SAMPLES, KNEE, MAX_PLAYING, Mixer

clips = arrays(np.float32, st.integers(0, 2000), elements=st.floats(-4, 4, width=32))
blocks = st.lists(st.integers(0, 900), min_size=1, max_size=8)


@pytest.fixture
def mixer() -> Mixer:
    return Mixer()


def a_clip(*, level: float = 0.5, samples: int = 10_000) -> np.ndarray:
    return np.full(samples, level, np.float32)


@given(st.lists(st.tuples(clips, st.booleans()), max_size=12), blocks, st.floats(0, 1), st.booleans())
def test_every_block_has_its_length_and_stays_within_one(played, sizes, volume, muted) -> None:
    mixer = Mixer(volume=volume, muted=muted)
    for clip, spoken in played:
        mixer.play(clip, spoken=spoken)
    for size in sizes:
        block = mixer.render(size)
        assert block.shape == (size,)
        assert block.dtype == np.float32
        assert np.isfinite(block).all()
        assert (np.abs(block) <= 1).all()


@given(clips.filter(len), blocks, st.floats(0, 1))
def test_the_volume_scales_every_sample(clip, sizes, volume) -> None:
    full, scaled = Mixer(), Mixer(volume=volume)
    for mixer in (full, scaled):
        mixer.play(clip, spoken=False)
    loud = np.concatenate([full.render(size) for size in sizes])
    quiet = np.concatenate([scaled.render(size) for size in sizes])
    np.testing.assert_allclose(quiet, loud * volume, atol=1e-6)


def test_a_clip_under_the_knee_passes_unchanged(mixer: Mixer) -> None:
    clip = np.random.default_rng(1).uniform(-KNEE, KNEE, 1000).astype(np.float32)
    mixer.play(clip, spoken=False)
    heard = np.concatenate([mixer.render(600), mixer.render(600)])
    np.testing.assert_array_equal(heard, np.pad(clip, (0, 200)))


def test_muted_is_silent_and_an_old_clip_does_not_come_back() -> None:
    mixer = Mixer(muted=True)
    mixer.play(a_clip(samples=1000), spoken=True)
    assert not mixer.render(2000).any()
    mixer.muted = False
    assert not mixer.render(2000).any()
    mixer.play(a_clip(samples=64), spoken=False)
    assert mixer.render(64).tolist() == [0.5] * 64, "the change of volume was over before the next clip"


def test_muting_ramps_the_sound_down_to_silence(mixer: Mixer) -> None:
    mixer.play(a_clip(level=0.5), spoken=False)
    mixer.render(500)
    mixer.muted = True
    heard = mixer.render(GAIN_RAMP_SAMPLES + 100)
    assert np.abs(np.diff(np.concatenate([[0.5], heard]))).max() <= 0.5 / GAIN_RAMP_SAMPLES * 1.01
    assert not heard[GAIN_RAMP_SAMPLES:].any()


def test_a_ramp_goes_on_across_blocks() -> None:
    whole, pieces = Mixer(), Mixer()
    for mixer in (whole, pieces):
        mixer.play(a_clip(), spoken=False)
        mixer.muted = True
    in_pieces = np.concatenate([pieces.render(100) for _ in range(10)])
    np.testing.assert_allclose(in_pieces, whole.render(1000), atol=1e-5)


def test_new_speech_replaces_old_speech_with_a_fade(mixer: Mixer) -> None:
    mixer.play(a_clip(level=0.4), spoken=True)
    mixer.render(500)
    mixer.play(a_clip(level=0.1), spoken=True)
    heard = mixer.render(FADE_SAMPLES + 100)
    assert heard[0] == pytest.approx(0.5)
    assert (np.diff(heard[:FADE_SAMPLES]) < 0).all()
    np.testing.assert_allclose(heard[FADE_SAMPLES:], 0.1, atol=1e-6)


@pytest.mark.parametrize(("spoken", "heard"), [((True, True, True), 0.3), ((True, False, False), 0.6)])
def test_words_that_come_together_leave_the_last_and_tones_overlap(mixer, spoken, heard) -> None:
    for level, are_words in zip((0.1, 0.2, 0.3), spoken, strict=True):
        mixer.play(a_clip(level=level), spoken=are_words)
    np.testing.assert_allclose(mixer.render(FADE_SAMPLES + 100)[FADE_SAMPLES:], heard, atol=1e-6)


def test_a_flood_of_tones_stays_bounded(mixer: Mixer) -> None:
    for _ in range(50):
        mixer.play(a_clip(level=0.01), spoken=False)
    mixer.render(FADE_SAMPLES)
    for _ in range(50):
        mixer.play(a_clip(level=0.02), spoken=False)
    np.testing.assert_allclose(mixer.render(FADE_SAMPLES + 1)[-1], MAX_PLAYING * 0.02, atol=1e-6)


def test_clearing_the_mixer_silences_speech_and_tones(mixer: Mixer) -> None:
    mixer.play(a_clip(), spoken=True)
    mixer.render(10)
    mixer.play(a_clip(), spoken=False)
    mixer.clear()
    assert not mixer.render(100).any()


@pytest.mark.parametrize(
    "clip", [np.array([np.nan], np.float32), np.array([np.inf], np.float32), np.zeros((2, 2), np.float32), np.zeros(3)]
)
def test_a_clip_that_is_no_sound_is_refused(clip) -> None:
    with pytest.raises(ValueError, match="expected finite float32"):
        Mixer().play(clip, spoken=False)
