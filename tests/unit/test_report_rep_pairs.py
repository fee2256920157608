"""Two reps side by side: which, and at which moment."""

from dataclasses import replace

import numpy as np
import pytest
from builders.depth import a_depth
from builders.kept_reps import a_kept_rep
from builders.observations import a_squat, an_observation
from builders.reports import a_squat_session, lifted, opened, squatted, wrong
from builders.steps import a_view

from livecoach.core.config import paths
from livecoach.core.types import Correction
from livecoach.decisions.rep.curves import HALF, POINTS
from livecoach.decisions.rep.measures import load_faults
from livecoach.feedback.key_moment import matching_points, nearest_observation, time_of_point
from livecoach.feedback.two_reps import RepComparer, typical_rep
from livecoach.pages.report.report_pictures import Comparisons, ReportPictures
from livecoach.pages.report.report_words import MARK
from livecoach.records.session import layout

SQUAT = load_faults("squat")
KEPT = a_kept_rep(lift="squat")
OUT = np.linspace(1.0, 0.0, HALF + 1)
EVEN = np.concatenate([OUT, OUT[::-1][1:]])
"""Down and up again, evenly."""


def seen(rep, **changes):
    return lifted(rep, **{"window": KEPT, **changes})


def test_the_typical_rep_is_the_good_rep_with_the_lowest_score():
    """Of those of the same set, before one of another."""
    told = squatted(1, score=0.5), squatted(2, score=0.2), wrong(3), squatted(4, score=0.1, set=2)
    reps = [*map(seen, told)]
    assert typical_rep(reps[2], reps) is reps[1]
    assert typical_rep(reps[2], [reps[2], reps[3]]) is reps[3]


def test_a_rep_that_misses_depth_is_typical_only_where_no_other_is():
    bad, high = seen(wrong(3)), seen(squatted(1, score=0.1, standards=(a_depth(11.0, "missed"),)))
    assert typical_rep(bad, [high, deep := seen(squatted(2, score=0.5)), bad]) is deep
    assert typical_rep(bad, [high, bad]) is high
    assert typical_rep(bad, [high, bad], compares_depth=True) is None
    other_day = replace(a_kept_rep(lift="squat", azimuth_deg=40.0), set_name="monday 1")
    judged_by_it = replace(bad, against=(other_day, KEPT))
    assert typical_rep(judged_by_it, [replace(high, window=KEPT), judged_by_it]) is other_day
    high_too = replace(other_day, misses_standard=True)
    judged_by_both = replace(bad, against=(other_day, high_too))
    assert typical_rep(judged_by_both, [judged_by_both]) is other_day
    assert typical_rep(replace(bad, against=(high_too,)), []) is high_too
    assert typical_rep(replace(bad, against=(high_too,)), [], compares_depth=True) is None


def test_a_movement_that_a_person_called_no_rep_is_not_typical():
    bad, good = seen(wrong(3)), seen(squatted(2, score=0.5))
    no_rep = seen(squatted(1, score=0.1, correction=Correction(label="no-rep")))
    assert typical_rep(bad, [no_rep, good, bad]) is good
    assert typical_rep(bad, [no_rep, bad]) is None


def test_a_rep_that_was_not_judged_is_paired_as_such():
    pair = RepComparer(SQUAT, "bottom").pair(seen(squatted(1, verdict="unsure", score=None)), None)
    assert pair.reps[0].form == "unsure"


def test_a_rep_that_is_not_good_or_not_visible_is_not_typical():
    bad = seen(wrong(3))
    others = [seen(wrong(1)), lifted(squatted(2)), seen(squatted(4, verdict="unsure", score=None))]
    assert typical_rep(bad, [*others, bad]) is None


@pytest.mark.parametrize("azimuth_deg", [-40.0, 80.0])
def test_a_rep_seen_from_another_side_is_not_typical(azimuth_deg):
    """Mirrored, or much farther to the side: the pictures can't be compared."""
    elsewhere = replace(KEPT, view=a_view(azimuth_deg))
    assert typical_rep(seen(wrong(1)), [seen(squatted(2), window=elsewhere)]) is None


def test_without_a_good_rep_that_day_a_rep_of_another_day_stands_for_it():
    mirrored = replace(KEPT, view=a_view(-40.0))
    older, newer = (a_kept_rep(lift="squat", azimuth_deg=40.0, seed=seed) for seed in (1, 2))
    assert typical_rep(seen(wrong(1), against=(older, newer, mirrored)), []) is newer


def test_the_typical_rep_is_one_of_the_reps_that_judged_it():
    """What was measured is told against them: not a good rep of the day that was no reference, however typical."""
    kept = [replace(KEPT, set_name=str(n)) for n in range(4)]
    reps = [seen(squatted(n, score=0.1 * n), window=kept[n]) for n in (1, 2, 3)]
    bad = seen(wrong(4), against=(kept[2], kept[3]))
    assert typical_rep(bad, reps) is reps[1]
    other_day = replace(KEPT, set_name="then")
    assert typical_rep(seen(wrong(4), against=(other_day,)), reps) is other_day


def test_the_typical_rep_is_preferably_one_that_shows_the_compared_part():
    then, first, second = (replace(KEPT, set_name=name) for name in ("then", "1", "2"))
    reps = [seen(squatted(1, score=0.1), window=first), seen(squatted(2, score=0.2), window=second)]
    bad = seen(wrong(4), against=(then, first, second))
    assert typical_rep(bad, reps, lambda kept: kept is not first) is reps[1]
    assert typical_rep(bad, reps, lambda kept: kept is then) is then
    assert typical_rep(bad, reps, lambda _: False) is reps[0]


