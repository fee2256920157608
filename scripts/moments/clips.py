"""The synthetic sets in the pictures of the moments, one in each shape."""

from pathlib import Path

from livecoach.synth.camera import VirtualCamera
from livecoach.synth.clip import ClipSettings, make_clip, write_clip
from livecoach.synth.motion.tokens import parse

FPS = 15.0
"""A low frame rate, because drawing a frame takes most of the time."""
SET = parse("walkin,idle:2,good*4,bent_arms.curl:1,good,walkout,walkin,good,stands_beside,idle:5")
CAMERAS = {
    "landscape": VirtualCamera(azimuth_deg=50, distance_m=3.4, fov_deg=42, width_px=1280, height_px=720, fps=FPS),
    "portrait": VirtualCamera(azimuth_deg=50, distance_m=3.8, fov_deg=54, width_px=720, height_px=1280, fps=FPS),
}
"""Shape of the picture → the camera that filmed it."""


def clip(shape: str, folder: Path) -> Path:
    """Return the set in one shape as a video below `folder`, rendered unless it is there.

    Raises OutputError where it can't be written.
    """
    path = folder / f"{shape}.mp4"
    if not path.with_suffix(".json").exists():  # the truth is written last
        folder.mkdir(parents=True, exist_ok=True)
        settings = ClipSettings(exercise="deadlift", tokens=SET, seed=32, body="m05", camera=CAMERAS[shape])
        write_clip(make_clip(settings), path, landmarks=False)
    return path
