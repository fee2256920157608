"""The cache of what pose saw: a clip is looked at once, and again where it has changed."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from builders.command import SQUAT_OBSERVATIONS

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.capture.file import VideoFile
from livecoach.capture.stored import StoredObservations
from livecoach.core.errors import SourceError
from livecoach.core.types import Observation
from livecoach.lab.measure import cache as cache_module
from livecoach.lab.measure.cache import Cache


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the clips that pose was run on, in place of which stored observations are taken."""
    names: list[str] = []

    def observe(open_film: "partial[VideoFile]", _: str) -> Iterator[Observation]:
        names.append(open_film.args[0].name)
        source = StoredObservations(SQUAT_OBSERVATIONS)
        frames = iter(source.read, None)
        return (frame.observation for frame in frames if frame.observation is not None)

    monkeypatch.setattr(cache_module, "_observe", observe)
    return names


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "one.mp4"
    path.write_bytes(b"one")
    return path


def test_a_clip_is_looked_at_once(clip: Path, tmp_path: Path, looked_at: list[str]) -> None:
    cache = Cache(tmp_path / "cache")
    first, second = (cache.observed(clip) for _ in range(2))
    assert looked_at == ["one.mp4"]
    assert [one.t_s for one in first] == [one.t_s for one in second]
    assert len(first) > 0


def test_a_clip_that_has_changed_is_looked_at_again(clip: Path, tmp_path: Path, looked_at: list[str]) -> None:
    cache = Cache(tmp_path / "cache")
    cache.observed(clip)
    clip.write_bytes(b"two")
    cache.observed(clip)
    assert looked_at == ["one.mp4", "one.mp4"]


def test_a_clip_that_is_missing_is_named(clip: Path, tmp_path: Path, looked_at: list[str]) -> None:
    """What was seen of it may be of another clip, so it is not taken."""
    cache = Cache(tmp_path / "cache")
    cache.observed(clip)
    clip.unlink()
    with pytest.raises(SourceError, match=r"one\.mp4: can't be read"):
        cache.observed(clip)
    assert looked_at == ["one.mp4"]


def test_observations_without_a_key_are_taken(clip: Path, tmp_path: Path, looked_at: list[str]) -> None:
    """Somebody put them there."""
    cache = Cache(tmp_path / "cache")
    cache.observed(clip)
    (tmp_path / "cache" / "lite" / "one.key").unlink()
    clip.write_bytes(b"two")
    cache.observed(clip)
    assert looked_at == ["one.mp4"]


@pytest.mark.parametrize(
    ("events", "known"),
    [("", 0), (', "events": [{"kind": "ready", "start_frame": 0, "end_frame": 9, "start_s": 0, "end_s": 1}]', 1)],
)
def test_a_rendered_set_is_drawn_once(events: str, known: int, tmp_path: Path) -> None:
    """Its truth is read back beside its observations, also where an older version left out the events."""
    cache = Cache(tmp_path)
    seen = cache.observed(SQUAT_OBSERVATIONS)
    cache.kept("rendered/one.obs", lambda: seen)
    (tmp_path / "rendered" / "one.json").write_text(f'{{"exercise": "squat", "view_deg": 60, "reps": []{events}}}')
    kept, truth = cache.drawn("one", lambda: pytest.fail("it was drawn before"))
    assert (truth.exercise, truth.view_deg, len(truth.events)) == ("squat", 60.0, known)
    assert [one.t_s for one in kept] == [one.t_s for one in seen]