def test_moments_are_matched_by_how_far_on_the_way_they_are():
    """A rep that dives is at half of its way earlier than one that goes evenly; bottom and ends are the same. The same
    rep matches itself at every moment."""
    assert matching_points(EVEN, EVEN) == pytest.approx(np.arange(POINTS))
    diving = np.concatenate([1 - np.linspace(0, 1, HALF + 1) ** 0.25, OUT[::-1][1:]])
    points = matching_points(diving, EVEN)
    half_down = int(np.argmin(np.abs(diving[: HALF + 1] - 0.5)))
    assert EVEN[round(points[half_down])] == pytest.approx(0.5, abs=0.1)
    assert points[[0, HALF, POINTS - 1]] == pytest.approx([0, HALF, POINTS - 1])


def test_a_shallow_bottom_is_shown_beside_a_deep_bottom():
    assert matching_points(1 - (1 - EVEN) / 2, EVEN)[HALF] == pytest.approx(HALF)


def test_a_bar_that_sinks_on_its_way_is_waited_for():
    up = np.linspace(0, 1, HALF + 1) + 0.3 * np.sin(np.linspace(0, 4 * np.pi, HALF + 1))
    assert (np.diff(matching_points(np.concatenate([up, EVEN[HALF + 1 :]]), 1 - EVEN)) >= 0).all()


@pytest.mark.parametrize("unknown", [None, np.zeros(POINTS)])
def test_reps_without_a_known_way_are_matched_by_time_alone(unknown):
    assert matching_points(unknown, np.zeros(POINTS)) == pytest.approx(np.arange(POINTS))


def test_points_are_shares_of_the_way_out_and_back():
    rep = squatted(1, start_s=1.0, turn_s=2.0, end_s=5.0)
    assert [time_of_point(point, rep) for point in (0, 25, HALF, 75, POINTS - 1)] == pytest.approx([1, 1.5, 2, 3.5, 5])


def test_the_observation_nearest_to_a_moment_shows_a_body():
    observations = a_squat()[:15]
    nobody = an_observation(nobody=True, t_s=0.5)
    window = replace(KEPT, observations=(*observations[:8], nobody, *observations[9:]))
    found = nearest_observation(window, 0.5)
    assert found is not None
    assert found.t_s == pytest.approx(0.5, abs=0.09)
    assert found.landmarks is not None
    assert nearest_observation(replace(KEPT, observations=(nobody,)), 0.5) is None


def shown_of(rep, sessions, *, blur_faces=False):
    """The only rep of a session, and what is beside it, in the report."""
    if not (sessions / "today").exists():
        a_squat_session(sessions, [squatted(1)], name="today")
    with ReportPictures(opened(sessions / "today"), blur_faces=blur_faces) as pictures:
        return Comparisons([rep], RepComparer(SQUAT, "bottom"), pictures).pair_with_typical(rep)


@pytest.mark.parametrize(
    ("rep", "verdict"),
    [
        (squatted(1), "good"),
        (squatted(1, standards=(a_depth(11.0, "missed"),)), "anomalous"),
        (wrong(1), "anomalous"),
        (squatted(1, verdict="unsure"), "unsure"),
    ],
)
def test_a_shown_rep_has_the_mark_of_its_verdict(tmp_path, rep, verdict):
    """A good rep that misses depth has that of one to check, so that the mark says what the words beside it say."""
    assert shown_of(seen(rep), tmp_path).first.mark == MARK[verdict]


@pytest.mark.parametrize(
    ("misses", "chosen", "name", "mark"),
    [
        (False, True, "Your good rep", "good"),
        (False, False, "Your rep", "good"),
        (True, True, "Your rep", "wrong"),
        (True, False, "Your rep", "wrong"),
    ],
)
def test_a_rep_of_another_day_is_called_good_if_it_was_confirmed_and_met_depth(tmp_path, misses, chosen, name, mark):
    """A squat that only missed depth may judge the form of others, and is marked as it would be in its own session."""
    beside = replace(KEPT, set_name="then", day="2026-03-02", misses_standard=misses, chosen=chosen)
    shown = shown_of(seen(wrong(1), against=(beside,)), tmp_path).second
    assert (shown.name, shown.mark) == (f"{name} of 2 Mar", mark)


def test_a_good_rep_of_another_day_is_shown_in_that_days_video(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "sessions_dir", lambda: tmp_path)
    monkeypatch.setattr("livecoach.pages.report.report_pictures.blur_face", lambda picture, _: 0 * picture)
    for name in ("today", "monday"):
        a_squat_session(tmp_path, [squatted(1)], name=name, session=f"camera 0:{name}", video=True)
    beside = replace(KEPT, set_name="camera 0:monday 1", day="2026-03-02", chosen=True)
    bad = seen(wrong(1), against=(beside, replace(beside, start_s=0.9)))

    def the_other(*, blur_faces=False):
        shown = shown_of(bad, tmp_path, blur_faces=blur_faces).second
        assert shown.name == "Your good rep of 2 Mar"
        return shown.picture

    filmed = the_other()
    assert filmed.startswith("data:image/jpeg")
    assert the_other(blur_faces=True) not in {None, filmed}
    (tmp_path / "monday" / layout.VIDEO).rename(tmp_path / layout.VIDEO)
    assert the_other() is None
    bad = seen(wrong(1), against=[replace(one, set_name=".. 1") for one in bad.against])
    assert the_other() is None
