"""Pictures of the synthetic lifter on one sheet.

    python scripts/synth/contact_sheet.py faults deadlift --view 45 --out faults.png
    python scripts/synth/contact_sheet.py set squat --out docs/synthetic_set.png

faults: a row for every fault and way, beside a good rep of the same lifter; three moments of the rep each. set: frames
of random clips, bodies, rooms and cameras drawn from the seed.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from command import not_negative, parser, run

from livecoach.errors import OutputError
from livecoach.synth.camera import VirtualCamera
from livecoach.synth.clip import Clip, ClipSettings, make_clip
from livecoach.synth.motion.faults import EXERCISES, FAULTS, variant_names
from livecoach.synth.motion.lifts import LIFTS
from livecoach.synth.motion.random_tokens import random_tokens
from livecoach.synth.motion.tokens import GOOD, Deviation, Token, faulty
from livecoach.synth.truth import TrueRep
from livecoach.synth.variety import random_clip_settings

SIZE_PX = (200, 225)
MOMENTS = {False: ((0, 0.12), (0, 0.5), (0, 1.0)), True: ((0, 1.0), (1, 0.3), (1, 0.6))}
"""Whether a lift turns low → (0: start to turn, 1: turn to end), and the share of it that is gone."""
ROW_PX = 1280


def moment(rep: TrueRep, half: int, share: float) -> int:
    """Frame of a moment of the rep."""
    start, end = ((rep.start_frame, rep.turn_frame), (rep.turn_frame, rep.end_frame))[half]
    return round(start + share * (end - start))


def written(picture: np.ndarray, text: str) -> np.ndarray:
    """The picture with a caption."""
    out = picture.copy()
    cv2.rectangle(out, (0, 0), (out.shape[1], 16), (20, 20, 20), -1)
    cv2.putText(out, text, (3, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (255, 255, 255), 1, cv2.LINE_AA)
    return out


def rep_pictures(exercise: str, token: Token, camera: VirtualCamera, body: str, seed: int) -> np.ndarray:
    """Three moments of the second rep, side by side."""
    clip = make_clip(ClipSettings(exercise=exercise, tokens=(GOOD, token), seed=seed, camera=camera, body=body))
    rep = clip.movement.reps[1]
    shown = max((fault.severity or 0.0 for fault in rep.faults), default=0.0)
    caption = f"{token} severity {shown:.2f}" if rep.faults else "good"
    with clip.renderer() as renderer:
        row = [renderer.draw(moment(rep, *at)) for at in MOMENTS[LIFTS[exercise].turns_low]]
    return np.hstack([written(row[0], caption), *row[1:]])


def faults_sheet(exercise: str, view_deg: float, body: str, seed: int, knob: float) -> np.ndarray:
    """A row for every way of every fault, two to a line."""
    camera = VirtualCamera(
        azimuth_deg=view_deg, height_m=1.0, distance_m=3.2, fov_deg=38, width_px=SIZE_PX[0], height_px=SIZE_PX[1]
    )
    tokens = [GOOD]
    tokens += [faulty(Deviation(f, way, knob)) for f in FAULTS[exercise] for way in variant_names(exercise, f)]
    rows = [rep_pictures(exercise, token, camera, body, seed) for token in tokens]
    rows += [np.zeros_like(rows[0])] * (len(rows) % 2)
    return np.vstack([np.hstack(pair) for pair in zip(rows[::2], rows[1::2], strict=True)])


def set_sheet(exercise: str, clips: int, seed: int) -> np.ndarray:
    """Some frames of each of some random clips, a row a clip."""
    rows = []
    for number in range(clips):
        tokens = random_tokens(np.random.default_rng((seed, number)), exercise, (2, 3), idle=0.5, people=0.3)
        size_px = (320, 240) if number % 3 else (180, 240)
        settings = random_clip_settings((seed, number), exercise, tokens, size_px=size_px)
        clip = make_clip(replace(settings, camera=replace(settings.camera, fps=15.0)))
        rows.append(_row(clip))
    return np.vstack(rows)


def _row(clip: Clip) -> np.ndarray:
    width_px = clip.settings.camera.width_px
    count = ROW_PX // width_px
    frames = np.linspace(0, clip.frames - 1, count + 2).astype(int)[1:-1]
    with clip.renderer() as renderer:
        row = np.hstack([renderer.draw(int(i)) for i in frames])
    row = cv2.copyMakeBorder(row, 0, 0, 0, ROW_PX - row.shape[1], cv2.BORDER_CONSTANT, value=(30, 30, 30))
    return written(row, f"{clip.settings.body}, {clip.settings.camera.azimuth_deg:.0f} degrees (synthetic)")


def read_options() -> argparse.Namespace:
    """The command line."""
    options = parser(__doc__)
    options.add_argument("what", choices=("faults", "set"))
    options.add_argument("exercise", choices=EXERCISES)
    options.add_argument("--view", type=float, default=45)
    options.add_argument("--body", default="m19")
    options.add_argument("--knob", type=float, default=1.0)
    options.add_argument("--clips", type=int, default=6)
    options.add_argument("--seed", type=not_negative, default=1)
    options.add_argument("--out", type=Path, required=True)
    return options.parse_args()


def main() -> None:
    given = read_options()
    if given.what == "faults":
        sheet = faults_sheet(given.exercise, given.view, given.body, given.seed, given.knob)
    else:
        sheet = set_sheet(given.exercise, given.clips, given.seed)
    if not cv2.imwrite(str(given.out), sheet):
        raise OutputError(f"{given.out}: can't be written. Give another place, and .png or .jpg, with --out")
    print(f"{given.out}: {sheet.shape[1]} x {sheet.shape[0]}")


if __name__ == "__main__":
    run(main)
