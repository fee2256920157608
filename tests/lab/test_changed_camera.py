"""Rendered lifters are judged by a profile that learned from another day, with the camera in another place."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from builders.kept_reps import STIFF, a_kept_rep

from livecoach.core.types import Observation, ignore
from livecoach.decisions.rep.measures import load_faults
from livecoach.lab.measure import cache as cache_module
from livecoach.lab.measure import changed_camera
from livecoach.lab.measure.cache import Cache, is_visible_from
from livecoach.lab.measure.changed_camera import MOVES, PlainScorer, draw_rendered_lifter, measure_moves
from livecoach.lab.measure.table import Share
from livecoach.lab.synth.synthetic_set import SyntheticSet


@pytest.mark.parametrize("number", range(2))
def test_a_lifter_begins_the_other_day_with_good_reps(number: int) -> None:
    drawn = draw_rendered_lifter("judging", 5, number)
    known, later = drawn.known.camera, drawn.later.camera
    faults = [fault.name for token in drawn.later.tokens for fault in token.faults]
    assert {str(token) for token in (*drawn.known.tokens, *drawn.later.tokens[:5])} == {"good"}
    assert len(faults) == 4
    assert all(is_visible_from(drawn.exercise, fault, known.azimuth_deg) for fault in faults)
    assert abs(known.azimuth_deg - later.azimuth_deg) < 10
    assert known.distance_m == later.distance_m


@pytest.mark.parametrize(
    ("name", "strength", "field", "change"),
    [("turned", -15, "azimuth_deg", -15), ("raised", 40, "height_m", 0.4), ("farther", 2, "distance_m", 3.2)],
)
def test_a_move_changes_the_place_of_the_camera(name: str, strength: float, field: str, change: float) -> None:
    camera = draw_rendered_lifter("training", 5, 0).known.camera
    moved = MOVES[name][2](camera, strength)
    assert getattr(moved, field) - getattr(camera, field) == pytest.approx(change)
    assert replace(moved, **{field: getattr(camera, field)}) == camera


def test_each_place_of_the_camera_has_a_row(tmp_path: Path, monkeypatch) -> None:
    def true_observations(clip: SyntheticSet, *, bar: bool) -> Iterator[Observation]:
        assert bar
        return iter(clip.observations)

    monkeypatch.setattr(cache_module, "FPS", 15.0)
    monkeypatch.setattr(cache_module, "render_observations", true_observations)
    monkeypatch.setattr(changed_camera, "MAIN_LIFTS", ("squat",))
    monkeypatch.setattr(changed_camera, "MOVES", {name: MOVES[name] for name in ("in place", "farther")})
    summary, each = measure_moves("judging", 5, 1, Cache(tmp_path), ignore)
    assert (
        [row[:2] for row in summary.rows]
        == [row[:2] for row in each.rows]
        == [("in place", None), ("farther", "2 times")]
    )
    counted, judged, flagged, alarms = summary.rows[0][2:6]
    assert counted == "11 of 11"
    assert isinstance(judged, Share)
    assert isinstance(flagged, Share)
    assert isinstance(alarms, Share)
    assert 0 < flagged.count < flagged.count + alarms.of <= judged.count <= judged.of <= 11
    assert alarms.count == 0
    monkeypatch.setattr(cache_module, "render_observations", lambda *_, **__: pytest.fail("it was drawn before"))
    monkeypatch.setattr(changed_camera, "MOVES", {"in place": MOVES["in place"]})
    assert measure_moves("judging", 5, 1, Cache(tmp_path), ignore)[0].rows == summary.rows[:1]


def test_the_plainest_scorer_flags_what_is_far_from_the_own_reps() -> None:
    own = [a_kept_rep(seed=seed) for seed in range(5)]
    scorer = PlainScorer(own, load_faults("deadlift"))
    assert scorer.is_flagged(a_kept_rep(seed=6)) is False
    assert scorer.is_flagged(a_kept_rep(seed=6, deepest_deg=STIFF)) is True
    assert scorer.is_flagged(a_kept_rep(view=None)) is None
    assert PlainScorer(own[:1], load_faults("deadlift")).is_flagged(own[0]) is None
