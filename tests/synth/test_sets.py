"""Random sets as observations."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders.synthetic_motion import a_set, everything

from livecoach.core import landmark
from livecoach.lab.synth.figure.body_mesh import JUDGING, TRAINING
from livecoach.lab.synth.motion.lifts import EXERCISES, LIFTS
from livecoach.lab.synth.motion.tokens import GOOD, PARTIAL, parse_tokens
from livecoach.lab.synth.synthetic_set import SyntheticSet
from livecoach.lab.synth.synthetic_sets import FACES_DEG, STANDS_M, SetRequest, random_set
from livecoach.lab.truth import dump_truth

with (Path(__file__).parents[1] / "data" / "synthetic_sets.csv").open(encoding="utf-8", newline="") as table:
    DRAWN = {exercise: [float(figure) for figure in figures] for exercise, *figures in csv.reader(table)}
TWO_REPS = parse_tokens("idle:0.5,good,uneven_bar:0.6")


def heights(made: SyntheticSet, pair: tuple[int, int]) -> np.ndarray:
    """(T,) height above the ankles, m."""
    world = np.array([observation.world for observation in made.observations])
    return -(world[:, pair].mean(1) - world[:, landmark.ANKLES].mean(1))[:, 1]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_seed_draws_what_it_always_drew(exercise):
    """Published figures name seeds: whoever changes what these draw measures them again, and renews this table."""
    assert figures_of(exercise) == pytest.approx(DRAWN[exercise][:-4], rel=1e-6)
    drawn_faults = [(fault.name, fault.way) for rep in everything(exercise).reps for fault in rep.faults]
    assert drawn_faults == [(name, way) for name, ways in LIFTS[exercise].faults.items() for way in ways]
    assert len(everything(exercise).reps) == 1 + len(drawn_faults)  # what is no rep adds none


@pytest.mark.usefixtures("gl")
@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_seed_films_what_it_always_filmed(exercise):
    with everything(exercise).open_renderer() as renderer:
        picture = renderer.draw(40)
    assert picture.shape == (120, 160, 3)
    assert [*picture.mean((0, 1)), picture.std()] == pytest.approx(DRAWN[exercise][-4:], abs=0.5)


def figures_of(exercise: str) -> list[float]:
    """Return figures of a set with all movements, as filmed, and of a set as a pose model sees it."""
    filmed, seen = everything(exercise), random_set([3, 5], SetRequest(exercise=exercise))
    plates = filmed.plate_positions()
    measured = (
        filmed.movement.landmarks,
        filmed.seen.image[..., :2],
        np.array([observation.world for observation in seen.observations]),
        np.array([observation.landmarks for observation in seen.observations])[..., :4],
        np.zeros((1, 1, 1)) if plates is None else plates[np.isfinite(plates).all((1, 2))],
        np.array([[[severity]] for rep in filmed.reps for severity in (0.0, *rep.severities.values())] or [[[0.0]]]),
    )
    timed = (made.t_s[[-1, len(made.t_s) // 2]] for made in (filmed, seen))
    return np.concatenate([*(np.square(values + 1).mean((0, 1)) for values in measured), *timed]).tolist()


def travel_m(made: SyntheticSet, start: int, end: int) -> float:
    """How far wrists and hips together move over the ankles."""
    together = heights(made, landmark.WRISTS) + heights(made, landmark.HIPS)
    return float(np.ptp(together[start : end + 1]))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_partial_rep_has_about_its_share_of_the_travel_and_is_an_event_with_it(exercise):
    made = a_set(exercise, "good,partial:0.33,partial:0.67,partial:0.85", 3, fps=20, view_deg=60)
    assert len(made.reps) == 2
    rep, partial = made.reps[0], [event for event in made.events if event.kind == PARTIAL]
    assert [event.share for event in partial] == [0.33, 0.67]
    assert rep.end_s <= partial[0].start_s < partial[0].end_s <= partial[1].start_s
    low, high = (travel_m(made, event.start_frame, event.end_frame) for event in partial)
    whole = travel_m(made, rep.start_frame, rep.end_frame)
    assert 0.08 * whole < low < 0.97 * high < 0.97**2 * whole
    assert [event["kind"] for event in dump_truth(made.events) if "share" in event] == [PARTIAL] * 2


@pytest.mark.parametrize("seed", range(3))
def test_reps_follow_each_other_and_turn_between_start_and_end(seed):
    made = random_set(seed, SetRequest(graded=False))
    ends = [-1]
    for i, rep in enumerate(made.reps, 1):
        assert rep.index == i
        assert ends[-1] <= rep.start_frame < rep.turn_frame < rep.end_frame
        assert rep.start_s == pytest.approx(made.observations[rep.start_frame].t_s, abs=6 / made.settings.camera.fps)
        ends.append(rep.end_frame)
    assert ends[-1] < len(made.observations)
    firsts = [event.start_frame for event in made.events]
    assert firsts == [0, *(event.end_frame + 1 for event in made.events[:-1])]
    assert made.events[-1].end_frame == len(made.observations) - 1


@pytest.mark.parametrize(
    ("exercise", "pair", "up", "least_m"), [("deadlift", landmark.WRISTS, 1, 0.3), ("squat", landmark.HIPS, -1, 0.25)]
)
def test_a_rep_turns_where_the_lift_ends(exercise, pair, up, least_m):
    made = a_set(exercise)
    way = up * heights(made, pair)
    for rep in made.reps:
        assert way[rep.turn_frame] > way[rep.start_frame : rep.end_frame + 1].max() - 0.02
        assert way[rep.turn_frame] > way[rep.start_frame] + least_m


def test_a_wished_view_or_lifter_changes_nothing_else_of_a_set():
    front, side = (a_set(view_deg=view) for view in (0, 90))
    assert front.reps == side.reps
    assert front.settings.body == side.settings.body
    first, second = (a_set(seed=seed, lifter=7) for seed in (1, 2))
    assert first.settings.body == second.settings.body
    assert first.settings.scale == second.settings.scale
    assert first.reps != second.reps


def test_sets_of_a_session_have_the_same_camera_and_a_lifter_who_stands_slightly_differently():
    wanted = SetRequest(exercise="squat", tokens=(GOOD,), fps=12, noise=0.0, lifter=7, session=3, graded=False)
    found = [random_set((5, k), wanted).settings.camera for k in range(40)]
    first = found[0]
    assert all(replace(camera, azimuth_deg=first.azimuth_deg, target=first.target) == first for camera in found)
    assert len({camera.target[2] for camera in found}) == 1
    spreads = np.std([(camera.azimuth_deg, *camera.target[:2]) for camera in found], axis=0)
    assert spreads == pytest.approx([FACES_DEG, STANDS_M, STANDS_M], rel=0.35)


@pytest.mark.parametrize(("part", "names"), [("training", TRAINING), ("judging", JUDGING)])
def test_sets_of_a_part_of_the_bodies_use_no_other_bodies(part, names):
    """No model is judged on a body that it was trained on."""
    wanted = SetRequest(exercise="deadlift", bodies=part, tokens=TWO_REPS, graded=False)
    assert {random_set([9, k], wanted).settings.body for k in range(8)} <= set(names)


def test_other_people_are_counted_while_they_are_in_the_picture():
    made = a_set("deadlift", "good,passes_behind,good,idle:6", view_deg=20)
    people = [seen.people for seen in made.observations]
    assert people[0] == 1
    assert max(people) == 2
    assert len(made.reps) == 2


def test_faults_are_measured_in_truth():
    made, ungraded = (a_set("deadlift", "good*2,rounded_back:1", graded=graded) for graded in (True, False))
    assert made.reps[1].severities.get("rounded_back", 0.0) == 0
    assert made.reps[2].faults[0].severity > 0.3
    assert made.reps[2].severities["rounded_back"] == made.reps[2].faults[0].severity
    assert [(rep.start_s, rep.label, rep.severities) for rep in ungraded.reps] == [
        (rep.start_s, rep.label, {}) for rep in made.reps
    ]


def test_a_part_of_a_clean_and_jerk_is_a_clean():
    whole, part = (a_set("clean_and_jerk", "good*2", part=part) for part in (False, True))
    over_shoulders = [heights(made, landmark.WRISTS) - heights(made, landmark.SHOULDERS) for made in (whole, part)]
    assert over_shoulders[0].max() > 0.3
    assert abs(over_shoulders[1].max()) < 0.1
    assert len(part.reps) == 2
    turn = part.reps[0].turn_frame
    assert over_shoulders[1][turn] > -0.1


def test_a_near_camera_shows_the_upper_body():
    def inside(exercise: str, pair: tuple[int, int]) -> float:
        sets = [a_set(exercise, "good", seed, near=True).observations for seed in range(8)]
        points = np.array([seen[-1].landmarks[list(pair), :2] for seen in sets])
        return ((points > 0) & (points < 1)).all(-1).mean()

    assert inside("bench_press", landmark.SHOULDERS) > 0.9
    assert inside("overhead_press", landmark.SHOULDERS) > 0.9
    assert inside("overhead_press", landmark.ANKLES) < 0.6
