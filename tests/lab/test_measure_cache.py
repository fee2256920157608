"""The cache of what pose saw: a clip is looked at once, and again where it has changed."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from builders.command import SQUAT_OBSERVATIONS

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.capture.file import VideoFile
from livecoach.capture.stored_observations import StoredObservations
from livecoach.core.errors import SourceError
from livecoach.core.types import Observation
from livecoach.lab.measure import cache as cache_module
from livecoach.lab.measure.cache import Cache


def test_a_clip_is_looked_at_once_and_again_where_it_has_changed(tmp_path: Path, monkeypatch) -> None:
    """Observations without a key are taken, as somebody put them there; those of a clip that is gone are not."""
    names: list[str] = []

    def observe(open_film: "partial[VideoFile]", _: str) -> Iterator[Observation]:
        names.append(open_film.args[0].name)
        frames = iter(StoredObservations(SQUAT_OBSERVATIONS).read, None)
        return (frame.observation for frame in frames if frame.observation is not None)

    monkeypatch.setattr(cache_module, "_observe", observe)
    clip, cache = tmp_path / "one.mp4", Cache(tmp_path / "cache")
    clip.write_bytes(b"one")
    first, second = (cache.observations_of(clip) for _ in range(2))
    assert [one.t_s for one in first] == [one.t_s for one in second] != []
    assert names == ["one.mp4"]
    clip.write_bytes(b"two")
    cache.observations_of(clip)
    assert names == ["one.mp4", "one.mp4"]
    clip.unlink()
    with pytest.raises(SourceError, match=r"one\.mp4: can't be read"):
        cache.observations_of(clip)
    (tmp_path / "cache" / "lite" / "one.key").unlink()
    clip.write_bytes(b"three")
    cache.observations_of(clip)
    assert names == ["one.mp4", "one.mp4"]


@pytest.mark.parametrize(
    ("events", "known"),
    [("", 0), (', "events": [{"kind": "ready", "start_frame": 0, "end_frame": 9, "start_s": 0, "end_s": 1}]', 1)],
)
def test_a_rendered_set_is_drawn_once(events: str, known: int, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    seen = [frame.observation for frame in iter(StoredObservations(SQUAT_OBSERVATIONS).read, None)]
    cache.load_or_observe("rendered/one.obs", lambda: seen)
    (tmp_path / "rendered" / "one.json").write_text(f'{{"exercise": "squat", "view_deg": 60, "reps": []{events}}}')
    kept, truth = cache.load_or_render("one", lambda: pytest.fail("it was drawn before"))
    assert (truth.exercise, truth.view_deg, len(truth.events)) == ("squat", 60.0, known)
    assert [one.t_s for one in kept] == [one.t_s for one in seen]
