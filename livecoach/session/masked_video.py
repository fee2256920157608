"""Encodes a session's video again with a part of each picture masked, at the same times."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import BinaryIO

import numpy as np

from livecoach.session.fragmented_video import FragmentedVideo
from livecoach.session.recorder import USUAL_FPS
from livecoach.session.stored import Session
from livecoach.session.video_pictures import SessionPictures
from livecoach.types import Observation, nobody

MaskPicture = Callable[[np.ndarray, Observation], np.ndarray]
"""Returns a masked picture of the same size, given the picture and its observation."""
SAME_S = 1e-5
"""Greatest difference in time between a picture and its observation: the video keeps microseconds."""


def write(session: Session, file: BinaryIO, mask: MaskPicture, at: Callable[[float], object] = lambda _: None) -> None:
    """Write the masked video of a session that has one.

    file: unbuffered. mask: called with an empty observation where the stored one is damaged. at: called with the time
    of each picture. Raises SourceError where the video can't be read, OSError where it can't be written.
    """
    assert session.video is not None
    with closing(SessionPictures(session.video)) as pictures:
        video: FragmentedVideo | None = None
        for t_s, picture, seen in _together(session, pictures):
            if video is None:
                height_px, width_px = picture.shape[:2]
                video = FragmentedVideo(file, width_px, height_px, session.about.source.fps or USUAL_FPS)
            video.write(mask(picture, seen), t_s)
            at(t_s)
        if video is not None:
            video.finish()


def _together(session: Session, pictures: SessionPictures) -> Iterator[tuple[float, np.ndarray, Observation]]:
    """Yield each picture with its time and its observation."""
    with closing(session.frames()) as source:
        frames = iter(source.read, None)
        seen: Observation | None = None
        for t_s, picture in pictures.each():
            while seen is None or seen.t_s < t_s - SAME_S:
                frame = next(frames, None)
                if frame is None:
                    break
                seen = frame.observation
            known = seen is not None and abs(seen.t_s - t_s) <= SAME_S
            height_px, width_px = picture.shape[:2]
            empty = nobody(t_s=t_s, width_px=width_px, height_px=height_px)
            yield t_s, picture, seen if seen is not None and known else empty
