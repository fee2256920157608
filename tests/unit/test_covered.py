"""A session's video with something covered."""

from contextlib import closing

import numpy as np
import pytest
from builders.observations import a_squat
from builders.sessions import a_session

from livecoach.config import files
from livecoach.session import exporting, layout
from livecoach.session.stored import open_session
from livecoach.session.video import SessionPictures


def covered_pictures(folder, cover) -> list[tuple[float, np.ndarray]]:
    session = open_session(folder, lambda _: None)
    target = folder.parent / "covered.mp4"
    with files.open_new_private(target, buffering=0) as file:
        exporting.write_masked_video(session, file, cover)
    with closing(SessionPictures(target)) as pictures:
        return list(pictures.each())


def test_each_picture_is_covered_by_its_own_observation(tmp_path):
    """At the time that it had, to the microsecond."""
    seen = a_squat()[:40]
    folder = a_session(tmp_path, observations=seen, video=True)
    asked = []

    def cover(picture, observation):
        asked.append((round(float(picture.mean())), observation.index))
        return np.full_like(picture, 200)

    pictures = covered_pictures(folder, cover)
    assert [t_s for t_s, _ in pictures] == pytest.approx([o.t_s for o in seen], abs=1e-6)
    assert all(abs(float(picture.mean()) - 200) < 5 for _, picture in pictures)
    assert [index for _, index in asked] == [o.index for o in seen]
    assert all(abs(grey - (40 + index)) <= 4 for grey, index in asked)


def test_where_an_observation_is_damaged_nobody_is_known(tmp_path):
    """The cover decides what to do with a picture that nobody looked at; it is not given another's landmarks."""
    folder = a_session(tmp_path, observations=a_squat()[:20], video=True)
    path = folder / layout.OBSERVATIONS
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    known = []
    covered_pictures(folder, lambda picture, seen: (known.append(seen.landmarks is not None), picture)[1])
    assert (len(known), sum(known)) == (20, 19)


def test_pictures_left_out_of_the_video_stay_out(tmp_path):
    """As many pictures come out as there were."""
    seen = a_squat()[:30]
    folder = a_session(tmp_path, observations=seen, video=True)
    header, *records = _records(folder / layout.OBSERVATIONS)
    (folder / layout.OBSERVATIONS).write_bytes(header + b"".join(records[:10]))
    pictures = covered_pictures(folder, lambda picture, _: picture)
    assert len(pictures) == 30


def _records(path) -> list[bytes]:
    from livecoach.documents import codec

    with path.open("rb") as file:
        return [codec.record(payload) for payload in codec.read_records(file)]
