"""Pictures that lie on their side are noticed by the people who stand in them; people who lie are left as they are."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from builders.observations import an_observation
from builders.stick_figure import a_stick_figure

from livecoach.core import landmark
from livecoach.core.types import Frame
from livecoach.perception.pose.observer import upright_picture
from livecoach.perception.pose.upright import LOOK_S, TurnFinder, turn_picture
from livecoach.perception.tracking.stance import is_propped, standing_turn

SIDE_PX = 64
FPS = 30
STANDS = a_stick_figure(0.0, view_deg=60.0)[:, :2]
UPRIGHT_POSES = {
    "standing": STANDS,
    "squatting": a_stick_figure(1.0, lift="squat", view_deg=60.0)[:, :2],
    "bent over the bar": a_stick_figure(1.0, lift="deadlift", view_deg=60.0)[:, :2],
}


def moved(points: np.ndarray, *places: tuple[Sequence[int], Sequence[float] | np.ndarray]) -> np.ndarray:
    """The points with joints, left and right, at other places, in metres."""
    other = points.copy()
    for joints, place in places:
        other[list(joints)] = place
    return other


def turned_points(points: np.ndarray, turn_deg: int) -> np.ndarray:
    """Points as they are where the picture is turned clockwise."""
    for _ in range(turn_deg // 90):
        points = points @ ((0, 1), (-1, 0))
    return points


ON_A_BENCH = moved(
    np.zeros((landmark.COUNT, 2)),
    (landmark.SHOULDERS, (0.0, 0.0)),
    (landmark.ELBOWS, (0.0, -0.3)),
    (landmark.WRISTS, (0.0, -0.6)),
    (landmark.HIPS, (0.5, 0.0)),
    (landmark.KNEES, (0.9, 0.05)),
    (landmark.ANKLES, (0.95, 0.45)),
)
LIES = turned_points(STANDS, 90)
PLANK, LOWERED = (
    moved(LIES, (landmark.WRISTS, np.add(LIES[list(landmark.SHOULDERS)].mean(0), (0.0, m)))) for m in (0.6, 0.1)
)


def people_of(*bodies: np.ndarray) -> list[np.ndarray]:
    """Landmarks of bodies, in metres, in a square picture."""
    rows = []
    for points in bodies:
        row = np.ones((landmark.COUNT, 5), np.float32)
        row[:, :2] = 0.5 + 0.2 * (points - points.mean(0))
        rows.append(row)
    return rows


@cache
def a_room(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.kron(rng.integers(0, 255, (8, 8, 3), np.uint8), np.ones((SIDE_PX // 8, SIDE_PX // 8, 1), np.uint8))


class Film:
    """Scenes of a source: who is in the picture, in which room, as the camera sees it."""

    def __init__(self, turn_deg: int | None = None) -> None:
        self.looks, self._people = 0, list[np.ndarray]()
        self.turn_finder, self._frame = TurnFinder(self._find, turn_deg), 0

    def _find(self, _: np.ndarray) -> list[np.ndarray]:
        self.looks += 1
        return people_of(*(turned_points(body, self.turn_finder.turn_deg) for body in self._people))

    def shows(self, *people: np.ndarray, seconds: float, room: int = 0, followed: bool = True) -> float | None:
        """Show people for a while; return after how many seconds the picture was turned, None if it was not.

        followed: whether the first of them is the lifter whom pose estimation follows.
        """
        self._people = list(people)
        for number in range(round(seconds * FPS)):
            before = self.turn_finder.turn_deg
            lifter = people_of(turned_points(people[0], before))[0] if followed and people else None
            self.turn_finder.step(turn_picture(a_room(room), before), lifter, self._frame / FPS)
            self._frame += 1
            if self.turn_finder.turn_deg != before:
                return number / FPS
        return None


@pytest.mark.parametrize("turn_deg", [0, 90, 180, 270])
@pytest.mark.parametrize("pose", UPRIGHT_POSES)
def test_a_body_on_its_feet_tells_how_its_picture_is_turned(pose, turn_deg):
    points_px = turned_points(UPRIGHT_POSES[pose], turn_deg)
    assert standing_turn(points_px) == (360 - turn_deg) % 360


def test_lifters_on_a_bench_are_not_on_their_feet():
    """The shins point down, and the trunk is nowhere above the feet."""
    assert standing_turn(ON_A_BENCH) is None
    assert is_propped(PLANK, 270)
    assert not is_propped(LOWERED, 270)


@pytest.mark.parametrize("turn_deg", [90, 180, 270])
@pytest.mark.parametrize("pose", UPRIGHT_POSES)
def test_a_picture_on_its_side_is_turned_within_two_seconds(pose, turn_deg):
    """Also one whose lifter pose estimation does not follow, as it is with many that are upside down."""
    for followed in (True, False):
        film = Film()
        at_s = film.shows(turned_points(UPRIGHT_POSES[pose], turn_deg), seconds=3.0, followed=followed)
        assert at_s is not None
        assert at_s < 2.0
        assert film.turn_finder.turn_deg == 360 - turn_deg


@pytest.mark.parametrize("people", [[STANDS], [ON_A_BENCH], [PLANK], [LIES, STANDS], []], ids=str)
def test_upright_pictures_are_not_turned(people):
    assert Film().shows(*people, seconds=20.0) is None


def test_a_push_up_and_a_single_wrong_look_turn_nothing():
    """At the bottom of a push-up the hands are beside the chest, as those of somebody who stands with a bar."""
    film = Film()
    for _ in range(5):
        assert film.shows(PLANK, seconds=1.0) is None
        assert film.shows(LIES, seconds=1.5) is None
    film = Film()
    for _ in range(10):
        assert film.shows(LIES, seconds=2 * LOOK_S, followed=False) is None
        assert film.shows(STANDS, seconds=LOOK_S) is None


def test_a_lifter_who_lies_down_turns_no_picture():
    """A phone that is turned, or falls, shows it otherwise: it is noticed in the middle of a set, and back again."""
    film = Film()
    film.shows(STANDS, seconds=2.0)
    assert film.shows(LIES, seconds=10.0) is None
    film.shows(STANDS, seconds=1.0)
    at_s = film.shows(LIES, seconds=3.0, room=1)
    assert at_s is not None
    assert at_s < 2.0
    assert film.turn_finder.turn_deg == 270
    assert film.shows(STANDS, seconds=3.0, room=2) is not None
    assert film.turn_finder.turn_deg == 0


def test_looks_for_an_upright_lifter_cost_time_only_in_doubt():
    film = Film()
    film.shows(STANDS, seconds=5.0)
    film.shows(ON_A_BENCH, seconds=5.0)
    assert not film.looks
    film.shows(seconds=5.0, followed=False)
    assert 18 <= film.looks <= 20


def test_a_picture_is_kept_upright_and_the_picture_of_a_stored_session_is_so_already():
    picture, seen = np.arange(18, dtype=np.uint8).reshape(2, 3, 3), replace(an_observation(), turn_deg=90)
    for stored, expected in ((None, turn_picture(picture, 90)), (seen, picture)):
        frame = Frame(index=0, t_s=0.0, picture=picture, observation=stored)
        assert np.array_equal(upright_picture(frame, seen), expected)


def test_a_turn_from_the_settings_holds():
    film = Film(turn_deg=90)
    assert film.shows(STANDS, seconds=3.0) is None
    assert (film.turn_finder.turn_deg, film.looks) == (90, 0)
