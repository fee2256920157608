"""Pictures of the set under way, kept in memory for its rest."""

import cv2
import numpy as np

from livecoach.run.set_pictures import APART_S, NEAR_S, SIDE_PX, SetPictures


def a_picture(grey: int = 100, width: int = 640, height: int = 480) -> np.ndarray:
    return np.full((height, width, 3), grey, np.uint8)


def pictures(*times_s: float, most_bytes: int = 1 << 20) -> SetPictures:
    """Return pictures, each brighter by ten than the one before."""
    kept = SetPictures(most_bytes)
    for n, t_s in enumerate(times_s):
        kept.add(t_s, a_picture(10 * n))
    return kept


def grey(jpeg: bytes | None) -> int | None:
    """Return how bright a picture is, to tens."""
    return None if jpeg is None else 10 * round(cv2.imdecode(np.frombuffer(jpeg, np.uint8), 0).mean() / 10)


def test_the_nearest_picture_of_a_time_is_found():
    """None where none is near."""
    kept = pictures(1.0, 2.0, 3.0)
    assert [grey(kept.at(t_s)) for t_s in (0.9, 1.1, 2.9, 3.0 + NEAR_S / 2)] == [0, 0, 20, 20]
    assert [kept.at(t_s) for t_s in (0.5, 1.5, 3.5)] == [None] * 3
    assert SetPictures().at(1.0) is None


def test_no_more_pictures_are_kept_than_a_loop_shows():
    """Fifteen a second."""
    kept = pictures(1.0, 1.0 + APART_S / 2, 1.0 + APART_S)
    assert grey(kept.at(1.0 + APART_S / 2)) in (0, 20)


def test_the_oldest_pictures_go_first():
    """So memory has an end."""
    one = len(pictures(1.0).at(1.0) or b"")
    kept = pictures(*range(20), most_bytes=5 * one)
    assert kept.at(0.0) is None
    assert grey(kept.at(19.0)) == 190
    assert 3 <= sum(kept.at(float(t_s)) is not None for t_s in range(20)) <= 5


def test_a_large_picture_is_kept_small():
    """Upright ones as well."""
    for width, height in ((1280, 720), (720, 1280)):
        kept = SetPictures()
        kept.add(0.0, a_picture(width=width, height=height))
        jpeg = kept.at(0.0)
        assert jpeg is not None
        assert max(cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1).shape) == SIDE_PX
