"""What moves at the sides of the picture."""

import numpy as np
import pytest

from livecoach.perception.pose.blazepose import EdgeMotion

ROOM = np.full((240, 320, 3), 90, np.uint8)


def with_somebody(left_px: int, tall_px: int) -> np.ndarray:
    """The room with a bright figure, 40 px wide, on its floor."""
    picture = ROOM.copy()
    picture[-tall_px:, max(0, left_px) : max(0, left_px + 40)] = 200
    return picture


def test_a_still_room_does_not_move() -> None:
    rng = np.random.default_rng(0)
    sides = EdgeMotion()
    noisy = [np.clip(ROOM + rng.normal(0, 8, ROOM.shape), 0, 255).astype(np.uint8) for _ in range(20)]
    assert [sides.measure_movement(picture, i / 30) for i, picture in enumerate(noisy)] == [0.0] * 20


@pytest.mark.parametrize("tall_px", [60, 180])
def test_who_walks_in_moves_as_tall_as_he_is(tall_px) -> None:
    for ends_px in ((-40, 40), (320, 240)):
        sides = EdgeMotion()
        seen = [
            sides.measure_movement(with_somebody(round(x), tall_px), i / 30)
            for i, x in enumerate(np.linspace(*ends_px, 15))
        ]
        assert max(seen) == pytest.approx(tall_px / 240, abs=0.05)


def test_who_moves_in_the_middle_is_not_noticed() -> None:
    sides = EdgeMotion()
    assert max(sides.measure_movement(with_somebody(100 + 5 * i, 180), i / 30) for i in range(10)) == 0.0
