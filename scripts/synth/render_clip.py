"""Render one clip and its truth.

    python scripts/synth/render_clip.py --exercise deadlift --set good,good,rounded:0.8 --view 30 --out clip.mp4

Writes clip.mp4 and clip.json. A set is a comma-separated list of tokens name[:value]. Reps (value: severity 0..1):
good, rounded, rounded_headup, drift, jerky, hips_early, asym, valgus (up to 0.5), shallow (squat). No reps: walkin,
walkout, idle:seconds, bend, fiddle, hold:seconds. The same arguments give the same clip.
"""

import argparse
from pathlib import Path

from command import not_negative, parser, run

from livecoach.synth.clip import ClipSettings, make_clip, write_clip
from livecoach.synth.figure.body import NAMES
from livecoach.synth.motion.tokens import EXERCISES, parse


def read_options() -> argparse.Namespace:
    """The command line."""
    options = parser(__doc__)
    options.add_argument("--exercise", choices=EXERCISES, default="deadlift")
    options.add_argument("--set", default="good,good,rounded:0.8", help="tokens, comma separated")
    options.add_argument("--view", type=float, default=30, help="camera's azimuth, degrees: 0 front, 90 the left side")
    options.add_argument("--body", default="male_avg", choices=NAMES)
    options.add_argument("--scale", type=float, default=1.0, help="size of the body, 1 = as baked")
    options.add_argument("--seed", type=not_negative, default=0)
    options.add_argument("--fps", type=float, default=30)
    options.add_argument("--width", type=int, default=640)
    options.add_argument("--height", type=int, default=480)
    options.add_argument("--distance", type=float, default=3.0, help="m")
    options.add_argument("--cam-height", type=float, default=1.1, help="m")
    options.add_argument("--fov", type=float, default=46, help="vertical, degrees")
    options.add_argument("--tempo", type=float, default=1.0, help="all durations of a rep times this")
    options.add_argument("--no-bar", action="store_true", help="no barbell: bodyweight squat, or an empty floor")
    options.add_argument("--plates", type=int, default=1)
    options.add_argument("--crf", type=int, default=23, help="quality of the video: 0 lossless, 51 worst")
    options.add_argument("--out", type=Path, required=True)
    return options.parse_args()


def settings_from(given: argparse.Namespace) -> ClipSettings:
    """The clip that the command line asks for."""
    return ClipSettings(
        exercise=given.exercise,
        tokens=parse(given.set),
        seed=given.seed,
        view_deg=given.view,
        body=given.body,
        scale=given.scale,
        fps=given.fps,
        width_px=given.width,
        height_px=given.height,
        distance_m=given.distance,
        camera_height_m=given.cam_height,
        fov_deg=given.fov,
        tempo=given.tempo,
        bar=not given.no_bar,
        plates=given.plates,
    )


def main() -> None:
    given = read_options()
    clip = make_clip(settings_from(given))
    write_clip(clip, given.out, given.crf)
    reps, seconds = len(clip.movement.reps), clip.frames / given.fps
    print(f"{given.out.name}: {clip.frames} frames, {seconds:.1f} s, {reps} reps")


if __name__ == "__main__":
    run(main)
