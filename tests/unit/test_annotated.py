"""The annotated video: a frame for a frame, and at the end what is known then."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from builders.observations import an_observation
from builders.steps import a_session_state, a_set_summary, a_step

from livecoach.core.step import Step
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.session_state import SessionState
from livecoach.run.every_frame import AnnotatedVideo

PICTURE = np.full((480, 640, 3), 90, np.uint8)
FPS = 30.0
SUMMARY = a_set_summary()


def frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def followed(index: int, **changes: object) -> tuple[Step, SessionState]:
    step = a_step(observation=an_observation(index=index, t_s=index / FPS), **changes)
    return step, a_session_state()


def written(path: Path, *, ended: bool) -> list[np.ndarray]:
    """A video of five frames."""
    with AnnotatedVideo(path, Overlay(mirror=False, title="Deadlift"), FPS) as video:
        for index in range(5):
            video.add(PICTURE, *followed(index))
        if ended:
            video.add(PICTURE, *followed(4, summary=SUMMARY))
    return frames(path)


def test_the_last_frame_shows_what_is_known_at_the_end(tmp_path: Path):
    plain, ended = written(tmp_path / "plain.mp4", ended=False), written(tmp_path / "ended.mp4", ended=True)
    assert len(plain) == len(ended) == 5
    changed = [int((np.abs(a.astype(int) - b) > 40).any(-1).sum()) for a, b in zip(plain, ended, strict=True)]
    assert changed[-1] > 20 * max(*changed[:-1], 100)


class TwoColours(Overlay):
    def draw(self, *args: object) -> np.ndarray:
        return super().draw(*args)[..., :2]  # can't be encoded


def broken_off(path: Path, overlay: type[Overlay]) -> None:
    with AnnotatedVideo(path, overlay(mirror=False, title="Deadlift"), FPS) as video:
        for index in range(3):
            video.add(PICTURE, *followed(index))
        raise RuntimeError("pose")


@pytest.mark.parametrize(("overlay", "error"), [(Overlay, "pose"), (TwoColours, "channels")])
def test_an_error_leaves_no_file(tmp_path: Path, overlay, error):
    """Neither another's error nor the encoder's, which is known only with a later frame."""
    with pytest.raises((RuntimeError, cv2.error), match=error):
        broken_off(tmp_path / "out.mp4", overlay)
    assert list(tmp_path.iterdir()) == []
